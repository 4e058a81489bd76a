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
