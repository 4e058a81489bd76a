import PerchEvents
import PerchModel
import PerchTestSupport
import Testing

@Suite("Budgets of memory and disk of events")
struct EventBudgetTests {
    @Test("a reopened event store answers alike with any budget", arguments: [1, 60_000, 1 << 28])
    func eventsWithBudget(headByteCountMax: Int) async throws {
        let files = InMemoryFiles()
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 5)
        let writer = try await TestEvents.open(files) { $0.fileByteCountMax = 20_000 }
        for _ in 0..<30 {
            let start = Int64(random.int(1_000_000..<1_900_000))
            let batch = random.batch(.logs, rowCountMax: 40, times: start..<start + 50_000)
            try await writer.append(batch)
            try await oracle.append(batch)
        }
        await writer.close()
        let store = try await TestEvents.open(files) { options in
            options.headByteCountMax = headByteCountMax
            options.fileByteCountMax = 20_000
        }
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 20)
        let rowCount = writer.stats.rowCount
        #expect(store.stats.rowCount == rowCount)
        if headByteCountMax == 1 { #expect(store.stats.rowCountInMemory < rowCount) }
        if headByteCountMax == 1 << 28 { #expect(store.stats.replayedRowCount == rowCount) }
        await store.close()
    }

    @Test("sealed files become segments by themselves and leave memory", arguments: [false, true])
    func eventsAreCutByThemselves(_ isPolicyAtWork: Bool) async throws {
        let files = InMemoryFiles()
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 7)
        let store = try await TestEvents.open(files) { options in
            options.fileByteCountMax = 20_000
            options.cutsByItself = true
            options.sealPolicy = .init(.spans, isActive: { isPolicyAtWork }, apply: { $0 })
        }
        for _ in 0..<60 {
            let start = Int64(random.int(1_000_000..<1_900_000))
            let batch = random.batch(.logs, rowCountMax: 40, times: start..<start + 50_000)
            try await store.append(batch)
            try await oracle.append(batch)
        }
        // A policy sees much at once: it waits for the upkeep.
        if !isPolicyAtWork {
            for _ in 0..<500 where store.stats.segmentCount < 2 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(store.stats.segmentCount >= 2)
            #expect(store.stats.rowCountInMemory < store.stats.rowCount)
        } else {
            #expect(store.stats.segmentCount == 0)
            await store.maintain()
            #expect(store.stats.segmentCount >= 2)
        }
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 20)
        await store.close()
        let again = try await TestEvents.open(files)
        try await EventStoreContract.compare(again, oracle, &random, questionCount: 20)
        await again.close()
    }

    @Test("over the disk limit the oldest events go, and are counted")
    func eventsOverDiskLimit() async throws {
        let store = try await TestEvents.open { options in
            options.fileByteCountMax = 10_000
            options.diskByteCountMax = 50_000
        }
        var random = RandomEvents(seed: 6)
        var rowCount = 0
        for index in 0..<60 {
            let start = Int64(1_000_000 + index * 1000)
            let batch = random.batch(.logs, rowCountMax: 60, times: start..<start + 1000)
            rowCount += batch.rowCount
            try await store.append(batch)
        }
        let stats = store.stats
        #expect(stats.byteCountOnDisk < 70_000)
        #expect(stats.removedRowCount > 0)
        #expect(stats.removedFileCount > 0)
        #expect(stats.rowCount + stats.removedRowCount == rowCount)
        let left = try await store.all(EventQuery(dataset: .logs, times: 0..<2_000_000))
        #expect(left.reduce(0) { $0 + $1.rowCount } == stats.rowCount)
        #expect((left.last?.times.last ?? 0) > 1_000_000, "the oldest rows are still there")
        await store.close()
    }

    @Test("a closed store refuses")
    func closedRefuses() async throws {
        let store = try await TestEvents.open()
        var random = RandomEvents(seed: 1)
        let batch = random.batch(.logs, rowCountMax: 5, times: 0..<10)
        await store.close()
        await #expect(throws: StoreFailure.closed) { try await store.append(batch) }
    }

    private static func write(
        _ store: EventStore, _ oracle: InMemoryEventStore, _ random: inout RandomEvents, count: Int
    ) async throws {
        for _ in 0..<count {
            let dataset: Dataset = random.int(0..<3) == 0 ? .spans : .logs
            let start = Int64(random.int(1_000_000..<1_500_000))
            let batch = random.batch(dataset, rowCountMax: 60, times: start..<start + 400_000)
            try await store.append(batch)
            try await oracle.append(batch)
        }
    }

    @Test("memory stays within the budget although all rows are in one file")
    func newestFileLeavesMemory() async throws {
        let store = try await TestEvents.open { options in
            options.headByteCountMax = 50_000
            options.fileByteCountMax = 1 << 19
        }
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 11)
        for _ in 0..<4 {
            try await Self.write(store, oracle, &random, count: 5)
            #expect(store.stats.byteCountInMemory <= 50_000)
        }
        #expect(store.stats.rowCountInMemory < store.stats.rowCount)
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 6)
        await store.close()
    }

    @Test("a file ends when its rows take much memory, however few bytes they are in the log")
    func filesEndByMemory() async throws {
        let store = try await TestEvents.open { options in
            options.headByteCountMax = 2 << 20
            options.fileByteCountMax = 1 << 19
        }
        for round in 0..<12 {
            try await store.append(Self.unfolding(round))
        }
        #expect(store.stats.byteCountOnDisk < 200_000)
        #expect(store.stats.fileCount >= 3)
        #expect(store.stats.byteCountInMemory <= 2 << 20)
        let rows = try await store.all(EventQuery(dataset: .logs, times: 0..<100))
        #expect(rows.reduce(0) { $0 + $1.rowCount } == 12 * 30)
        await store.close()
    }

    /// 30 rows that are 280 KB in memory and 6 KB in the log.
    private static func unfolding(_ round: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for _ in 0..<30 {
            builder.beginRow(timeNanos: Int64(round), resource: sender)
            for field in 0..<500 { builder.set(.attribute, "f\(field)", .int(1)) }
        }
        return builder.batch
    }

    /// 30 rows that are 300 KB in memory.
    private static func large(_ round: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for row in 0..<30 {
            builder.beginRow(timeNanos: Int64(round), resource: sender)
            let text = String(repeating: "x", count: 10_000) + String(row)
            builder.set(.record, "body", .string(text))
        }
        return builder.batch
    }

    @Test("a replay loads at most the budget, and the rest is read from the disk")
    func replayStaysWithinBudget() async throws {
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files) { $0.fileByteCountMax = 1 << 19 }
        for round in 0..<8 { try await writer.append(Self.unfolding(round)) }
        #expect(writer.stats.fileCount == 1)
        await writer.close()
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 << 20 }
        #expect(store.stats.byteCountInMemory <= 1 << 20)
        #expect(store.stats.rowCount == 8 * 30)
        let rows = try await store.all(EventQuery(dataset: .logs, times: 0..<100))
        #expect(rows.reduce(0) { $0 + $1.rowCount } == 8 * 30)
        await store.close()
    }

    @Test(
        "a read that must hold back much answers alike", arguments: [20_000, 60_000], [1, 1 << 28])
    func readsHoldBackLittle(readByteCountMax: Int, headByteCountMax: Int) async throws {
        let store = try await TestEvents.open { options in
            options.readByteCountMax = readByteCountMax
            options.headByteCountMax = headByteCountMax
        }
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 12)
        try await Self.write(store, oracle, &random, count: 15)
        // From files of the log, then from segments, several blocks of which are read at once.
        for isFlushed in [false, true] {
            if isFlushed { try await store.flush() }
            try await EventStoreContract.compare(store, oracle, &random, questionCount: 8)
            for order in [EventQuery.Order.newestFirst, .oldestFirst] {
                var query = EventQuery(dataset: .logs, times: 0..<3_000_000)
                query.order = order
                let rows = try await store.all(query).flatMap { EventOracle.rows($0) }
                let expected = try await oracle.all(query).flatMap { EventOracle.rows($0) }
                #expect(rows.map(\.time) == expected.map(\.time))
                #expect(Set(rows) == Set(expected))
            }
        }
        #expect(store.stats.segmentCount > 0)
        await store.close()
    }

    @Test("more rows of one time than a read may hold are refused, and a limit helps")
    func oneTimeIsBounded() async throws {
        let store = try await TestEvents.open { options in
            options.readByteCountMax = 200_000
            // Each batch becomes a file.
            options.headByteCountMax = 1
        }
        for _ in 0..<6 {
            // Unread, a file up to 2 might hold rows before those of 1: they wait.
            var batch = Self.large(1)
            batch.times[0] = 2
            batch.times[29] = 0
            try await store.append(batch)
        }
        var query = EventQuery(dataset: .logs, times: 0..<100)
        let failure = await #expect(throws: StoreFailure.self) { try await store.all(query) }
        guard case .tooLarge = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        query.limit = 10
        #expect(try await store.all(query).reduce(0) { $0 + $1.rowCount } == 10)
        await store.close()
    }
}
