package import PerchFiles

/// What every `FileStore` does, for tests of each.
package enum FileStoreContract {
    /// A promise that was not kept.
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    /// Tries everything in `root`, a folder that is not there yet.
    package static func verify(_ store: any FileStore, root: FilePath) throws {
        try verifyFolders(store, root)
        try verifyContent(store, root.child("content"))
        try verifyNames(store, root.child("names"))
        try verifyLock(store, root.child("lock"))
        let space = try store.space(at: root)
        try expect(
            space.availableByteCount > 0 && space.availableByteCount <= space.totalByteCount,
            "space is between nothing and everything")
    }

    private static func verifyFolders(_ store: any FileStore, _ root: FilePath) throws {
        try expect(.notFound, "listing what is not there") { _ = try store.list(root) }
        try store.createDirectory(root.child("one").child("two"))
        try store.createDirectory(root.child("one"))
        try expect(!store.makeDirectory(root.child("one")), "a folder that is there is not made")
        try expect(.notFound, "a folder in one that is not there") {
            _ = try store.makeDirectory(root.child("none").child("two"))
        }
        try expect(store.list(root) == ["one"], "a folder stands in the one above")
        try expect(store.list(root.child("one").child("two")).isEmpty, "a new folder is empty")
        try store.syncDirectory(root)
        for name in ["b", "a", "c"] {
            try store.openForWriting(root.child("one").child(name), .new).close()
        }
        try expect(store.list(root.child("one")) == ["a", "b", "c", "two"], "names are sorted")
        try expect(.exists, "a folder where a file is") {
            try store.createDirectory(root.child("one").child("a"))
        }
    }

    private static func verifyContent(_ store: any FileStore, _ folder: FilePath) throws {
        try store.createDirectory(folder)
        let path = folder.child("file")
        try expect(.notFound, "opening what is not there") {
            _ = try store.openForWriting(path, .existing)
        }
        try expect(.notFound, "reading what is not there") { _ = try store.openForReading(path) }
        let file = try store.openForWriting(path, .new)
        try expect(.exists, "making what is there") { _ = try store.openForWriting(path, .new) }
        try file.write([1, 2, 3].span, at: 0)
        try file.write([9].span, at: 5)
        try file.sync()
        try expect(store.byteCount(of: path) == 6, "a write lengthens the file")
        let reading = try store.openForReading(path)
        try expect(
            reading.read(at: 0, byteCount: 99) == [1, 2, 3, 0, 0, 9], "a gap reads as zeros")
        try expect(reading.read(at: 2, byteCount: 2) == [3, 0], "a part is read")
        try expect(reading.read(at: 6, byteCount: 1).isEmpty, "nothing is behind the end")
        try file.truncate(to: 2)
        try file.truncate(to: 4)
        try expect(reading.read(at: 0, byteCount: 9) == [1, 2, 0, 0], "a cut and lengthened file")
        do {
            try file.preallocate(byteCount: 10_000)
            try expect(reading.byteCount() == 10_000, "preallocation lengthens")
            try expect(reading.read(at: 0, byteCount: 3) == [1, 2, 0], "preallocation keeps")
            try file.preallocate(byteCount: 100)
            try expect(reading.byteCount() == 10_000, "preallocation does not shorten")
        } catch let failure as FileFailure where failure.code == .unsupported {
            // Allowed: callers carry on without.
        }
        try store.openForWriting(path, .existingOrNew).close()
        try expect(reading.read(at: 0, byteCount: 1) == [1], "opening again keeps the content")
        try store.remove(path)
        try expect(reading.read(at: 0, byteCount: 1) == [1], "an open file outlives its name")
        file.close()
        file.close()
        reading.close()
        try expect(.other, "writing to a closed file") { try file.write([1].span, at: 0) }
        try expect(.other, "reading a closed file") { _ = try reading.read(at: 0, byteCount: 1) }
    }

    private static func verifyNames(_ store: any FileStore, _ folder: FilePath) throws {
        try store.createDirectory(folder)
        let (one, two) = (folder.child("one"), folder.child("two"))
        try store.replace(one, with: [1])
        try store.replace(two, with: [2, 2])
        try expect(store.readAll(two, byteCountMax: 2) == [2, 2], "a replaced file")
        try expect(.other, "reading more than allowed") {
            _ = try store.readAll(two, byteCountMax: 1)
        }
        try store.rename(one, to: two)
        try expect(store.list(folder) == ["two"], "a rename replaces")
        try expect(store.readAll(two, byteCountMax: 9) == [1], "a rename keeps the content")
        try expect(.notFound, "renaming what is not there") { try store.rename(one, to: two) }
        try store.link(two, to: one)
        try expect(store.list(folder) == ["one", "two"], "a link adds a name")
        try expect(.exists, "linking to a name that is taken") { try store.link(two, to: one) }
        try expect(.notFound, "linking what is not there") {
            try store.link(folder.child("none"), to: folder.child("three"))
        }
        try store.remove(two)
        try expect(store.readAll(one, byteCountMax: 9) == [1], "a second name keeps the content")
        try store.remove(one)
        try expect(.notFound, "removing what is not there") { try store.remove(two) }
        try store.syncDirectory(folder)
        try expect(store.list(folder).isEmpty, "a removal removes")
    }

    private static func verifyLock(_ store: any FileStore, _ folder: FilePath) throws {
        try store.createDirectory(folder)
        let lock = try store.lock(folder.child("LOCK"))
        try expect(.locked, "a second lock") { _ = try store.lock(folder.child("LOCK")) }
        lock.release()
        lock.release()
        try store.lock(folder.child("LOCK")).release()
    }

    private static func expect(_ isKept: Bool, _ promise: String) throws {
        guard isKept else { throw Broken(description: "not kept: \(promise)") }
    }

    private static func expect(
        _ code: FileFailure.Code, _ promise: String, _ body: () throws -> Void
    ) throws {
        do {
            try body()
        } catch let failure as FileFailure {
            try expect(failure.code == code, "\(promise) (it failed as: \(failure.message))")
            return
        }
        throw Broken(description: "\(promise) did not fail")
    }
}
