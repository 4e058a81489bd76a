import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirement: acknowledged is durable, and nothing is there twice or in part.
@Suite("Events after a loss of power")
struct EventCrashTests {
    private static let rowCount = 5

    private static func events(mark: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: Int64(mark * 10 + row), resource: resource)
            builder.set(.attribute, "mark", int: Int64(mark))
        }
        return builder.batch
    }

    @Test("every acknowledged event is there, whole and once", arguments: 0..<60)
    func eventsSurvive(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let disk = InMemoryFiles()
        let stopAt = Int.random(in: 5..<120, using: &random)
        let files = FaultyFiles(disk) { index, operation in
            guard index >= stopAt else { return nil }
            return operation == .write ? .stopTearing(byteCount: seed * 7) : .stop
        }
        var acknowledged: Set<Int> = []
        if let store = try? await TestEvents.open(files, { $0.fileByteCountMax = 1000 }) {
            for mark in 1..<40 {
                do {
                    try await store.append(Self.events(mark: mark))
                    acknowledged.insert(mark)
                } catch { break }
            }
            await store.close()
        }
        let store = try await TestEvents.open(disk.crashed(tornBySeed: UInt64(seed)))
        var counts: [FieldValue: Int] = [:]
        for batch in try await store.all(EventQuery(dataset: .logs, times: 0..<1000)) {
            for row in 0..<batch.rowCount {
                let mark = try #require(batch.value(of: FieldReference("mark"), row: row))
                counts[mark, default: 0] += 1
            }
        }
        #expect(counts.values.allSatisfy { $0 == Self.rowCount }, "seed \(seed): \(counts)")
        for mark in acknowledged {
            #expect(counts[.int(Int64(mark))] != nil, "seed \(seed): batch \(mark) is lost")
        }
        // The store goes on where the crash left it.
        try await store.append(Self.events(mark: 99))
        let after = try await store.all(EventQuery(dataset: .logs, times: 990..<1000))
        #expect(after.reduce(0) { $0 + $1.rowCount } == Self.rowCount)
        await store.close()
    }
}
