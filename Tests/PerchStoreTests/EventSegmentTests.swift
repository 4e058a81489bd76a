import PerchBytes
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// A store that makes a segment of every batch, and keeps nothing in memory.
private struct SegmentsOnly: EventSink, EventSource {
    let store: EventStore

    init(_ files: any FileStore = InMemoryFiles()) async throws {
        store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
    }

    func append(_ batch: EventBatch) async throws(StoreFailure) {
        try await store.append(batch)
        try await store.flush()
    }

    func read(_ query: EventQuery) -> any EventCursor { store.read(query) }
}

@Suite("Segments of events")
struct EventSegmentTests {
    private static let times: Range<Int64> = 1_000_000..<2_000_000
    private static let first = TestEvents.directory.child("segments")
        .child("0000000000000001.log.seg")

    @Test("keep the promises of the seam")
    func contract() async throws {
        try await EventStoreContract.answersAgree(SegmentsOnly(), seed: 3)
        try await EventStoreContract.projects(SegmentsOnly())
        try await EventStoreContract.readsAreSnapshots(SegmentsOnly())
        try await EventStoreContract.emptyAnswers(SegmentsOnly())
        try await EventStoreContract.cancellation(SegmentsOnly())
    }

    @Test("answer as the log did, before and after a restart, and then the log is empty")
    func answersStay() async throws {
        let files = InMemoryFiles()
        let oracle = InMemoryEventStore()
        var random = RandomEvents(seed: 21)
        let writer = try await TestEvents.open(files) { $0.fileByteCountMax = 8_000 }
        for _ in 0..<12 {
            let dataset: Dataset = random.int(0..<3) == 0 ? .spans : .logs
            let batch = random.batch(dataset, rowCountMax: 60, times: Self.times)
            try await writer.append(batch)
            try await oracle.append(batch)
        }
        try await writer.flush()
        #expect(writer.stats.segmentCount == writer.stats.fileCount)
        #expect(try files.list(TestEvents.directory).allSatisfy { !$0.hasSuffix(".log") })
        let rowCount = writer.stats.rowCount
        try await EventStoreContract.compare(writer, oracle, &random, questionCount: 6)
        await writer.close()
        let store = try await TestEvents.open(files.crashed())
        #expect(store.stats.rowCount == rowCount)
        #expect(store.stats.rowCountInMemory == 0)
        try await EventStoreContract.compare(store, oracle, &random, questionCount: 20)
        await store.close()
    }

    @Test("large batches become several blocks, ordered by time")
    func severalBlocks() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        let rowCount = 40_000
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: Int64((row * 7919) % rowCount), resource: sender)
            builder.set(.attribute, "n", int: Int64(row))
        }
        try await store.append(builder.batch)
        try await store.flush()
        var query = EventQuery(dataset: .logs, times: 0..<Int64(rowCount))
        let all = try await store.all(query).flatMap(\.times)
        #expect(all == (0..<Int64(rowCount)).reversed())
        query.predicate = .compares(FieldReference("n"), .less, 10)
        #expect(try await store.all(query).reduce(0) { $0 + $1.rowCount } == 10)
        query.predicate = .compares(FieldReference("n"), .greater, 40_000)
        #expect(try await store.all(query).isEmpty)
        await store.close()
    }

    @Test("a flipped bit anywhere costs at most its block, and shows nothing that was not written")
    func flippedBits() async throws {
        let intact = InMemoryFiles()
        var random = RandomEvents(seed: 22)
        let batch = random.batch(.logs, rowCountMax: 8, times: Self.times)
        let writer = try await SegmentsOnly(intact)
        try await writer.append(batch)
        await writer.store.close()
        let written = Set(EventOracle.rows(batch))
        let byteCount = try intact.byteCount(of: Self.first)
        for offset in 0..<byteCount {
            let files = intact.crashed()
            files.damage(Self.first) { $0[offset] ^= 1 << UInt8(offset % 8) }
            guard let store = try? await TestEvents.open(files) else {
                // A version that looks newer: only if its checksum agreed.
                Issue.record("byte \(offset): the store does not open")
                continue
            }
            let rows = try await store.all(EventQuery(dataset: .logs, times: Self.times))
                .flatMap { EventOracle.rows($0) }
            #expect(written.isSuperset(of: rows), "byte \(offset)")
            let isWhole = rows.count == batch.rowCount
            let stats = store.stats
            #expect(
                isWhole != (stats.damagedSegmentCount + stats.damagedReadCount > 0),
                "byte \(offset)")
            await store.close()
        }
    }

    @Test("a newer version is refused and left alone")
    func newerVersion() async throws {
        let files = InMemoryFiles()
        let writer = try await SegmentsOnly(files)
        var random = RandomEvents(seed: 23)
        try await writer.append(random.batch(.logs, rowCountMax: 8, times: Self.times))
        await writer.store.close()
        files.damage(Self.first) { bytes in
            bytes.replaceSubrange(..<32, with: SegmentFormat.header(sequence: 1, version: 5))
        }
        let before = try files.readAll(Self.first, byteCountMax: 1 << 20)
        await #expect(throws: StoreFailure.self) { try await TestEvents.open(files) }
        #expect(try files.readAll(Self.first, byteCountMax: 1 << 20) == before)
    }

    @Test("a log file that is damaged stays in the log")
    func damagedLogStays() async throws {
        let files = InMemoryFiles()
        let writer = try await TestEvents.open(files)
        var random = RandomEvents(seed: 24)
        for _ in 0..<3 {
            try await writer.append(random.batch(.logs, rowCountMax: 8, times: Self.times))
        }
        await writer.close()
        files.damage(TestEvents.directory.child("0000000000000001.log")) { $0[300] ^= 1 }
        let store = try await TestEvents.open(files)
        await store.maintain()
        #expect(store.stats.segmentCount == 0)
        #expect(store.stats.fileCount == 1)
        await store.close()
    }

    @Test("whole numbers of any size come back", arguments: 0..<60)
    func integers(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let width = seed % 65
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let base = Int64(bitPattern: random.next())
        var value = base
        let numbers = (0..<(seed * 5 % 131)).map { _ in
            let step = Int64(bitPattern: random.next() & mask)
            value = seed % 3 == 0 ? value &+ step : base &+ step
            return value
        }
        var bytes: [UInt8] = []
        IntegerCodec.append(numbers, ChunkPacker(), to: &bytes)
        var reader = ByteReader(bytes)
        let read: [Int64] = try IntegerCodec.read(count: numbers.count, &reader)
        #expect(read == numbers)
        #expect(reader.isAtEnd)
    }
}

