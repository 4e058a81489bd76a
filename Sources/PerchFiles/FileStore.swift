package import SystemPackage

/// A path, so that those who use this target need no import of their own for it.
package typealias FilePath = SystemPackage.FilePath

extension FilePath {
    /// A path from its text, as it stands in a configuration.
    package static func from(_ text: String) -> FilePath { FilePath(text) }

    /// The path of `name` inside this folder.
    package func child(_ name: String) -> FilePath { appending(name) }

    /// The folder that this path is in, for a sync after a change of names.
    package var folder: FilePath {
        let parent = removingLastComponent()
        return parent.isEmpty ? FilePath(".") : parent
    }

    /// The path as text, for messages and the command line.
    package var text: String { string }
}

/// The seam to the file system.
///
/// There are three implementations: `LocalFiles`, and two for tests that keep everything in memory
/// and that fail or forget on demand. All pass `FileStoreContract`.
///
/// A new name, a rename and a removal are durable after `syncDirectory` of the folder; content is
/// durable after `sync` of the file. Every call blocks: call from a thread that may.
package protocol FileStore: Sendable {
    /// The names in a folder, sorted.
    func list(_ directory: FilePath) throws(FileFailure) -> [String]

    /// Makes one folder, that only its owner may enter, in one that is there.
    ///
    /// Answers whether it was made: false if there is such a folder, `.exists` if there is
    /// something else of that name, `.notFound` without the folder above.
    func makeDirectory(_ path: FilePath) throws(FileFailure) -> Bool

    /// Opens a file for writing.
    func openForWriting(
        _ path: FilePath, _ opening: FileOpening
    ) throws(FileFailure) -> any WritableFile

    /// Opens a file for reading. What was opened stays readable after a removal.
    func openForReading(_ path: FilePath) throws(FileFailure) -> any ReadableFile

    /// The size of a file.
    func byteCount(of path: FilePath) throws(FileFailure) -> Int

    /// Gives a file another name in the same file system, replacing what had that name.
    func rename(_ path: FilePath, to target: FilePath) throws(FileFailure)

    /// Gives a file a second name in the same file system; `.exists` if that is taken.
    ///
    /// The content stays until both names are removed.
    func link(_ path: FilePath, to target: FilePath) throws(FileFailure)

    /// Removes a file.
    func remove(_ path: FilePath) throws(FileFailure)

    /// Makes the names in a folder durable.
    func syncDirectory(_ path: FilePath) throws(FileFailure)

    /// How much room the file system of `path` has.
    func space(at path: FilePath) throws(FileFailure) -> FileSpace

    /// Takes the exclusive lock that `path` stands for, or throws `.locked` at once.
    func lock(_ path: FilePath) throws(FileFailure) -> any FileLock
}

/// How a file is opened for writing.
package enum FileOpening: Sendable {
    /// The file must be there.
    case existing
    /// The file must not be there.
    case new
    /// Either; what is there stays.
    case existingOrNew
}

/// Room in a file system.
package struct FileSpace: Sendable, Equatable {
    /// What this process may still use.
    package var availableByteCount: Int
    /// The whole file system.
    package var totalByteCount: Int

    package init(availableByteCount: Int, totalByteCount: Int) {
        self.availableByteCount = availableByteCount
        self.totalByteCount = totalByteCount
    }
}

/// A file open for writing.
///
/// After `close` every call but `close` fails.
package protocol WritableFile: Sendable {
    /// Writes all bytes at `offset`. After a failure the place may hold any part of them.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileFailure)

    /// Reserves room up to `byteCount`; bytes that were not there read as zeros.
    ///
    /// Throws `.unsupported` where the file system has no such thing: carry on without.
    func preallocate(byteCount: Int) throws(FileFailure)

    /// Makes content and size durable.
    ///
    /// After a failure nothing is known about what is durable, and a second call proves nothing.
    func sync() throws(FileFailure)

    /// Cuts or zero-fills the file to `byteCount`.
    func truncate(to byteCount: Int) throws(FileFailure)

    /// Closes the file; fine if it is closed.
    func close()
}

/// A file open for reading.
package protocol ReadableFile: Sendable {
    /// The size at this moment.
    func byteCount() throws(FileFailure) -> Int

    /// Up to `byteCount` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8]

    /// Closes the file; fine if it is closed.
    func close()
}

/// A lock that is held until `release`, or until the process ends.
package protocol FileLock: Sendable {
    /// Gives the lock back; fine if that was done.
    func release()
}

extension FileStore {
    /// Makes a folder, and those above it; fine if it is there.
    ///
    /// What was made is durable on return: the name of each is synced in the folder above.
    package func createDirectory(_ path: FilePath) throws(FileFailure) {
        let isNew: Bool
        do {
            isNew = try makeDirectory(path)
        } catch  where error.code == .notFound && path.folder != path && path.folder != "." {
            try createDirectory(path.folder)
            isNew = try makeDirectory(path)
        }
        if isNew { try syncDirectory(path.folder) }
    }

    /// A whole file, refused when it is larger than `byteCountMax`.
    package func readAll(
        _ path: FilePath, byteCountMax: Int
    ) throws(FileFailure) -> [UInt8] {
        let file = try openForReading(path)
        defer { file.close() }
        let byteCount = try file.byteCount()
        guard byteCount <= byteCountMax else {
            throw FileFailure(
                code: .other,
                message: "\(path) has \(byteCount) bytes, over the limit of \(byteCountMax)")
        }
        return try file.read(at: 0, byteCount: byteCount)
    }

    /// Replaces a file as a whole: after a crash either the old or the new content is there.
    package func replace(_ path: FilePath, with bytes: [UInt8]) throws(FileFailure) {
        let temporary = FilePath(path.string + FileNames.temporarySuffix)
        let file = try openForWriting(temporary, .existingOrNew)
        defer { file.close() }
        try file.truncate(to: 0)
        try file.write(bytes.span, at: 0)
        try file.sync()
        try rename(temporary, to: path)
        try syncDirectory(path.folder)
    }
}
