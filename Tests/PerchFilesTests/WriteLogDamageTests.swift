import PerchFiles
import PerchTestSupport
import Testing

/// Bytes that a disk changed, and files that end anywhere.
@Suite("The write log and damaged bytes")
struct WriteLogDamageTests {
    private static let first = NumberLog.directory.child("0000000000000001.log")

    /// Ten records in one file, sealed or as a crash leaves it.
    private func tenRecords(isSealed: Bool) async throws -> InMemoryFiles {
        let files = InMemoryFiles()
        let log = try NumberLog(files) { $0.fileByteCountMax = 4096 }
        for number in 1...10 as ClosedRange<UInt64> { try await log.append(number) }
        let crashed = files.crashed()
        await log.log.close()
        return isSealed ? files : crashed
    }

    @Test("A flipped bit anywhere costs at most its record", arguments: [true, false])
    func flippedBit(_ isSealed: Bool) async throws {
        let intact = try await tenRecords(isSealed: isSealed)
        let end = try await tenRecords(isSealed: true).byteCount(of: Self.first)
        for offset in 0..<end {
            let files = intact.crashed()
            files.damage(Self.first) { $0[offset] ^= 1 << UInt8(offset % 8) }
            let log = try NumberLog(files)
            var found: [UInt64] = []
            let report = try log.replay(1) { found.append($0) }
            #expect(found.count >= 9, "byte \(offset)")
            #expect(found == found.sorted() && Set(found).isSubset(of: 1...10), "byte \(offset)")
            // What is lost is said: by the replay, or, of the newest file's end, by the opening.
            if found.count < 10 {
                #expect(report.message != nil || !log.log.notes.isEmpty, "byte \(offset)")
                #expect(report.isDamaged || found == Array(1...9), "byte \(offset)")
            }
            await log.log.close()
        }
    }

    @Test("What is cut off a damaged end is kept beside, with its header and at its place")
    func cutEndIsKept() async throws {
        let files = try await tenRecords(isSealed: false)
        let end = try await tenRecords(isSealed: true).byteCount(of: Self.first)
        files.damage(Self.first) { $0[end - 9] ^= 1 }
        let before = try files.readAll(Self.first, byteCountMax: 1 << 20)
        let log = try NumberLog(files)
        #expect(log.log.damagedCopyCount == 1)
        #expect(log.log.notes.contains { $0.contains(".log.damaged") })
        let kept = log.log.files.map(\.byteCount).reduce(0, +)
        let copy = try files.readAll(
            NumberLog.directory.child("0000000000000001.log.damaged"), byteCountMax: 1 << 20)
        #expect(copy.prefix(128) == before.prefix(128))
        #expect(copy[128..<kept].allSatisfy { $0 == 0 })
        #expect(copy[kept...].elementsEqual(before[kept..<copy.count]))
        #expect(before[copy.count...].allSatisfy { $0 == 0 })
        // An end without anything in it is not kept.
        await log.log.close()
        let again = try NumberLog(try await tenRecords(isSealed: false))
        #expect(again.log.damagedCopyCount == 0)
        await again.log.close()
    }

    @Test func onlyTheNewestCopiesAreKept() async throws {
        var files = InMemoryFiles()
        for round in 1...7 as ClosedRange<UInt64> {
            let log = try NumberLog(files)
            try await log.append(round)
            let path = NumberLog.directory.child(FileNames.writeLog(sequence: round))
            let byteCount = try #require(log.log.files.last).byteCount
            let crashed = files.crashed()
            crashed.damage(path) { $0[byteCount + 8] = 1 }
            await log.log.close()
            files = crashed
        }
        await (try NumberLog(files)).log.close()
        let names = try files.list(NumberLog.directory).filter { $0.hasSuffix(".damaged") }
        #expect(names == (4...7).map { "000000000000000\($0).log.damaged" })
    }

    @Test func everyPrefixOfAFileGivesTheRecordsThatAreWholeInIt() async throws {
        let intact = try await tenRecords(isSealed: false)
        let whole = try await tenRecords(isSealed: true).byteCount(of: Self.first)
        var counts: Set<Int> = []
        // Records are padded to eight bytes, so that ten of them meet each kind of place by threes.
        for end in stride(from: 0, through: whole, by: LongRun.isAsked ? 1 : 3) {
            let files = intact.crashed()
            files.damage(Self.first) { $0.removeSubrange(end...) }
            let log = try NumberLog(files)
            let found = try log.replayAll()
            #expect(found == Array(1...10).prefix(found.count).map { $0 })
            counts.insert(found.count)
            try await log.append(11)
            #expect(try log.replayAll() == found + [11], "cut at \(end)")
            await log.log.close()
        }
        #expect(counts == Set(0...10))
    }

    @Test func noiseIsNoRecord() async throws {
        let intact = try await tenRecords(isSealed: true)
        for seed in 0..<20 as Range<UInt64> {
            let files = intact.crashed()
            files.damage(Self.first) { bytes in
                var random = SeededGenerator(seed: seed)
                // The header's first copy stays, and so does the size.
                let start = Int.random(in: 64..<300, using: &random)
                bytes.replaceSubrange(start..., with: random.bytes(count: bytes.count - start))
            }
            let log = try NumberLog(files)
            let found = try log.replayAll()
            #expect(found == Array(1...10).prefix(found.count).map { $0 })
            #expect(try log.replay(1) { _ in }.isDamaged)
            await log.log.close()
        }
    }

    @Test func aLostOrDamagedManifestCostsOnlyTheSummaries() async throws {
        let manifest = NumberLog.directory.child("MANIFEST")
        let intact = InMemoryFiles()
        let log = try NumberLog(intact)
        for number in 1...40 as ClosedRange<UInt64> { try await log.append(number) }
        await log.log.close()
        let byteCount = try intact.byteCount(of: manifest)
        for damage in 0...byteCount {
            let files = intact.crashed()
            if damage == byteCount {
                try files.remove(manifest)
            } else {
                files.damage(manifest) { bytes in
                    if damage % 2 == 0 {
                        bytes[damage] ^= 0x40
                    } else {
                        bytes.removeSubrange(damage...)
                    }
                }
            }
            let opened = try NumberLog(files)
            #expect(!opened.log.notes.isEmpty, "byte \(damage)")
            #expect(opened.log.files.map(\.byteCount) == log.log.files.map(\.byteCount))
            #expect(try opened.replayAll() == Array(1...40), "byte \(damage)")
            // A replay tells the summary again.
            #expect(opened.log.files.map(\.summary) == log.log.files.map(\.summary))
            await opened.log.close()
        }
    }
}
