import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirement: acknowledged is durable, nothing is there twice or in part, and what was deleted
/// does not come back, wherever a merge, a deletion or retention stops.
@Suite("The life of segments of events, stopped anywhere")
struct EventLifeCrashTests {
    private static let rowCount = 3

    private static func batch(_ mark: Int) -> EventBatch {
        var builder = EventBatchBuilder(dataset: mark % 3 == 0 ? .spans : .logs)
        let sender = builder.intern(Resource([]))
        for row in 0..<rowCount {
            builder.beginRow(timeNanos: Int64(mark * 10 + row), resource: sender)
            builder.set(.attribute, "mark", int: Int64(mark))
        }
        return builder.batch
    }

    private static func open(_ files: any FileStore) async throws -> EventStore {
        try await TestEvents.open(files) { options in
            options.fileByteCountMax = 400
            options.headByteCountMax = 1
            options.readDeletion = { .equals(FieldReference("mark"), $0) }
        }
    }

    private static func counts(_ store: EventStore) async throws -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for dataset in Dataset.allCases {
            for batch in try await store.all(EventQuery(dataset: dataset, times: 0..<10_000)) {
                for row in 0..<batch.rowCount {
                    guard case .int(let mark) = batch.value(of: FieldReference("mark"), row: row)
                    else { throw ContractViolation("a row without its mark") }
                    counts[Int(mark), default: 0] += 1
                }
            }
        }
        return counts
    }

    private struct Outcome {
        var written: Set<Int> = []
        /// Deletions that were acknowledged, and those that were only asked for.
        var deleted: Set<Int> = []
        var asked: Set<Int> = []
    }

    private static func delete(_ mark: Int, _ store: EventStore, _ outcome: inout Outcome) async {
        outcome.asked.insert(mark)
        let answer = try? await store.delete(
            mark % 3 == 0 ? .spans : .logs, "\(mark)",
            .equals(FieldReference("mark"), "\(mark)"), times: 0..<10_000)
        if answer != nil { outcome.deleted.insert(mark) }
    }

    private static func run(_ files: any FileStore) async -> Outcome {
        var outcome = Outcome()
        guard let store = try? await open(files) else { return outcome }
        for mark in 1...8 {
            if (try? await store.append(batch(mark))) != nil { outcome.written.insert(mark) }
            if mark % 2 == 0 { try? await store.flush() }
            switch mark {
            case 4: await delete(2, store, &outcome)
            case 5: try? await store.compact()
            case 7:
                await delete(3, store, &outcome)
                await delete(5, store, &outcome)
            case 8: await store.maintain()
            default: break
            }
        }
        try? await store.compact()
        await store.close()
        return outcome
    }

    /// A quarter of the operations in each run, another one each time.
    @Test("a stop at any operation loses, doubles and brings back nothing", arguments: 0..<8)
    func stops(part: Int) async throws {
        var index = part + 8 * Int.random(in: 0..<4)
        while true {
            let disk = InMemoryFiles()
            let stopAt = index
            let files = FaultyFiles(disk) { at, operation in
                guard at == stopAt else { return nil }
                return operation == .write ? .stopTearing(byteCount: stopAt % 97) : .stop
            }
            let outcome = await Self.run(files)
            let kept = outcome.written.subtracting(outcome.asked)
            do {
                // In turn what was synced, and any part of what was not.
                let seed = (index + index / 8) % 2 == 0 ? nil : UInt64(index)
                let context = Comment(rawValue: "stop at \(index), torn by \(seed ?? 0)")
                let store = try await Self.open(disk.crashed(tornBySeed: seed))
                let counts = try await Self.counts(store)
                #expect(counts.values.allSatisfy { $0 == Self.rowCount }, context)
                #expect(kept.isSubset(of: counts.keys), context)
                #expect(outcome.deleted.isDisjoint(with: counts.keys), context)
                // It goes on from there.
                try await store.append(Self.batch(50))
                try await store.compact()
                var after = try await Self.counts(store)
                #expect(after.removeValue(forKey: 50) == Self.rowCount, context)
                #expect(after == counts, context)
                #expect(store.stats.rowCount == (after.count + 1) * Self.rowCount, context)
                #expect(store.stats.deletionCount == 0, context)
                await store.close()
            }
            if !files.isStopped { break }
            index += 32
        }
        #expect(index > 150)
    }

    @Test("a disk that is full for a while costs nothing", arguments: 0..<12)
    func fullDisk(seed: Int) async throws {
        let disk = InMemoryFiles()
        let files = FaultyFiles(disk)
        let store = try await Self.open(files)
        for mark in 1...6 {
            try await store.append(Self.batch(mark))
            try await store.flush()
        }
        var outcome = Outcome()
        await Self.delete(4, store, &outcome)
        let before = try await Self.counts(store)
        let start = files.operationCount
        files.setDecision { index, operation in
            guard index >= start + seed, operation == .write || operation == .rename else {
                return nil
            }
            return .fail(.noSpace)
        }
        await store.maintain()
        try? await store.compact()
        #expect(try await Self.counts(store) == before)
        files.setDecision { _, _ in nil }
        #expect(try await Self.counts(store) == before)
        try await store.compact()
        #expect(try await Self.counts(store) == before)
        #expect(store.stats.segmentCount == 1)
        #expect(store.stats.deletionCount == 0)
        let names = try disk.list(TestEvents.directory.child("segments"))
        #expect(names.count { $0.hasSuffix(".seg") } == 1)
        await store.close()
        let again = try await Self.open(disk.crashed())
        #expect(try await Self.counts(again) == before)
        await again.close()
    }
}
