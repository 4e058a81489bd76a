import PerchBytes
import PerchFiles
import PerchTestSupport
import Testing

@Suite("The manifest")
struct ManifestTests {
    private let directory = FilePath.from("/data")

    private func open(_ files: InMemoryFiles) throws -> Manifest {
        try files.createDirectory(directory)
        return try Manifest(files: files, directory: directory, kind: 1)
    }

    private func entry(_ sequence: UInt64) -> Manifest.Entry {
        Manifest.Entry(
            sequence: sequence, byteCount: 100,
            summary: WriteLogSummary(rowCount: 3, minTime: -5, maxTime: Int64(sequence)))
    }

    @Test func whatWasAddedAndRemovedIsKnownAgain() throws {
        let files = InMemoryFiles()
        var manifest = try open(files)
        for sequence in 1...5 as ClosedRange<UInt64> { try manifest.add(entry(sequence)) }
        try manifest.remove(2)
        let again = try open(files.crashed())
        #expect(again.entries == [1: entry(1), 3: entry(3), 4: entry(4), 5: entry(5)])
        #expect(again.removed == [2])
        #expect(again.sequenceFloor == 6)
        #expect(again.message == nil)
    }

    @Test func itStaysShortAndNumbersAreNotUsedAgain() throws {
        let files = InMemoryFiles()
        var manifest = try open(files)
        for sequence in 1...2_000 as ClosedRange<UInt64> {
            try manifest.add(entry(sequence))
            try manifest.remove(sequence)
            try manifest.forget([sequence])
        }
        #expect(try files.byteCount(of: directory.child("MANIFEST")) < 60_000)
        let again = try open(files.crashed())
        #expect(again.entries.isEmpty)
        #expect(again.sequenceFloor == 2_001)
    }

    @Test("What a newer version or another store wrote is refused and left alone", arguments: 0..<3)
    func notOurs(_ what: Int) throws {
        let files = InMemoryFiles()
        var manifest = try open(files)
        try manifest.add(entry(1))
        manifest.close()
        let path = directory.child("MANIFEST")
        files.damage(path) { bytes in
            let record = bytes.count - 48
            switch what {
            case 0: LittleEndian.store(UInt32(2), in: &bytes, at: 8)
            case 1: LittleEndian.store(UInt32(9), in: &bytes, at: 12)
            default:
                LittleEndian.store(UInt32(4), in: &bytes, at: record)
                LittleEndian.store(UInt32(0), in: &bytes, at: record + 4)
                let sum = CRC32C.checksum(bytes[record...])
                LittleEndian.store(sum, in: &bytes, at: record + 4)
            }
            LittleEndian.store(CRC32C.checksum(bytes[..<20]), in: &bytes, at: 20)
        }
        let before = try files.readAll(path, byteCountMax: 1 << 20)
        let failure = #expect(throws: FileFailure.self) { try open(files) }
        #expect(failure?.code == (what == 1 ? .foreign : .newerFormat))
        #expect(throws: WriteLogFailure.self) {
            try WriteLog(
                files: files, directory: directory,
                options: WriteLog.Options(kind: 1, clock: { 0 }))
        }
        #expect(try files.readAll(path, byteCountMax: 1 << 20) == before)
    }

    @Test("A change that failed is tried again in a list written anew", arguments: [true, false])
    func failedChange(_ isSync: Bool) throws {
        let base = InMemoryFiles()
        try base.createDirectory(directory)
        let files = FaultyFiles(base)
        var manifest = try Manifest(files: files, directory: directory, kind: 1)
        try manifest.add(entry(1))
        files.setDecision { _, operation in
            operation == (isSync ? .sync : .write) ? .fail(.other) : nil
        }
        #expect(throws: FileFailure.self) { try manifest.add(entry(2)) }
        #expect(throws: FileFailure.self) { try manifest.add(entry(2)) }
        #expect(manifest.entries == [1: entry(1)])
        files.setDecision { _, _ in nil }
        try manifest.add(entry(2))
        try manifest.add(entry(3))
        let again = try open(base.crashed())
        #expect(again.entries == [1: entry(1), 2: entry(2), 3: entry(3)])
        #expect(again.message == nil)
    }

    @Test func aTornEndCostsOnlyTheLastRecord() throws {
        let files = InMemoryFiles()
        var manifest = try open(files)
        for sequence in 1...3 as ClosedRange<UInt64> { try manifest.add(entry(sequence)) }
        let end = try files.byteCount(of: directory.child("MANIFEST"))
        for cut in 1..<48 {
            let torn = files.crashed()
            torn.damage(directory.child("MANIFEST")) { $0.removeSubrange((end - cut)...) }
            var again = try open(torn)
            #expect(again.entries == [1: entry(1), 2: entry(2)])
            #expect(again.message != nil)
            try again.add(entry(4))
            let third = try open(torn.crashed())
            #expect(third.entries == [1: entry(1), 2: entry(2), 4: entry(4)])
            #expect(third.message == nil)
        }
    }
}
