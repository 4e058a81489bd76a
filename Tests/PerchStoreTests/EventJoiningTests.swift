import PerchBytes
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// Rows that come as one count as many; what is asked for early is what comes first.
@Suite("Blocks of a segment, joined and cut")
struct EventJoiningTests {
    /// What must be the same of two rows for them to be joined.
    private struct Key: Hashable {
        var stretch: Int64
        var sender: Resource?
        var values: [FieldValue?]
    }

    private static func counts(
        _ batches: [EventBatch], _ joining: EventQuery.Joining, _ fields: [FieldReference]
    ) -> [Key: Int64] {
        var counts: [Key: Int64] = [:]
        for batch in batches {
            for row in 0..<batch.rowCount {
                let stretch = joining.stretches.map { stretches in
                    let distance = batch.times[row] - stretches.start
                    return distance >= 0
                        ? distance / stretches.length : (distance + 1) / stretches.length - 1
                }
                let key = Key(
                    stretch: stretch ?? 0,
                    sender: joining.keepsResources ? batch.resource(ofRow: row) : nil,
                    values: fields.map { field in
                        batch.columns(of: field).lazy.compactMap { column in
                            column.index(ofRow: row).map { column.value(at: $0) }
                        }.first
                    })
                counts[key, default: 0] += batch.weight(ofRow: row)
            }
        }
        return counts
    }

