package import PerchModel

/// What a store did otherwise than its seam promises.
package struct ContractViolation: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw ContractViolation(message()) }
}

/// What every event store promises.
///
/// Each check takes an empty store.
package enum EventStoreContract {
    package typealias Store = any (EventSink & EventSource)

    private static let times: Range<Int64> = 1_000_000..<2_000_000

    /// All checks, each on a store of its own.
    package static func verify(_ makeStore: () async throws -> Store) async throws {
        try await answersAgree(makeStore(), seed: 1)
        try await answersAgree(makeStore(), seed: 2)
        try await projects(makeStore())
        try await weighs(makeStore())
        try await namesFields(makeStore())
        try await readsAreSnapshots(makeStore())
        try await emptyAnswers(makeStore())
        try await cancellation(makeStore())
        try await wholeBatches(makeStore())
    }

    /// Appended at random and asked at random, the answers are those of the oracle.
    package static func answersAgree(_ store: Store, seed: UInt64) async throws {
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: seed)
        for _ in 0..<20 {
            let dataset: Dataset = random.int(0..<3) == 0 ? .spans : .logs
            let start = Int64(random.int(1_000_000..<1_900_000))
            let batch = random.batch(dataset, rowCountMax: 40, times: start..<start + 100_000)
            try await store.append(batch)
            try await oracle.append(batch)
        }
        try await compare(store, oracle, &random, questionCount: 25)
    }

    /// Random questions to both; used beside a model as well.
    package static func compare(
        _ store: some EventSource, _ oracle: some EventSource, _ random: inout RandomEvents,
        questionCount: Int
    ) async throws {
        for _ in 0..<questionCount {
            var query = EventQuery(dataset: random.int(0..<3) == 0 ? .spans : .logs, times: times)
            if random.int(0..<2) == 0 {
                let start = Int64(random.int(900_000..<2_000_000))
                query.times = start..<start + Int64(random.int(0..<500_000))
            }
            query.predicate = random.predicate()
            query.order = [.newestFirst, .oldestFirst, .unordered][random.int(0..<3)]
            query.limit = random.int(0..<2) == 0 ? random.int(0..<200) : nil
            try await sameAnswer(store, oracle, query)
        }
    }

    private static func sameAnswer(
        _ store: some EventSource, _ oracle: some EventSource, _ query: EventQuery
    ) async throws {
        let got = try await store.all(query)
        try require(got.allSatisfy { $0.rowCount > 0 }, "an empty batch: \(query)")
        let rows = got.flatMap { EventOracle.rows($0) }
        let expected = try await oracle.all(query).flatMap { EventOracle.rows($0) }
        // Rows of one time come in any order, and a limit may cut among them.
        if query.order == .unordered {
            try require(rows.count == expected.count, "\(rows.count) rows: \(query)")
        } else {
            try require(rows.map(\.time) == expected.map(\.time), "other times or order: \(query)")
        }
        var unlimited = query
        unlimited.limit = nil
        let all = counts(try await oracle.all(unlimited).flatMap { EventOracle.rows($0) })
        try require(
            counts(rows).allSatisfy { all[$0.key, default: 0] >= $0.value },
            "rows that were never written, or twice: \(query)")
        var parts: [EventOracle.Row] = []
        for var cursor in store.read(unlimited, parts: 3) {
            var last: Int64?
            while let batch = try await cursor.next() {
                for time in batch.times {
                    try require(query.order.mayFollow(time, last), "a part has no order: \(query)")
                    last = time
                }
                parts += EventOracle.rows(batch)
            }
        }
        try require(counts(parts) == all, "the parts are not the whole: \(query)")
    }

    private static func counts(_ rows: [EventOracle.Row]) -> [EventOracle.Row: Int] {
        rows.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// A projection gives the fields asked for, and times and resources always.
    package static func projects(_ store: Store) async throws {
        var random = RandomEvents(seed: 7)
        try await store.append(random.batch(.logs, rowCountMax: 50, times: times))
        var query = EventQuery(dataset: .logs, times: times)
        query.projection = .fields([
            FieldReference("level"), FieldReference("body", space: .record),
        ])
        for batch in try await store.all(query) {
            try require(
                batch.columns.allSatisfy {
                    $0.name == "level" || ($0.name == "body" && $0.space == .record)
                }, "columns that were not asked for")
            try require(batch.resourceIndexes.count == batch.rowCount, "no resources")
        }
    }

    /// The weight of a row comes with it, asked for or not.
    package static func weighs(_ store: Store) async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for row in 0..<10 {
            builder.beginRow(timeNanos: times.lowerBound + Int64(row), resource: resource)
            if row % 3 == 0 { builder.set(.record, RecordField.weight, int: Int64(row)) }
        }
        try await store.append(builder.batch)
        var query = EventQuery(dataset: .logs, times: times)
        query.projection = .fields([])
        var weights: [Int64] = []
        for batch in try await store.all(query) {
            weights += (0..<batch.rowCount).map { batch.weight(ofRow: $0) }
            let bulk = batch.weights ?? Array(repeating: 1, count: batch.rowCount)
            try require(weights.suffix(batch.rowCount).elementsEqual(bulk), "two weights")
            try require(batch.totalWeight == bulk.reduce(0, +), "another sum of weights")
        }
        try require(weights == [9, 1, 1, 6, 1, 1, 3, 1, 1, 1], "weights \(weights)")
    }

    /// The fields are those of the rows and of their senders.
    package static func namesFields(_ store: Store) async throws {
        var random = RandomEvents(seed: 11)
        var expected = EventFieldList()
        for _ in 0..<5 {
            let batch = random.batch(.logs, rowCountMax: 50, times: times)
            // A sender without a row may be named or not: there is none here.
            let whole = batch.selecting(rows: batch.times.indices.map { UInt32($0) })
            expected.add(whole)
            try await store.append(whole)
        }
        let fields = try await store.fields(of: .logs, times: times)
        try require(fields == expected.fields, "fields \(fields)")
        let none = try await store.fields(of: .spans, times: times)
        try require(none.isEmpty, "fields of nothing: \(none)")
    }

    /// A cursor sees what was visible when it was opened.
    package static func readsAreSnapshots(_ store: Store) async throws {
        var random = RandomEvents(seed: 8)
        let first = random.batch(.logs, rowCountMax: 50, times: times)
        try await store.append(first)
        var cursor = store.read(EventQuery(dataset: .logs, times: times))
        try await store.append(random.batch(.logs, rowCountMax: 50, times: times))
        var count = 0
        while let batch = try await cursor.next() { count += batch.rowCount }
        try require(count == first.rowCount, "\(count) rows in a snapshot of \(first.rowCount)")
    }

    /// No rows: nil at once, and no failure.
    package static func emptyAnswers(_ store: Store) async throws {
        let none = try await store.all(EventQuery(dataset: .spans, times: times))
        try require(none.isEmpty, "rows in an empty store")
        var random = RandomEvents(seed: 9)
        try await store.append(random.batch(.logs, rowCountMax: 5, times: times))
        let before = try await store.all(EventQuery(dataset: .logs, times: 0..<1_000_000))
        try require(before.isEmpty, "rows before the first")
        try await store.append(EventBatch(dataset: .logs))
    }

    /// A cancelled reader is told so.
    package static func cancellation(_ store: Store) async throws {
        var random = RandomEvents(seed: 10)
        try await store.append(random.batch(.logs, rowCountMax: 50, times: times))
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            do {
                _ = try await store.all(EventQuery(dataset: .logs, times: times))
                return false
            } catch {
                return (error as? StoreFailure) == .cancelled
            }
        }
        task.cancel()
        let wasCancelled = await task.value
        try require(wasCancelled, "a cancelled read went on")
    }

    /// Many write while many read: a read sees each batch whole or not at all.
    package static func wholeBatches(_ store: Store) async throws {
        let rowCount = 17
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<10 {
                        let mark = Int64(writer * 100 + round)
                        try await store.append(batch(mark: mark, rowCount: rowCount))
                    }
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10 {
                        let seen = try await marks(store)
                        try require(
                            seen.values.allSatisfy { $0 == rowCount }, "part of a batch: \(seen)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let seen = try await marks(store)
        try require(seen.count == 80, "\(seen.count) of 80 batches")
        try require(seen.values.allSatisfy { $0 == rowCount }, "part of a batch at the end")
    }

    private static func batch(mark: Int64, rowCount: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: 1_000_000 + Int64(row) * 1000 + mark, resource: resource)
            builder.set(.attribute, "mark", int: mark)
        }
        return builder.batch
    }

    private static func marks(_ store: Store) async throws -> [FieldValue: Int] {
        var counts: [FieldValue: Int] = [:]
        for batch in try await store.all(EventQuery(dataset: .logs, times: times)) {
            for row in 0..<batch.rowCount {
                guard let mark = batch.value(of: FieldReference("mark"), row: row) else { continue }
                counts[mark, default: 0] += 1
            }
        }
        return counts
    }
}

extension EventQuery.Order {
    fileprivate func mayFollow(_ time: Int64, _ last: Int64?) -> Bool {
        guard let last else { return true }
        return switch self {
        case .newestFirst: time <= last
        case .oldestFirst: time >= last
        case .unordered: true
        }
    }
}
