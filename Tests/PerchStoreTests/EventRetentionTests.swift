import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirements: RET-1, by dataset; what is too old is not shown, and goes also without new rows.
@Suite("Retention of events")
struct EventRetentionTests {
    private static let second: Int64 = 1_000_000_000

    private static func batch(_ dataset: Dataset, at time: Int64, rowCount: Int = 10) -> EventBatch
    {
        var builder = EventBatchBuilder(dataset: dataset)
        let sender = builder.intern(Resource([]))
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: time + Int64(row), resource: sender)
            builder.set(.attribute, "n", int: Int64(row))
        }
        return builder.batch
    }

    private static func rowCount(_ store: EventStore, _ dataset: Dataset) async throws -> Int {
        try await store.all(EventQuery(dataset: dataset, times: 0..<Int64.max)).reduce(0) {
            $0 + $1.rowCount
        }
    }

    @Test("rows past their time are not shown, by dataset, before anything is removed")
    func oldRowsAreNotShown() async throws {
        let clock = ManualClock()
        let store = try await TestEvents.open(clock: clock) { options in
            options.retentionNanos = 60 * Self.second
            options.retentionNanosByDataset = [.spans: 10 * Self.second]
        }
        try await store.append(Self.batch(.logs, at: clock.now()))
        try await store.append(Self.batch(.spans, at: clock.now()))
        #expect(try await Self.rowCount(store, .spans) == 10)
        clock.advance(nanos: 11 * Self.second)
        #expect(try await Self.rowCount(store, .spans) == 0)
        #expect(try await Self.rowCount(store, .logs) == 10)
        // The file has logs that stay.
        await store.maintain()
        #expect(store.stats.rowCount == 20)
        clock.advance(nanos: 50 * Self.second)
        #expect(try await Self.rowCount(store, .logs) == 0)
        await store.close()
    }

    @Test("a quiet store ages: the file that is still written goes too")
    func quietStoreAges() async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files, clock: clock) {
            $0.retentionNanos = 60 * Self.second
        }
        try await store.append(Self.batch(.logs, at: clock.now()))
        await store.maintain()
        #expect(store.stats.rowCount == 10)
        clock.advance(nanos: 61 * Self.second)
        await store.maintain()
        #expect(store.stats.rowCount == 0)
        #expect(store.stats.removedRowCount == 10)
        #expect(store.stats.byteCountOnDisk == 0)
        #expect(try files.list(TestEvents.directory).allSatisfy { !$0.hasSuffix(".log") })
        try await store.append(Self.batch(.logs, at: clock.now()))
        #expect(try await Self.rowCount(store, .logs) == 10)
        await store.close()
    }

    @Test("files that are read from the disk age by the datasets in them, also without a manifest")
    func filesOnDiskAge() async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files, clock: clock)
        for dataset in [Dataset.spans, .logs, .spans] {
            try await writer.append(Self.batch(dataset, at: clock.now()))
            try await writer.flush()
        }
        await writer.close()
        for hasManifest in [true, false] {
            let files = files.crashed()
            if !hasManifest { try files.remove(TestEvents.directory.child("MANIFEST")) }
            let store = try await TestEvents.open(files, clock: clock) { options in
                options.headByteCountMax = 1
                options.retentionNanos = 600 * Self.second
                options.retentionNanosByDataset = [.spans: 10 * Self.second]
            }
            await store.maintain()
            #expect(store.stats.fileCount == 3)
            clock.advance(nanos: 11 * Self.second)
            await store.maintain()
            #expect(store.stats.fileCount == 1)
            #expect(store.stats.removedRowCount == 20)
            #expect(try await Self.rowCount(store, .logs) == 10)
            clock.advance(nanos: -11 * Self.second)
            await store.close()
        }
    }

    @Test("what retention removes meanwhile does not shorten an answer", arguments: [1, 1 << 28])
    func answersStayWhole(headByteCountMax: Int) async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files, clock: clock) { options in
            options.headByteCountMax = headByteCountMax
            options.retentionNanos = 60 * Self.second
        }
        let start = clock.now()
        for file in 0..<5 {
            let time = start + Int64(file) * 1_000_000
            try await store.append(Self.batch(.logs, at: time, rowCount: 9000))
            try await store.flush()
        }
        var cursor: (any EventCursor)? = store.read(
            EventQuery(dataset: .logs, times: start..<Int64.max))
        var rowCount = try await cursor?.next()?.rowCount ?? 0
        clock.advance(nanos: 120 * Self.second)
        await store.maintain()
        #expect(store.stats.rowCount == 0)
        while let batch = try await cursor?.next() { rowCount += batch.rowCount }
        #expect(rowCount == 45_000)
        cursor = nil
        try await store.append(Self.batch(.logs, at: clock.now()))
        #expect(try files.list(TestEvents.directory).count { $0.hasSuffix(".log") } == 1)
        await store.close()
    }

    @Test("a file without a readable row goes with the one after it")
    func unreadableFilesAge() async throws {
        let clock = ManualClock()
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files, clock: clock)
        for _ in 0..<2 {
            try await writer.append(Self.batch(.logs, at: clock.now()))
            try await writer.flush()
        }
        await writer.close()
        files.damage(TestEvents.directory.child(FileNames.writeLog(sequence: 1))) { bytes in
            bytes.replaceSubrange(0..., with: repeatElement(7, count: bytes.count))
        }
        let store = try await TestEvents.open(files, clock: clock) {
            $0.retentionNanos = 60 * Self.second
        }
        await store.maintain()
        #expect(store.stats.fileCount == 2)
        clock.advance(nanos: 61 * Self.second)
        await store.maintain()
        #expect(store.stats.fileCount == 0)
        await store.close()
    }
}
