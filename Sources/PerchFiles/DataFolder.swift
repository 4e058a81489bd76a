import SystemPackage

/// Why a data folder could not be opened.
package struct DataFolderFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    ///
    /// More may come.
    package struct Code: Sendable, Hashable {
        private enum Name { case locked, newerFormat, notADataFolder, cannotOpen }
        private let name: Name

        /// Another process has the folder.
        package static let locked = Code(name: .locked)
        /// A newer version of Perch wrote the folder.
        package static let newerFormat = Code(name: .newerFormat)
        /// There are other things in the folder.
        package static let notADataFolder = Code(name: .notADataFolder)
        /// The file system refused.
        package static let cannotOpen = Code(name: .cannotOpen)
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened and what to do, for a person.
    package let message: String

    package var description: String { message }
}

/// The folder that one process owns and keeps everything in.
///
/// The lock is held from `open` to `close`, or until the process ends.
package final class DataFolder: Sendable {
    /// The version of the layout that this code writes, and the newest that it reads.
    package static let formatVersion = 1

    /// Where the folder is.
    package let path: FilePath
    private let files: any FileStore
    private let lock: any FileLock

    private init(files: any FileStore, path: FilePath, lock: any FileLock) {
        self.files = files
        self.path = path
        self.lock = lock
    }

    /// Whether there is a folder that Perch made.
    package static func exists(
        files: any FileStore, path: FilePath
    ) throws(FileFailure) -> Bool {
        do {
            return try files.byteCount(of: path.child(FileNames.format)) > 0
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    /// Opens a folder, or makes it where there is none.
    package static func open(
        files: any FileStore, path: FilePath
    ) throws(DataFolderFailure) -> DataFolder {
        do {
            try files.createDirectory(path)
            let lock = try files.lock(path.child(FileNames.lock))
            let folder = DataFolder(files: files, path: path, lock: lock)
            do {
                try folder.checkFormat()
            } catch {
                lock.release()
                throw error
            }
            return folder
        } catch let failure as DataFolderFailure {
            throw failure
        } catch let failure as FileFailure where failure.code == .locked {
            throw DataFolderFailure(
                code: .locked,
                message: """
                    the data folder \(path) is in use by another process; stop that one, or give \
                    this one a folder of its own
                    """)
        } catch {
            throw DataFolderFailure(
                code: .cannotOpen, message: "cannot open the data folder \(path): \(error)")
        }
    }

    /// The path of a folder inside this one, which is made where there is none.
    package func directory(_ name: String) throws(FileFailure) -> FilePath {
        let directory = path.child(name)
        try files.createDirectory(directory)
        try files.syncDirectory(path)
        return directory
    }

    /// Makes a copy that was put together in a folder one that a server can be started on; durable
    /// on return.
    package static func finishCopy(
        files: any FileStore, path: FilePath
    ) throws(FileFailure) {
        let text = Array(format(formatVersion).utf8)
        try files.replace(path.child(FileNames.format), with: text)
        try files.syncDirectory(path.folder)
    }

    /// Gives the folder back.
    package func close() {
        lock.release()
    }

    private func checkFormat() throws {
        let file = path.child(FileNames.format)
        do {
            let bytes = try files.readAll(file, byteCountMax: Limits.formatByteCountMax)
            try Self.check(String(decoding: bytes, as: UTF8.self), path)
        } catch let failure as FileFailure where failure.code == .notFound {
            let ours = [FileNames.lock, FileNames.format + FileNames.temporarySuffix]
            if let stranger = try files.list(path).first(where: { !ours.contains($0) }) {
                throw DataFolderFailure(
                    code: .notADataFolder,
                    message: """
                        \(path) has no \(FileNames.format) file but other things in it, as \
                        \(stranger); give an empty folder or one that Perch made
                        """)
            }
            try files.replace(file, with: Array(Self.format(Self.formatVersion).utf8))
            // The folder's own name must be durable too, before anything in it counts.
            try files.syncDirectory(path.folder)
        }
    }

    static func format(_ version: Int) -> String {
        "perch data folder\nformat \(version)\n"
    }

    private static func check(_ text: String, _ path: FilePath) throws(DataFolderFailure) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 2, lines[0] == "perch data folder", lines[1].hasPrefix("format "),
            let version = Int(lines[1].dropFirst("format ".count)), version >= 1
        else {
            throw DataFolderFailure(
                code: .notADataFolder,
                message: "the file \(path.child(FileNames.format)) is not one that Perch wrote")
        }
        guard version <= formatVersion else {
            throw DataFolderFailure(
                code: .newerFormat,
                message: """
                    the data folder \(path) has format \(version), written by a newer version of \
                    Perch; this one reads up to format \(formatVersion)
                    """)
        }
    }
}