/// Requirement: acknowledged is durable, and nothing is there twice or in part, also while log
/// files become segments and go.
@Suite("Segments of events after a loss of power")
struct EventSegmentCrashTests {
    private static func batch(_ mark: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: mark % 3 == 0 ? .spans : .logs)
        let sender = builder.intern(Resource([]))
        for row in 0..<3 {
            builder.beginRow(timeNanos: Int64(mark * 10 + row), resource: sender)
            builder.set(.attribute, "mark", int: Int64(mark))
        }
        return builder.batch
    }

    private static func counts(_ store: EventStore) async throws -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for dataset in Dataset.allCases {
            for batch in try await store.all(EventQuery(dataset: dataset, times: 0..<1000)) {
                for row in 0..<batch.rowCount {
                    guard case .int(let mark) = batch.value(of: FieldReference("mark"), row: row)
                    else { throw ContractViolation("a row without its mark") }
                    counts[Int(mark), default: 0] += 1
                }
            }
        }
        return counts
    }

    /// Appends, and makes segments now and then; which marks were acknowledged.
    private static func run(_ files: any FileStore) async -> Set<Int> {
        var acknowledged: Set<Int> = []
        guard let store = try? await TestEvents.open(files, { $0.fileByteCountMax = 400 }) else {
            return []
        }
        for mark in 1...12 {
            if (try? await store.append(batch(mark))) != nil { acknowledged.insert(mark) }
            if mark % 5 == 0 { await store.maintain() }
            if mark == 8 { try? await store.flush() }
        }
        await store.close()
        return acknowledged
    }

    @Test("a stop at every operation loses nothing and doubles nothing", arguments: 0..<4)
    func stops(part: Int) async throws {
        var index = part
        while true {
            let disk = InMemoryFiles()
            let stopAt = index
            let files = FaultyFiles(disk) { at, operation in
                guard at == stopAt else { return nil }
                return operation == .write ? .stopTearing(byteCount: stopAt % 97) : .stop
            }
            let acknowledged = await Self.run(files)
            for seed in [nil, UInt64(index)] {
                let store = try await TestEvents.open(disk.crashed(tornBySeed: seed))
                let counts = try await Self.counts(store)
                let context = Comment(rawValue: "stop at \(index), torn by \(seed ?? 0)")
                #expect(counts.values.allSatisfy { $0 == 3 }, context)
                #expect(acknowledged.isSubset(of: counts.keys), context)
                // It goes on from there.
                await store.maintain()
                try await store.append(Self.batch(50))
                try await store.flush()
                var after = try await Self.counts(store)
                #expect(after.removeValue(forKey: 50) == 3, context)
                #expect(after == counts, context)
                await store.close()
            }
            if !files.isStopped { break }
            index += 4
        }
        #expect(index > 60)
    }

    @Test("what fails for a while is made a segment later", arguments: 0..<6)
    func fullDisk(seed: Int) async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk)
        let store = try await TestEvents.open(files) { $0.fileByteCountMax = 400 }
        for mark in 1...6 { try await store.append(Self.batch(mark)) }
        let start = files.operationCount
        files.setDecision { index, operation in
            guard index >= start + seed * 2, operation == .write || operation == .rename else {
                return nil
            }
            return .fail(.noSpace)
        }
        await store.maintain()
        files.setDecision { _, _ in nil }
        #expect(try await Self.counts(store).count == 6)
        try await store.flush()
        #expect(store.stats.segmentCount == store.stats.fileCount)
        #expect(
            try await Self.counts(store)
                == Dictionary(uniqueKeysWithValues: (1...6).map { ($0, 3) }))
        let names = try disk.list(TestEvents.directory.child("segments"))
        #expect(names.allSatisfy { $0.hasSuffix(".seg") })
        await store.close()
    }
}
