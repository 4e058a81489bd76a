import PerchFiles
import PerchTestSupport
import Synchronization
import Testing

/// A removed file's room is written into again; what stood there is never read, and goes soon.
@Suite("The write log in the room of removed files")
struct WriteLogReuseTests {
    private static let minute: Int64 = 60_000_000_000

    /// A log on files in memory with a clock that the test moves.
    private final class Fixture: Sendable {
        let files = InMemoryFiles()
        let now = Mutex<Int64>(1_700_000_000_000_000_000)

        func open() throws -> NumberLog {
            try NumberLog(files) { options in
                options.fileByteCountMax = 2048
                options.clock = { self.now.withLock { $0 } }
            }
        }

        func pass(_ nanos: Int64) { now.withLock { $0 += nanos } }

        var names: [String] { (try? files.list(NumberLog.directory)) ?? [] }
        var spares: Int { names.count { $0.hasSuffix(".spare") } }

        /// The bytes behind the last record of the newest file.
        func rest(_ log: NumberLog) throws -> ArraySlice<UInt8> {
            let file = try #require(log.log.files.last)
            let path = NumberLog.directory.child(FileNames.writeLog(sequence: file.sequence))
            return try files.readAll(path, byteCountMax: 1 << 20)[file.byteCount...]
        }
    }

    /// Two files of records, of which the first is removed: a spare.
    private func filled(_ fixture: Fixture) async throws -> (NumberLog, next: UInt64) {
        let log = try fixture.open()
        var next: UInt64 = 1
        while log.log.files.count < 2 {
            try await log.append(next)
            next += 1
        }
        try await log.log.remove(sequence: 1)
        #expect(fixture.spares == 1)
        return (log, next)
    }

    /// Appends until the newest file is one more, which then has little in it.
    private func roll(_ log: NumberLog, _ next: inout UInt64) async throws {
        let newest = log.log.files.last?.sequence
        while log.log.files.last?.sequence == newest {
            try await log.append(next)
            next += 1
        }
    }

    @Test func theNextFileTakesTheRoomAndOnlyItsOwnRecordsAreRead() async throws {
        let fixture = Fixture()
        var (log, next) = try await filled(fixture)
        try await roll(log, &next)
        #expect(fixture.spares == 0)
        #expect(try fixture.rest(log).contains { $0 != 0 })
        let numbers = try log.replayAll()
        #expect(numbers == Array((numbers.first ?? 0)..<next))
        // As a kill leaves it: nothing is lost, nothing comes back, and nothing is called torn.
        let crashed = try NumberLog(fixture.files.crashed())
        #expect(try crashed.replayAll() == numbers)
        #expect(crashed.log.notes == [])
        #expect(crashed.log.damagedCopyCount == 0)
        await crashed.log.close()
        await log.log.close()
        #expect(try fixture.open().replayAll() == numbers)
    }

    @Test func aTornEndIsKeptWithoutWhatStoodBehindIt() async throws {
        let fixture = Fixture()
        var (log, next) = try await filled(fixture)
        try await roll(log, &next)
        let numbers = try log.replayAll()
        let file = try #require(log.log.files.last)
        let name = FileNames.writeLog(sequence: file.sequence)
        let crashed = fixture.files.crashed()
        // The last record with a changed byte, as a write that came half to the disk.
        crashed.damage(NumberLog.directory.child(name)) { $0[file.byteCount - 12] ^= 1 }
        let again = try NumberLog(crashed)
        #expect(try again.replayAll() == numbers.dropLast())
        #expect(again.log.damagedCopyCount == 1)
        let copy = try crashed.byteCount(of: NumberLog.directory.child(name + ".damaged"))
        // But for the zeros that fill up the record.
        #expect(copy > file.byteCount - 8 && copy <= file.byteCount)
        await again.log.close()
        await log.log.close()
    }

    @Test func whatStoodThereIsGoneAfterAWhile() async throws {
        let fixture = Fixture()
        var (log, next) = try await filled(fixture)
        fixture.pass(Self.minute + 1)
        try await log.append(next)
        try await log.log.rotate()
        // An old spare is not used, and a log that is slow keeps none.
        #expect(fixture.spares == 0)
        next += 1
        (log, next) = try await filled(Fixture())
        await log.log.close()

        let other = Fixture()
        var (reused, number) = try await filled(other)
        try await roll(reused, &number)
        #expect(try other.rest(reused).contains { $0 != 0 })
        other.pass(Self.minute + 1)
        try await reused.append(number)
        try await reused.append(number + 1)
        #expect(try other.rest(reused).allSatisfy { $0 == 0 })
        #expect(try reused.replayAll().last == number + 1)
        await reused.log.close()
    }

    @Test func aSlowLogAClosedOneAndAFullDiskKeepNoSpare() async throws {
        let fixture = Fixture()
        var (log, next) = try await filled(fixture)
        await log.log.close()
        #expect(fixture.spares == 0)

        let slow = Fixture()
        log = try slow.open()
        next = 1
        try await roll(log, &next)
        try await roll(log, &next)
        slow.pass(Self.minute + 1)
        try await log.log.remove(sequence: 1)
        #expect(slow.names.contains { $0.hasSuffix(".log") })
        #expect(slow.spares == 0)
        await log.log.close()

        // What a kill left is removed at the start.
        let killed = Fixture()
        (log, _) = try await filled(killed)
        let after = killed.files.crashed()
        let again = try NumberLog(after)
        #expect(try after.list(NumberLog.directory).allSatisfy { !$0.hasSuffix(".spare") })
        await again.log.close()
        await log.log.close()
    }

    @Test func aReaderKeepsItsFileFromBeingWrittenOver() async throws {
        let fixture = Fixture()
        let log = try fixture.open()
        var next: UInt64 = 1
        try await roll(log, &next)
        try await roll(log, &next)
        var read: [UInt64] = []
        var hold: WriteLogHold? = log.log.hold([1])
        try await log.log.remove(sequence: 1)
        try await roll(log, &next)
        for file in hold?.files ?? [] {
            _ = try log.log.replay(held: file) { _, summary in
                read.append(UInt64(summary.maxTime))
            }
        }
        #expect(read == Array(1...UInt64(max(1, read.count))) && read.count > 3)
        #expect(fixture.spares == 0)
        hold = nil
        try await log.append(next)
        #expect(fixture.spares == 1)
        await log.log.close()
    }
}
