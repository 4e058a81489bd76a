import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// A store whose rows all stand in one segment, written anew with each batch.
private struct MergedOnly: EventSink, EventSource {
    let store: EventStore

    init(_ files: any FileStore = InMemoryFiles()) async throws {
        store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
    }

    func append(_ batch: EventBatch) async throws(StoreFailure) {
        try await store.append(batch)
        try await store.compact()
    }

    func read(_ query: EventQuery) -> any EventCursor { store.read(query) }
}

@Suite("Merged segments of events")
struct EventMergeTests {
    private static let times: Range<Int64> = 1_000_000..<2_000_000
    private static let folder = TestEvents.directory.child("segments")

    @Test("keep the promises of the seam")
    func contract() async throws {
        try await EventStoreContract.answersAgree(MergedOnly(), seed: 3)
        try await EventStoreContract.projects(MergedOnly())
        try await EventStoreContract.readsAreSnapshots(MergedOnly())
        try await EventStoreContract.emptyAnswers(MergedOnly())
        try await EventStoreContract.cancellation(MergedOnly())
    }

    @Test("the upkeep joins small segments, and answers stay, also after a restart")
    func upkeepMerges() async throws {
        let files = InMemoryFiles()
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 31)
        let writer = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        for _ in 0..<20 {
            let dataset: Dataset = random.int(0..<3) == 0 ? .spans : .logs
            let batch = random.batch(dataset, rowCountMax: 60, times: Self.times)
            try await writer.append(batch)
            try await oracle.append(batch)
            try await writer.flush()
        }
        let rowCount = writer.stats.rowCount
        #expect(writer.stats.segmentCount == 20)
        await writer.maintain()
        #expect(writer.stats.segmentCount < 5)
        #expect(writer.stats.mergeCount > 0)
        #expect(writer.stats.rowCount == rowCount)
        try await EventStoreContract.compare(writer, oracle, &random, questionCount: 10)
        try await writer.compact()
        #expect(writer.stats.segmentCount == 1)
        #expect(try files.list(Self.folder).filter { $0.hasSuffix(".seg") }.count == 1)
        await writer.close()
        let store = try await TestEvents.open(files.crashed())
        #expect(store.stats.rowCount == rowCount)
        #expect(store.stats.segmentCount == 1)
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 10)
        // Numbers go on above those in the segment.
        let batch = random.batch(.logs, rowCountMax: 60, times: Self.times)
        try await store.append(batch)
        try await oracle.append(batch)
        try await store.flush()
        #expect(store.stats.rowCount == rowCount + batch.rowCount)
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 5)
        await store.close()
    }

    @Test("large blocks are copied, and small ones become large")
    func blocksAreCopied() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        for (index, rowCount) in [20_000, 300, 17_000, 200].enumerated() {
            var builder = EventBatchBuilder(dataset: .logs)
            let sender = builder.intern(
                Resource([.init(key: "service.name", value: .string("s\(index)"))]))
            for row in 0..<rowCount {
                builder.beginRow(timeNanos: Int64(row * 10 + index), resource: sender)
                builder.set(.record, "body", .string("line \(row) of \(index)"))
                if row % 3 == 0 { builder.set(.attribute, "n", int: Int64(row)) }
            }
            try await store.append(builder.batch)
            try await store.flush()
        }
        let query = EventQuery(dataset: .logs, times: 0..<1_000_000)
        let before = try await store.all(query).flatMap { EventOracle.rows($0) }
        try await store.compact()
        let after = try await store.all(query).flatMap { EventOracle.rows($0) }
        #expect(before.map(\.time) == after.map(\.time))
        #expect(Set(before) == Set(after))
        // 16,384 of each large one stay as they are; what is left of all stands together.
        #expect(store.head.segments.map { $0.blocks.map(\.rowCount) } == [[16_384, 16_384, 4_732]])
        await store.close()
    }

    @Test("a read that has begun goes on while its segments are written anew and go")
    func readersKeepWhatTheyHave() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        var random = RandomEvents(seed: 33)
        var rowCount = 0
        for _ in 0..<6 {
            let batch = random.batch(.logs, rowCountMax: 60, times: Self.times)
            rowCount += batch.rowCount
            try await store.append(batch)
            try await store.flush()
        }
        var query = EventQuery(dataset: .logs, times: Self.times)
        query.order = .unordered
        var cursor = store.read(query)
        var found = try await cursor.next()?.rowCount ?? 0
        try await store.compact()
        _ = try await store.delete(.logs, "all", .all, times: Self.times)
        try await store.compact()
        #expect(store.stats.rowCount == 0)
        #expect(try files.list(Self.folder).filter { $0.hasSuffix(".seg") }.isEmpty)
        while let batch = try await cursor.next() { found += batch.rowCount }
        #expect(found == rowCount)
        await store.close()
    }

    @Test("a damaged segment is left alone by merges, and the others are joined")
    func damageStays() async throws {
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        var random = RandomEvents(seed: 34)
        for _ in 0..<9 {
            try await writer.append(random.batch(.logs, rowCountMax: 30, times: Self.times))
            try await writer.flush()
        }
        let rowCount = writer.stats.rowCount
        await writer.close()
        files.damage(Self.folder.child("0000000000000005.log.seg")) { $0[40] ^= 1 }
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        try await store.compact()
        #expect(store.stats.segmentCount == 3)
        #expect(store.stats.rowCount == rowCount)
        #expect(try files.list(Self.folder).contains("0000000000000005.log.seg"))
        await store.close()
    }

    @Test("what was set aside is bounded")
    func setAsideIsBounded() async throws {
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files)
        var random = RandomEvents(seed: 35)
        for _ in 0..<4 {
            try await writer.append(random.batch(.logs, rowCountMax: 30, times: Self.times))
            try await writer.flush()
        }
        await writer.close()
        for name in try files.list(Self.folder) where name.hasSuffix(".seg") {
            files.damage(Self.folder.child(name)) { $0[3] ^= 1 }
        }
        let store = try await TestEvents.open(files) { $0.damagedByteCountMax = 1 << 20 }
        #expect(store.stats.damagedSegmentCount == 4)
        let byteCount = store.stats.setAsideByteCount
        #expect(byteCount > 0)
        await store.close()
        let next = try await TestEvents.open(files) { $0.damagedByteCountMax = byteCount - 1 }
        #expect(next.stats.setAsideByteCount < byteCount)
        #expect(next.stats.setAsideByteCount > 0)
        #expect(try files.list(Self.folder).count { $0.hasSuffix(".damaged") } == 3)
        await next.close()
    }

    // MARK: The plan

    private static func part(_ byteCount: Int, at time: Int64 = 0) -> SegmentMergePlan.Part {
        SegmentMergePlan.Part(
            isFree: true, isTouched: false, byteCount: byteCount,
            times: EventTimes(min: time, max: time + 9))
    }

    @Test("each merge makes a row's segment four times as large at least")
    func planIsLazy() {
        let plan = SegmentMergePlan(spanMax: 1000, byteCountMax: 1 << 30)
        var parts: [SegmentMergePlan.Part] = []
        var written = 0
        for _ in 0..<1000 {
            parts.append(Self.part(100))
            while let range = plan.next(parts) {
                let byteCount = parts[range].reduce(0) { $0 + $1.byteCount }
                written += byteCount
                parts.replaceSubrange(range, with: [Self.part(byteCount)])
            }
        }
        #expect(parts.count < 20)
        #expect(written < 5 * 100_000)
    }

    @Test("days, what is not free, and the limit of bytes stay apart")
    func planKeepsApart() {
        let plan = SegmentMergePlan(spanMax: 1000, byteCountMax: 1000)
        let days = (0..<8).map { Self.part(10, at: Int64($0 / 4) * 5000) }
        #expect(plan.next(days) == 0..<4)
        var held = (0..<7).map { _ in Self.part(10) }
        held[3].isFree = false
        #expect(plan.next(held) == nil)
        #expect(plan.next(held, fully: true) == 0..<3)
        #expect(plan.next((0..<4).map { _ in Self.part(300) }) == nil)
        held[3].isTouched = true
        #expect(plan.next(held) == 3..<4)
    }
}
