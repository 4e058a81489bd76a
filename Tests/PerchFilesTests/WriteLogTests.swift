import PerchBytes
import PerchFiles
import PerchTestSupport
import Synchronization
import Testing

@Suite("The write log")
struct WriteLogTests {
    @Test func recordsComeBackInOrderAndFilesRotate() async throws {
        let files = InMemoryFiles()
        let first = try NumberLog(files)
        for number in 1...50 as ClosedRange<UInt64> { try await first.append(number) }
        #expect(first.committed.all == Array(1...50))
        #expect(try first.replayAll() == Array(1...50))
        #expect(first.log.files.count > 3)
        #expect(first.log.files.dropLast().allSatisfy { $0.isSealed })
        await first.log.close()
        await #expect(throws: WriteLogFailure.closed) { try await first.append(51) }

        let second = try NumberLog(files)
        #expect(second.log.notes == [])
        #expect(second.log.files == first.log.files)
        #expect(second.log.totalByteCount == first.log.totalByteCount)
        #expect(second.log.files.compactMap(\.summary).map(\.rowCount).reduce(0, +) == 50)
        #expect(second.log.files.last?.summary?.maxTime == 50)
        try await second.append(51)
        #expect(try second.replayAll() == Array(1...51))
        await second.log.close()
    }

    @Test func itWorksOnTheRealFileSystem() async throws {
        try await withTemporaryFolder { folder in
            let first = try NumberLog(LocalFiles(), directory: folder) {
                $0.fileByteCountMax = 10_000
            }
            await withTaskGroup { group in
                for number in 0..<300 as Range<UInt64> {
                    group.addTask { try? await first.append(number) }
                }
            }
            #expect(try first.replayAll() == first.committed.all)
            // Left open, as a crash leaves it: the newest file is preallocated and not sealed.
            let second = try NumberLog(LocalFiles(), directory: folder)
            #expect(try second.replayAll().sorted() == Array(0..<300))
            #expect(second.log.notes == [])
            await second.log.close()
        }
    }

    @Test func aRemovedFileStaysRemoved() async throws {
        let files = InMemoryFiles()
        let log = try NumberLog(files)
        for number in 1...40 as ClosedRange<UInt64> { try await log.append(number) }
        let before = log.log.files
        try await log.log.remove(sequence: before[0].sequence)
        try await log.log.remove(sequence: before[0].sequence)
        #expect(log.log.files == Array(before.dropFirst()))
        #expect(try log.replay(before[0].sequence) { _ in }.recordCount == 0)
        // The current one too; its number is not used again.
        let current = try #require(before.last)
        try await log.log.remove(sequence: current.sequence)
        try await log.append(41)
        #expect(try #require(log.log.files.last).sequence > current.sequence)
        await log.log.close()
        let again = try NumberLog(files)
        #expect(again.log.files == log.log.files)
        await again.log.close()
    }

    @Test func rotateSealsAndAnEmptyFileLeavesNothing() async throws {
        let files = InMemoryFiles()
        let log = try NumberLog(files)
        try await log.log.rotate()
        #expect(log.log.files.isEmpty)
        try await log.append(1)
        #expect(log.log.files.map(\.isSealed) == [false])
        try await log.log.rotate()
        try await log.log.rotate()
        #expect(log.log.files.map(\.isSealed) == [true])
        try await log.append(2)
        #expect(log.log.files.map(\.sequence) == [1, 2])
        await log.log.close()
    }

    @Test("A queue that is full refuses at once, and a refused record is never written")
    func overload() async throws {
        let gate = Gate()
        let base = InMemoryFiles()
        let files = FaultyFiles(base) { _, operation in
            if operation == .sync { gate.pass() }
            return nil
        }
        let log = try NumberLog(files) { $0.pendingByteCountMax = 300 }
        gate.close()
        let outcomes = await withTaskGroup(of: (UInt64, Bool).self) { group in
            for number in 0..<50 as Range<UInt64> {
                group.addTask {
                    do throws(WriteLogFailure) {
                        try await log.append(number)
                        return (number, true)
                    } catch .overloaded {
                        return (number, false)
                    } catch {
                        Issue.record("refused otherwise: \(error)")
                        return (number, false)
                    }
                }
            }
            var outcomes: [(UInt64, Bool)] = []
            for await outcome in group {
                outcomes.append(outcome)
                // The first answers can only be refusals: nothing passes the gate.
                if outcomes.count == 5 { gate.open() }
            }
            return outcomes
        }
        #expect(outcomes.prefix(5).allSatisfy { !$0.1 })
        let taken = outcomes.filter { $0.1 }.map { $0.0 }.sorted()
        #expect(try log.replayAll().sorted() == taken)
        try await log.append(1000)
        await log.log.close()
    }

    @Test func aRecordOverTheLimitIsRefusedAndChangesTheEpoch() async throws {
        let log = try NumberLog(InMemoryFiles()) { $0.recordByteCountMax = 200 }
        let epochs = Mutex<[UInt64]>([])
        func append(_ estimate: Int, _ count: Int) async throws(WriteLogFailure) {
            try await log.log.append(
                byteCountEstimate: estimate,
                summary: WriteLogSummary(rowCount: 1, minTime: 0, maxTime: 0),
                encode: { buffer, epoch in
                    epochs.withLock { $0.append(epoch) }
                    buffer.append(contentsOf: [UInt8](repeating: 1, count: count))
                }, commit: { _ in })
        }
        try await append(10, 200)
        let estimated = await #expect(throws: WriteLogFailure.self) { try await append(201, 1) }
        let encoded = await #expect(throws: WriteLogFailure.self) { try await append(10, 201) }
        for failure in [estimated, encoded] {
            guard case .tooLarge = failure else {
                Issue.record("not refused as too large: \(String(describing: failure))")
                continue
            }
        }
        try await append(10, 10)
        let seen = epochs.withLock { $0 }
        #expect(seen.count == 3 && seen[0] == seen[1] && seen[2] > seen[1])
        #expect(try log.log.replay(file: 1) { _ in }.recordCount == 2)
        await log.log.close()
    }

    @Test func aCancelledTaskStillGetsItsAnswerOnce() async throws {
        let log = try NumberLog(InMemoryFiles())
        await withTaskGroup { group in
            for number in 0..<100 as Range<UInt64> {
                group.addTask { try? await log.append(number) }
            }
            group.cancelAll()
        }
        #expect(try log.replayAll().sorted() == Array(0..<100))
        await log.log.close()
    }

    @Test func anotherKindIsRefused() async throws {
        let files = InMemoryFiles()
        let log = try NumberLog(files)
        try await log.append(1)
        #expect(throws: WriteLogFailure.self) { try NumberLog(files.crashed()) { $0.kind = 8 } }
        await log.log.close()
    }
}

/// Holds a thread until it is opened.
final class Gate: Sendable {
    private let isOpen = Mutex(true)
    func close() { isOpen.withLock { $0 = false } }
    func open() { isOpen.withLock { $0 = true } }
    func pass() {
        while !isOpen.withLock({ $0 }) {}
    }
}
