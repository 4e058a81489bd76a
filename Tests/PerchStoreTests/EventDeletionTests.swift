import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirement: what is deleted is invisible at once, later gone, and never comes back.
@Suite("Deletion of events")
struct EventDeletionTests {
    private static let times: Range<Int64> = 1_000_000..<2_000_000
    private static let query = "service b"
    private static let predicate = EventPredicate.equals(FieldReference("service.name"), "b")

    private static func open(_ files: any FileStore, _ headByteCountMax: Int) async throws
        -> EventStore
    {
        try await TestEvents.open(files) { options in
            options.headByteCountMax = headByteCountMax
            options.readDeletion = { text in
                guard text == query else { throw ContractViolation("no query: \(text)") }
                return predicate
            }
        }
    }

    /// 40 rows, every other one of service b.
    private static func batch(_ start: Int64) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let senders = ["a", "b"].map {
            builder.intern(Resource([.init(key: "service.name", value: .string($0))]))
        }
        for row in 0..<40 {
            builder.beginRow(timeNanos: start + Int64(row), resource: senders[row % 2])
            builder.set(.attribute, "n", int: Int64(row))
        }
        return builder.batch
    }

    private static func times(_ store: EventStore, _ order: EventQuery.Order) async throws
        -> [Int64]
    {
        var query = EventQuery(dataset: .logs, times: Self.times)
        query.order = order
        return try await store.all(query).flatMap(\.times)
    }

    @Test(
        "is invisible at once, in memory, in the log and in segments, and stays so",
        arguments: [1, 1 << 28], [false, true])
    func invisible(headByteCountMax: Int, flushes: Bool) async throws {
        let files = InMemoryFiles()
        let store = try await Self.open(files, headByteCountMax)
        for start in [1_000_000, 1_000_020] as [Int64] {
            try await store.append(Self.batch(start))
            if flushes { try await store.flush() }
        }
        let count = try await store.delete(
            .logs, Self.query, Self.predicate, times: 1_000_010..<1_000_050)
        #expect(count == 15 + 15)
        // The same rows again, later: not concerned.
        try await store.append(Self.batch(1_000_030))
        var all: [Int64] = []
        for row in 0..<40 as Range<Int64> {
            // Of both, the even rows are of the other service.
            for place in [row, row + 20]
            where row % 2 == 0 || place < 10 || place >= 50 { all.append(1_000_000 + place) }
            all.append(1_000_030 + row)
        }
        all.sort()
        for order in [EventQuery.Order.oldestFirst, .unordered, .newestFirst] {
            #expect(try await Self.times(store, order).sorted() == all)
        }
        var parts: [Int64] = []
        for var cursor in store.read(EventQuery(dataset: .logs, times: Self.times), parts: 3) {
            while let batch = try await cursor.next() { parts += batch.times }
        }
        #expect(parts.sorted() == all)
        await store.close()

        let again = try await Self.open(files.crashed(), headByteCountMax)
        #expect(try await Self.times(again, .oldestFirst) == all)
        #expect(again.stats.deletionCount == 1)
        try await again.compact()
        #expect(again.stats.rowCount == all.count)
        #expect(again.stats.deletionCount == 0)
        #expect(try await Self.times(again, .oldestFirst) == all)
        await again.close()
        let last = try await TestEvents.open(files)
        #expect(last.stats.deletionCount == 1, "the first folder still has it")
        await last.close()
    }

    @Test("the upkeep takes out what was deleted, by itself")
    func upkeepCarriesOut() async throws {
        let files = InMemoryFiles()
        let store = try await Self.open(files, 1 << 28)
        for _ in 0..<3 { try await store.append(Self.batch(1_000_000)) }
        _ = try await store.delete(.logs, Self.query, Self.predicate, times: Self.times)
        #expect(store.stats.rowCount == 120)
        await store.maintain()
        #expect(store.stats.rowCount == 60)
        #expect(store.stats.droppedRowCount == 60)
        #expect(store.stats.deletionCount == 0)
        await store.close()
    }

    @Test("a deletion that nobody can read any more hides all of its times, and takes out nothing")
    func unreadable() async throws {
        let files = InMemoryFiles()
        let store = try await Self.open(files, 1)
        try await store.append(Self.batch(1_000_000))
        _ = try await store.delete(
            .logs, Self.query, Self.predicate, times: 1_000_000..<1_000_010)
        await store.close()
        let other = try await TestEvents.open(files)
        #expect(try await Self.times(other, .oldestFirst).count == 30)
        try await other.compact()
        #expect(other.stats.rowCount == 40)
        await other.close()
        let again = try await Self.open(files, 1)
        #expect(try await Self.times(again, .oldestFirst).count == 35)
        try await again.compact()
        #expect(again.stats.rowCount == 35)
        await again.close()
    }

    @Test("a damaged list is set aside, one of a newer version is left alone")
    func damagedList() async throws {
        let files = InMemoryFiles()
        let store = try await Self.open(files, 1)
        try await store.append(Self.batch(1_000_000))
        _ = try await store.delete(.logs, Self.query, Self.predicate, times: Self.times)
        await store.close()
        let path = TestEvents.directory.child("segments").child("DELETIONS")
        for offset in 0..<(try files.byteCount(of: path)) {
            let copy = files.crashed()
            copy.damage(path) { $0[offset] ^= 0x10 }
            let store = try await Self.open(copy, 1)
            #expect(try await Self.times(store, .oldestFirst).count == 40)
            #expect(try copy.list(path.folder).contains("DELETIONS.damaged"))
            await store.close()
        }
    }

    @Test("too many and too long ones are refused")
    func refused() async throws {
        let store = try await Self.open(InMemoryFiles(), 1)
        try await store.append(Self.batch(1_000_000))
        let long = String(repeating: "x", count: 17_000)
        await #expect(throws: StoreFailure.self) {
            try await store.delete(.logs, long, Self.predicate, times: Self.times)
        }
        for index in 0..<256 {
            // Times without a row that is left need no deletion.
            _ = try await store.delete(
                .logs, Self.query, .equals(FieldReference("n"), "\(index % 40)"),
                times: (1_000_000 + Int64(index % 40))..<(1_000_001 + Int64(index % 40)))
        }
        #expect(store.stats.deletionCount == 40)
        await store.close()
    }
}