    private static func batch(_ random: inout RandomEvents) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let senders = ["a", "b", "c"].map {
            builder.intern(Resource([.init(key: "service.name", value: .string($0))]))
        }
        var time: Int64 = -3_000
        for _ in 0..<random.int(1..<700) {
            time += Int64(random.int(0..<40))
            builder.beginRow(timeNanos: time, resource: senders[random.int(0..<3)])
            builder.set(.attribute, "level", .string(["info", "warn", ""][random.int(0..<3)]))
            if random.int(0..<3) > 0 {
                builder.set(.attribute, "status", .int(Int64(random.int(-2..<5))))
            }
            if random.int(0..<3) == 0 { builder.set(.attribute, "ok", .bool(time % 2 == 0)) }
            if random.int(0..<9) == 0 {
                builder.set(.record, RecordField.weight, .int(Int64(random.int(0..<20))))
            }
            builder.set(.attribute, "id", .string("\(time * 7919)"))
            builder.set(.attribute, "ms", .double(Double(random.int(0..<5))))
        }
        return builder.batch
    }

    @Test("joined rows weigh what the rows do", arguments: 0..<20)
    func joined(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = Self.batch(&random)
        let written = try WrittenBlock(batch)
        for _ in 0..<20 {
            var fields = ["level", "status", "ok", "id", "ms"].filter { _ in random.int(0..<3) == 0
            }
            .map { FieldReference($0, space: .attribute) }
            if random.int(0..<2) == 0 { fields.removeAll { ["id", "ms"].contains($0.name) } }
            var query = EventQuery(dataset: .logs, times: .min ..< .max)
            if random.int(0..<2) == 0 {
                let start = Int64(random.int(-4_000..<9_000))
                query.times = start..<start + Int64(random.int(1..<9_000))
            }
            query.predicate =
                [
                    .all, .equals(FieldReference("level"), "warn"), .exists(FieldReference("ok")),
                    .compares(FieldReference("status"), .greaterOrEqual, 2),
                    .not(.compares(FieldReference("status"), .less, 9)),
                    .equals(FieldReference("service.name"), "b"),
                ][random.int(0..<6)]
            query.projection = .fields(fields)
            query.order = .unordered
            let plain = try written.answer(query)
            let joining = EventQuery.Joining(
                stretches: random.int(0..<2) == 0
                    ? nil
                    : EventQuery.Joining.Stretches(
                        start: Int64(random.int(-5_000..<5_000)),
                        length: Int64(random.int(1..<3_000))),
                keepsResources: random.int(0..<2) == 0)
            query.joining = joining
            let rows = try written.answer(query)
            #expect(rows?.times.allSatisfy(query.times.contains) ?? true)
            #expect(
                Self.counts(rows.map { [$0] } ?? [], joining, fields)
                    == Self.counts(plain.map { [$0] } ?? [], joining, fields),
                "seed \(seed): \(query)")
        }
    }

    @Test("texts with a number are counted over blocks", arguments: 0..<12)
    func tallied(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        let user = FieldReference("user", space: .attribute)
        var query = EventQuery(dataset: .logs, times: .min ..< .max)
        query.predicate = seed % 2 == 0 ? .exists(user) : .equals(FieldReference("ok"), "true")
        query.order = .unordered
        query.projection = .fields([user])
        query.joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        var tally: TextTally? = TextTally(.logs)
        var plain: [EventBatch] = []
        var answers: [EventBatch] = []
        for block in 0..<6 {
            var builder = EventBatchBuilder(dataset: .logs)
            let sender = builder.intern(Resource([]))
            for row in 0..<900 {
                builder.beginRow(timeNanos: Int64(block * 900 + row), resource: sender)
                // In one block numbers are too large, in another there are texts of another kind.
                let number = random.int(0..<400) + (seed % 4 == 3 && block == 2 ? 2_000_000_000 : 0)
                let word = block == 4 && seed % 3 == 0 ? "0\(number) of \(number)" : "u_\(number)"
                if random.int(0..<5) > 0 {
                    let text = random.int(0..<9) == 0 ? "guest \(number)!" : word
                    builder.set(.attribute, "user", .string(text))
                }
                builder.set(.attribute, "ok", .bool(random.int(0..<3) > 0))
                if seed % 5 == 0, random.int(0..<9) == 0 {
                    builder.set(.record, RecordField.weight, .int(Int64(random.int(1..<20))))
                }
            }
            let written = try WrittenBlock(builder.batch)
            if let rows = try written.answer(query, &tally) { answers.append(rows) }
            query.joining = nil
            if let rows = try written.answer(query) { plain.append(rows) }
            query.joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        }
        let ownCount = answers.count
        while let rows = tally?.take(100) {
            #expect(rows.rowCount <= 100)
            answers.append(rows)
        }
        let joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        #expect(Self.counts(answers, joining, [user]) == Self.counts(plain, joining, [user]))
        // From the first block that is refused on, each answers for itself.
        let countedCount = seed % 4 == 3 ? 2 : seed % 3 == 0 ? 4 : 6
        #expect(ownCount == 6 - countedCount)
    }

    @Test("weights are no field that rows are told apart by")
    func weights() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([.init(key: "service.name", value: .string("a"))]))
        for row in 0..<1000 {
            builder.beginRow(timeNanos: Int64(row), resource: sender)
            if row % 10 < 2 {
                builder.set(.record, RecordField.weight, .int(row % 10 == 0 ? 10 : 20))
            }
        }
        let written = try WrittenBlock(builder.batch)
        for predicate in [
            .all, .exists(FieldReference("service.name", space: .resource)),
        ] as [EventPredicate] {
            var query = EventQuery(dataset: .logs, times: .min ..< .max)
            query.predicate = predicate
            query.order = .unordered
            query.projection = .fields([FieldReference("level")])
            query.joining = EventQuery.Joining(stretches: nil, keepsResources: false)
            #expect(try written.answer(query)?.totalWeight == 800 + 100 * 10 + 100 * 20)
        }
    }

    @Test("texts are counted over a store's blocks, but for what is deleted", arguments: 0..<4)
    func talliedStore(seed: Int) async throws {
        var random = RandomEvents(seed: UInt64(seed))
        let gone = EventPredicate.equals(FieldReference("service.name"), "b")
        let store = try await TestEvents.open { options in
            options.headByteCountMax = 1
            options.readDeletion = { _ in gone }
        }
        let user = FieldReference("user", space: .attribute)
        for block in 0..<5 {
            var builder = EventBatchBuilder(dataset: .logs)
            let senders = ["a", "b"].map {
                builder.intern(Resource([.init(key: "service.name", value: .string($0))]))
            }
            for row in 0..<800 {
                let time = Int64(1_000_000 + block * 800 + row)
                builder.beginRow(timeNanos: time, resource: senders[random.int(0..<2)])
                // One block has more patterns than are counted over blocks.
                let other = "w" + String(repeating: "x", count: row % 40)
                let word = seed == 3 && block == 2 ? other : "u"
                builder.set(.attribute, "user", .string("\(word)_\(random.int(0..<300))"))
            }
            try await store.append(builder.batch)
            try await store.flush()
        }
        if seed > 0 {
            _ = try await store.delete(.logs, "b", gone, times: 1_000_900..<1_002_000)
        }
        var query = EventQuery(dataset: .logs, times: 1_000_100..<1_003_900)
        query.order = .unordered
        query.projection = .fields([user])
        let plain = try await store.all(query)
        query.joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        let joined = try await store.all(query)
        let joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        #expect(Self.counts(joined, joining, [user]) == Self.counts(plain, joining, [user]))
        if seed < 3 {
            let rowCount = joined.reduce(0) { $0 + $1.rowCount }
            #expect(rowCount < plain.reduce(0) { $0 + $1.rowCount } / 2)
        }
        await store.close()
    }

    @Test("many rows become few")
    func few() throws {
        var random = RandomEvents(seed: 4)
        let batch = Self.batch(&random)
        var query = EventQuery(dataset: .logs, times: .min ..< .max)
        query.order = .unordered
        query.projection = .fields([FieldReference("level")])
        query.joining = EventQuery.Joining(stretches: nil, keepsResources: false)
        let rows = try WrittenBlock(batch).answer(query)
        #expect(rows?.rowCount == 3)
        #expect(rows?.totalWeight == batch.totalWeight)
    }

    /// What a level is: a severity number from 1 to 24, else the record's own word.
    private static func levels(_ batch: EventBatch?) -> [String: Int64] {
        guard let batch else { return [:] }
        var names = [String](repeating: "", count: batch.rowCount)
        for name in [RecordField.severityText, RecordField.severityNumber] {
            for column in batch.columns where column.space == .record && column.name == name {
                for (index, row) in column.rows.enumerated() {
                    let text = column.value(at: index).text
                    if name == RecordField.severityText || (1...24).contains(Int(text) ?? 0) {
                        names[Int(row)] = text
                    }
                }
            }
        }
        var counts: [String: Int64] = [:]
        for row in 0..<batch.rowCount {
            counts[names[row], default: 0] += batch.weight(ofRow: row)
        }
        return counts
    }

    @Test("words that numbers imply are left out where all rows have numbers", arguments: 0..<6)
    func implied(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for row in 0..<700 {
            builder.beginRow(timeNanos: Int64(row), resource: resource)
            // In some blocks, a row has no number, or one that is none.
            let number =
                row == 333 ? [5, 9, 0, 25][seed % 4] : [1, 9, 9, 17, 24][random.int(0..<5)]
            if row != 333 || seed < 4 {
                builder.set(.record, RecordField.severityNumber, .int(Int64(number)))
            }
            builder.set(.record, RecordField.severityText, .string("w\(random.int(0..<40))"))
        }
        let written = try WrittenBlock(builder.batch)
        var query = EventQuery(dataset: .logs, times: .min ..< .max)
        query.order = .unordered
        query.projection = .fields(
            [RecordField.severityNumber, RecordField.severityText].map {
                FieldReference($0, space: .record)
            })
        let plain = try written.answer(query)
        query.joining = EventQuery.Joining(
            stretches: nil, keepsResources: false, implied: .levelText)
        let rows = try written.answer(query)
        #expect(Self.levels(rows) == Self.levels(plain))
        // Seeds 0 and 1 have nothing but numbers of levels.
        #expect((rows?.rowCount ?? 0 <= 5) == (seed < 2), "\(rows?.rowCount ?? 0)")
    }

    @Test("a limit takes the rows that come first", arguments: [1, 5, 64, 65, 699])
    func limits(count: Int) throws {
        var random = RandomEvents(seed: UInt64(count))
        let batch = Self.batch(&random)
        let written = try WrittenBlock(batch)
        var query = EventQuery(dataset: .logs, times: .min ..< .max)
        query.limit = count
        #expect(try written.answer(query)?.times == Array(batch.times.suffix(count)))
        query.order = .oldestFirst
        #expect(try written.answer(query)?.times == Array(batch.times.prefix(count)))
        query.limit = 0
        #expect(try written.answer(query) == nil)
    }

    @Test("numbers that are passed over end where they are read to", arguments: 0..<8)
    func skipping(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let lists = (0..<40).map { index in
            (0..<index * 5).map { _ in
                Int64.random(in: 0..<(1 << Int64(1 + seed * 8)), using: &random)
            }
        }
        var bytes: [UInt8] = []
        for list in lists { IntegerCodec.append(list, ChunkPacker(), to: &bytes) }
        var reading = ByteReader(bytes)
        var skipping = ByteReader(bytes)
        for list in lists {
            let read: [Int64] = try IntegerCodec.read(count: list.count, &reading)
            #expect(read == list)
            try IntegerCodec.skip(count: list.count, &skipping)
            #expect(skipping.position == reading.position)
        }
    }
}
