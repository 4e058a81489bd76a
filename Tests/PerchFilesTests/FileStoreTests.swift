import Foundation
import PerchFiles
import PerchTestSupport
import Testing

/// A new folder of this machine that is removed at the end.
func withTemporaryFolder(_ body: (FilePath) async throws -> Void) async throws {
    let url = FileManager.default.temporaryDirectory.appending(
        path: "perch-\(UInt64.random(in: .min ... .max))")
    defer { try? FileManager.default.removeItem(at: url) }
    try await body(FilePath.from(url.path))
}

@Suite("The file seam")
struct FileStoreTests {
    @Test func localFilesKeepTheContract() async throws {
        try await withTemporaryFolder { folder in
            try FileStoreContract.verify(LocalFiles(), root: folder)
        }
    }

    @Test func filesInMemoryKeepTheContract() throws {
        try FileStoreContract.verify(InMemoryFiles(), root: .from("/data"))
    }

    @Test func faultyFilesWithoutFaultsKeepTheContract() throws {
        try FileStoreContract.verify(FaultyFiles(InMemoryFiles()), root: .from("/data"))
    }

    @Test("Folders are 0700 and files 0600") func modes() async throws {
        try await withTemporaryFolder { folder in
            let files = LocalFiles()
            try files.createDirectory(folder.child("inner"))
            try files.openForWriting(folder.child("file"), .new).close()
            try files.lock(folder.child("LOCK")).release()
            for (name, mode) in [("", 0o700), ("inner", 0o700), ("file", 0o600), ("LOCK", 0o600)] {
                let path = name.isEmpty ? folder : folder.child(name)
                let attributes = try FileManager.default.attributesOfItem(atPath: path.text)
                #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
            }
        }
    }

    @Test func aLossOfPowerTakesWhatWasNotSynced() throws {
        let files = InMemoryFiles()
        let folder = FilePath.from("/data")
        try files.createDirectory(folder)
        let kept = try files.openForWriting(folder.child("kept"), .new)
        try kept.write([1, 2].span, at: 0)
        try kept.sync()
        try files.syncDirectory(folder)
        try kept.write([9, 9, 9].span, at: 0)
        let nameless = try files.openForWriting(folder.child("nameless"), .new)
        try nameless.write([3].span, at: 0)
        try nameless.sync()
        let after = files.crashed()
        #expect(try after.list(folder) == ["kept"])
        #expect(try after.readAll(folder.child("kept"), byteCountMax: 9) == [1, 2])
        try files.syncDirectory(folder)
        #expect(try files.crashed().list(folder) == ["kept", "nameless"])
    }

    @Test("A folder that was made survives a loss of power, with those above it")
    func foldersAreDurable() throws {
        let files = InMemoryFiles()
        try files.createDirectory(.from("/a/b/c"))
        #expect(try files.crashed().list(.from("/a/b")) == ["c"])
        // Made without a sync of the folder above, it does not.
        #expect(try files.makeDirectory(.from("/a/b/d")))
        #expect(try files.crashed().list(.from("/a/b")) == ["c"])
    }
}

@Suite("The data folder")
struct DataFolderTests {
    private let path = FilePath.from("/data/perch")

    @Test("A second process is refused and told which folder")
    func secondProcess() async throws {
        try await withTemporaryFolder { path in
            let folder = try DataFolder.open(files: LocalFiles(), path: path)
            let failure = #expect(throws: DataFolderFailure.self) {
                try DataFolder.open(files: LocalFiles(), path: path)
            }
            #expect(failure?.code == .locked)
            #expect(failure?.message.contains(path.text) == true)
            folder.close()
            try DataFolder.open(files: LocalFiles(), path: path).close()
        }
    }

    @Test func aNewerFormatIsRefused() throws {
        let files = InMemoryFiles()
        try DataFolder.open(files: files, path: path).close()
        try files.replace(
            path.child("FORMAT"), with: Array("perch data folder\nformat 2\n".utf8))
        let failure = #expect(throws: DataFolderFailure.self) {
            try DataFolder.open(files: files, path: path)
        }
        #expect(failure?.code == .newerFormat)
        #expect(failure?.message.contains("format 2") == true)
        // The refusal gave the lock back.
        try files.lock(path.child("LOCK")).release()
    }

    @Test(arguments: ["", "format 1", "perch data folder\nformat x\n", "perch data folder\n"])
    func anotherFormatFileIsRefused(_ text: String) throws {
        let files = InMemoryFiles()
        try files.createDirectory(path)
        try files.replace(path.child("FORMAT"), with: Array(text.utf8))
        let failure = #expect(throws: DataFolderFailure.self) {
            try DataFolder.open(files: files, path: path)
        }
        #expect(failure?.code == .notADataFolder)
    }

    @Test func aFolderWithOtherThingsIsRefused() throws {
        let files = InMemoryFiles()
        try files.createDirectory(path)
        try files.replace(path.child("photo.jpg"), with: [1])
        let failure = #expect(throws: DataFolderFailure.self) {
            try DataFolder.open(files: files, path: path)
        }
        #expect(failure?.code == .notADataFolder)
        #expect(failure?.message.contains("photo.jpg") == true)
    }

    @Test func aCrashAtAnyPointOfTheFirstOpenLeavesAFolderThatOpens() throws {
        let path = path
        var index = 0
        while true {
            let base = InMemoryFiles()
            let stopAt = index
            let files = FaultyFiles(base) { at, _ in at == stopAt ? .stop : nil }
            try? DataFolder.open(files: files, path: path).close()
            for seed in [nil, 1, 2, 3] as [UInt64?] {
                let after = base.crashed(tornBySeed: seed)
                let folder = try DataFolder.open(files: after, path: path)
                #expect(throws: DataFolderFailure.self) {
                    try DataFolder.open(files: after, path: path)
                }
                folder.close()
            }
            if !files.isStopped { break }
            index += 1
        }
        #expect(index > 5)
    }
}
