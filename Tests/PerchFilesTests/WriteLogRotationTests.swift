import PerchFiles
import PerchTestSupport
import Testing

/// Requirement: only a failed write or sync of records ends the log; what concerns files passes.
@Suite("The write log between two files")
struct WriteLogRotationTests {
    private static func isPassing(_ failure: WriteLogFailure?) -> Bool {
        switch failure {
        case .noSpace, .overloaded: true
        default: false
        }
    }

    /// The operations of opening a file, and how each may fail for a while.
    @Test(
        "a file that cannot be opened is opened with a later record",
        arguments: [
            (.open, .other), (.write, .noSpace), (.write, .other), (.preallocate, .noSpace),
            (.preallocate, .other), (.sync, .other), (.syncDirectory, .other),
        ] as [(FileOperation, FileFailure.Code)])
    func openingIsTriedAgain(_ operation: FileOperation, _ code: FileFailure.Code) async throws {
        let base = InMemoryFiles()
        let files = FaultyFiles(base)
        let log = try NumberLog(files) { $0.fileByteCountMax = 100_000 }
        try await log.append(1)
        try await log.log.rotate()
        files.setDecision { _, asked in asked == operation ? .fail(code) : nil }
        for number in [2, 3] as [UInt64] {
            let failure = await #expect(throws: WriteLogFailure.self) {
                try await log.append(number)
            }
            #expect(Self.isPassing(failure), "\(String(describing: failure))")
            #expect(try base.list(NumberLog.directory).count { $0.hasSuffix(".log") } == 1)
        }
        files.setDecision { _, _ in nil }
        #expect(try log.replayAll() == [1])
        try await log.append(4)
        #expect(try log.replayAll() == [1, 4])
        let after = try NumberLog(base.crashed())
        #expect(try after.replayAll() == [1, 4])
        #expect(after.log.notes == [])
        await after.log.close()
        await log.log.close()
    }

    @Test(
        "a file whose end cannot be put in order is sealed all the same",
        arguments: [.truncate, .sync, .write] as [FileOperation])
    func sealingDoesNotFail(_ operation: FileOperation) async throws {
        let base = InMemoryFiles()
        let files = FaultyFiles(base)
        let log = try NumberLog(files) { $0.fileByteCountMax = 100_000 }
        try await log.append(1)
        files.setDecision { _, asked in asked == operation ? .fail(.other) : nil }
        try await log.log.rotate()
        files.setDecision { _, _ in nil }
        try await log.append(2)
        #expect(log.log.files.map(\.isSealed) == [true, false])
        let after = try NumberLog(base.crashed())
        #expect(try after.replayAll() == [1, 2])
        #expect(after.log.files.compactMap { $0.summary?.maxTime } == [1, 2])
        #expect(after.log.notes == [])
        await after.log.close()
        await log.log.close()
    }

    @Test(
        "a removal that fails half-way is finished later",
        arguments: [.remove, .write, .sync, .syncDirectory] as [FileOperation])
    func removalIsTriedAgain(_ operation: FileOperation) async throws {
        let base = InMemoryFiles()
        let files = FaultyFiles(base)
        let log = try NumberLog(files) { $0.fileByteCountMax = 100_000 }
        try await log.append(1)
        try await log.log.rotate()
        files.setDecision { _, asked in asked == operation ? .fail(.other) : nil }
        try? await log.log.remove(sequence: 1)
        #expect(log.log.files.isEmpty)
        files.setDecision { _, _ in nil }
        try await log.append(2)
        #expect(try base.list(NumberLog.directory).filter { $0.hasSuffix(".log") }.count == 1)
        let after = try NumberLog(base.crashed())
        #expect(try after.replayAll() == [2])
        await after.log.close()
        await log.log.close()
    }

    @Test func whatIsHeldIsReadableAfterItsRemoval() async throws {
        let files = InMemoryFiles()
        let log = try NumberLog(files)
        for number in 1...40 as ClosedRange<UInt64> { try await log.append(number) }
        let before = log.log.files
        var hold: WriteLogHold? = log.log.hold(before.map(\.sequence) + [99])
        #expect(hold?.files == before)
        try await log.append(41)
        for file in before { try await log.log.remove(sequence: file.sequence) }
        #expect(
            log.log.files.allSatisfy { file in !before.contains { $0.sequence == file.sequence } })
        var numbers: [UInt64] = []
        for file in try #require(hold).files {
            _ = try log.log.replay(held: file) { payload, summary in
                numbers.append(UInt64(summary.maxTime))
                #expect(Array(payload) == NumberLog.payload(UInt64(summary.maxTime)))
            }
        }
        #expect(numbers == Array(1...40))
        // A loss of power now: the removal holds.
        let crashed = try NumberLog(files.crashed())
        #expect(try crashed.replayAll().allSatisfy { $0 > 40 })
        await crashed.log.close()
        hold = nil
        try await log.append(42)
        try await log.log.rotate()
        let names = try files.list(NumberLog.directory)
        #expect(!names.contains(FileNames.writeLog(sequence: before[0].sequence)))
        await log.log.close()
    }

    @Test func aFileIsEndedOnRequestWithoutWaiting() async throws {
        let log = try NumberLog(InMemoryFiles()) { $0.fileByteCountMax = 100_000 }
        log.log.sealSoon()
        try await log.append(1)
        try await log.append(2)
        #expect(log.log.files.count <= 2)
        let count = log.log.files.count
        log.log.sealSoon()
        try await log.append(3)
        try await log.append(4)
        #expect(log.log.files.count == count + 1)
        #expect(try log.replayAll() == [1, 2, 3, 4])
        await log.log.close()
    }
}
