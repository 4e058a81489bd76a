import PerchFiles
import PerchTestSupport
import Testing

/// The log against a stop at every file operation, a full disk, and a failed sync.
@Suite("The write log under crashes")
struct WriteLogCrashTests {
    /// What a run was told, to hold against what a restart finds.
    struct Told: Sendable {
        var submitted: [UInt64] = []
        var acknowledged: [UInt64] = []
        /// Whole files that were told to be gone; their records must not come back.
        var removed: Set<UInt64> = []
        /// Records that a removal that was not answered may or may not have taken.
        var maybeRemoved: Set<UInt64> = []
    }

    /// Appends, rotates, removes, closes and opens again, as the seed says.
    static func run(_ files: any FileStore, seed: UInt64) async -> Told {
        var random = SeededGenerator(seed: seed)
        var told = Told()
        var next: UInt64 = 1
        for _ in 0..<2 {
            guard let log = try? NumberLog(files, { $0.fileByteCountMax = 500 }) else { break }
            for _ in 0..<12 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0: try? await log.log.rotate()
                case 1:
                    guard let oldest = log.log.files.first else { continue }
                    var inside: Set<UInt64> = []
                    _ = try? log.replay(oldest.sequence) { inside.insert($0) }
                    told.maybeRemoved.formUnion(inside)
                    do {
                        try await log.log.remove(sequence: oldest.sequence)
                        told.removed.formUnion(inside)
                    } catch {}
                default:
                    told.submitted.append(next)
                    if (try? await log.append(next)) != nil { told.acknowledged.append(next) }
                    next += 1
                }
            }
            await log.log.close()
        }
        return told
    }

    static func check(_ files: InMemoryFiles, _ told: Told, _ context: String) async throws {
        let log = try NumberLog(files)
        let found = try log.replayAll()
        let context = Comment(rawValue: context)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 }, context)
        #expect(Set(found).isSubset(of: told.submitted), context)
        let due = Set(told.acknowledged).subtracting(told.maybeRemoved)
        #expect(due.subtracting(found).isEmpty, context)
        #expect(told.removed.isDisjoint(with: found), context)
        // It goes on from there.
        try await log.append(1_000_000)
        await log.log.close()
        let again = try NumberLog(files)
        #expect(try again.replayAll() == found + [1_000_000], context)
        // A crash while the disk is full leaves files that the manifest does not know.
        #expect(again.log.notes.allSatisfy { $0.contains("not in the manifest") }, context)
        await again.log.close()
    }

    /// Two seeds and one way of tearing an operation, unless a long run is asked for.
    @Test(arguments: 1...(LongRun.isAsked ? 4 : 2) as ClosedRange<UInt64>)
    func aStopAtEveryOperationLosesNothingAcknowledged(_ seed: UInt64) async throws {
        var index = 0
        while true {
            let base = InMemoryFiles()
            let stopAt = index
            let files = FaultyFiles(base) { at, operation in
                guard at == stopAt else { return nil }
                return operation == .write ? .stopTearing(byteCount: stopAt % 97) : .stop
            }
            let told = await Self.run(files, seed: seed)
            try await Self.check(base.crashed(), told, "seed \(seed), stop at \(index)")
            for torn in 0..<3 as Range<UInt64>
            where LongRun.isAsked || torn == UInt64(index % 3) {
                try await Self.check(
                    base.crashed(tornBySeed: torn), told,
                    "seed \(seed), stop at \(index), torn by \(torn)")
            }
            if !files.isStopped { break }
            index += 1
        }
        #expect(index > 50)
    }

    @Test(arguments: 1...2 as ClosedRange<UInt64>)
    func aFullDiskAtEveryOperationLosesNothingAndPasses(_ seed: UInt64) async throws {
        var index = 0
        while true {
            let base = InMemoryFiles()
            let failAt = index
            let files = FaultyFiles(base) { at, operation in
                guard (failAt..<failAt + 3).contains(at) else { return nil }
                switch operation {
                case .write: return .tear(byteCount: failAt % 97, .noSpace)
                case .preallocate: return .fail(.noSpace)
                default: return nil
                }
            }
            let told = await Self.run(files, seed: seed)
            try await Self.check(base.crashed(), told, "seed \(seed), full at \(index)")
            if files.operationCount <= failAt { break }
            index += 1
        }
        #expect(index > 50)
    }

    @Test func aFullDiskIsSaidSoUndoneAndPasses() async throws {
        let base = InMemoryFiles()
        let files = FaultyFiles(base)
        let log = try NumberLog(files) { $0.fileByteCountMax = 100_000 }
        try await log.append(1)
        files.setDecision { _, operation in
            operation == .write ? .tear(byteCount: 60, .noSpace) : nil
        }
        for number in [2, 3] as [UInt64] {
            let failure = await #expect(throws: WriteLogFailure.self) {
                try await log.append(number)
            }
            guard case .noSpace = failure else {
                Issue.record("not told that the disk is full: \(String(describing: failure))")
                continue
            }
        }
        files.setDecision { _, _ in nil }
        try await log.append(4)
        #expect(log.committed.all == [1, 4])
        let after = try NumberLog(base.crashed())
        #expect(try after.replayAll() == [1, 4])
        await after.log.close()
        await log.log.close()
    }

    @Test func belowTheReserveNothingIsTaken() async throws {
        let files = InMemoryFiles()
        let log = try NumberLog(files) { $0.freeByteCountMin = 1000 }
        files.setAvailableByteCount(999)
        let failure = await #expect(throws: WriteLogFailure.self) { try await log.append(1) }
        guard case .noSpace(let message) = failure else {
            Issue.record("not told that the disk is full: \(String(describing: failure))")
            return
        }
        #expect(message.contains("999") && message.contains("1000"))
        files.setAvailableByteCount(1000)
        try await log.append(2)
        #expect(try log.replayAll() == [2])
        await log.log.close()
    }

    @Test("A failed sync stops the log; it is not tried again", arguments: [true, false])
    func failedSync(_ isSync: Bool) async throws {
        let base = InMemoryFiles()
        let files = FaultyFiles(base)
        let log = try NumberLog(files) { $0.fileByteCountMax = 100_000 }
        try await log.append(1)
        files.setDecision { _, operation in
            operation == (isSync ? .sync : .write) ? .fail(.other) : nil
        }
        await #expect(throws: WriteLogFailure.self) { try await log.append(2) }
        files.setDecision { _, _ in nil }
        let count = files.operationCount
        for number in [3, 4] as [UInt64] {
            let failure = await #expect(throws: WriteLogFailure.self) {
                try await log.append(number)
            }
            guard case .failed = failure else {
                Issue.record("not told that the log failed: \(String(describing: failure))")
                continue
            }
        }
        await #expect(throws: WriteLogFailure.self) { try await log.log.rotate() }
        #expect(files.operationCount == count)
        #expect(log.committed.all == [1])
        await log.log.close()
        let after = try NumberLog(base.crashed())
        #expect(try after.replayAll() == [1])
        await after.log.close()
    }
}
