package import PerchFiles
import Synchronization

/// Files in memory that know what a loss of power would leave of them.
///
/// Content counts as durable after `sync` of the file, names of files and folders after
/// `syncDirectory` of the folder that they are in.
package final class InMemoryFiles: FileStore {
    private let state: Mutex<InMemoryState>

    package convenience init() {
        self.init(InMemoryState())
    }

    private init(_ state: InMemoryState) {
        self.state = Mutex(state)
    }

    /// How much room is left to say, for tests of a full disk; writes are not held to it.
    package func setAvailableByteCount(_ count: Int) {
        state.withLock { $0.availableByteCount = count }
    }

    /// What is there after a loss of power: only what was synced.
    ///
    /// With a seed, also any part of what was not: some of the writes, and of those some of the
    /// sectors, and the first few of the changes of names.
    package func crashed(tornBySeed seed: UInt64? = nil) -> InMemoryFiles {
        InMemoryFiles(state.withLock { $0.crashed(tornBySeed: seed) })
    }

    /// Changes a file's bytes behind everybody's back, as a failing disk does.
    package func damage(_ path: FilePath, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard let inode = state.names[path.text] else { return }
            body(&state.inodes[inode, default: Inode()].content)
            state.inodes[inode, default: Inode()].makeDurable()
        }
    }

    package func list(_ directory: FilePath) throws(FileFailure) -> [String] {
        let prefix = directory.text + "/"
        return try locked { state throws(FileFailure) in
            guard state.directories.contains(directory.text) else {
                throw .missing(directory)
            }
            let paths = Array(state.names.keys) + Array(state.directories)
            return
                paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
                .filter { !$0.contains("/") }.sorted()
        }
    }

    package func makeDirectory(_ path: FilePath) throws(FileFailure) -> Bool {
        try locked { state throws(FileFailure) in
            guard state.names[path.text] == nil else {
                throw FileFailure(code: .exists, message: "\(path) is not a folder")
            }
            guard !state.directories.contains(path.text) else { return false }
            guard state.directories.contains(path.folder.text) else { throw .missing(path.folder) }
            state.change(.madeDirectory(path.text), in: path.folder)
            return true
        }
    }

    package func openForWriting(
        _ path: FilePath, _ opening: FileOpening
    ) throws(FileFailure) -> any WritableFile {
        let inode = try locked { state throws(FileFailure) in
            if let inode = state.names[path.text] {
                if opening == .new {
                    throw FileFailure(code: .exists, message: "\(path) is there")
                }
                return inode
            }
            guard opening != .existing, state.directories.contains(path.folder.text) else {
                throw .missing(path)
            }
            return state.create(path)
        }
        return InMemoryFile(self, inode, path)
    }

    package func openForReading(_ path: FilePath) throws(FileFailure) -> any ReadableFile {
        InMemoryFile(self, try inode(path), path)
    }

    package func byteCount(of path: FilePath) throws(FileFailure) -> Int {
        try openForReading(path).byteCount()
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        try locked { state throws(FileFailure) in
            guard let inode = state.names[path.text] else { throw .missing(path) }
            state.change(
                .renamed(from: path.text, to: target.text, inode: inode), in: path.folder)
        }
    }

    package func link(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        try locked { state throws(FileFailure) in
            guard let inode = state.names[path.text],
                state.directories.contains(target.folder.text)
            else { throw .missing(path) }
            guard state.names[target.text] == nil else {
                throw FileFailure(code: .exists, message: "\(target) is there")
            }
            state.change(.created(target.text, inode: inode), in: target.folder)
        }
    }

    package func remove(_ path: FilePath) throws(FileFailure) {
        try locked { state throws(FileFailure) in
            guard state.names[path.text] != nil else { throw .missing(path) }
            state.change(.removed(path.text), in: path.folder)
        }
    }

    package func syncDirectory(_ path: FilePath) throws(FileFailure) {
        state.withLock { $0.syncNames(in: path) }
    }

    package func space(at path: FilePath) throws(FileFailure) -> FileSpace {
        state.withLock {
            FileSpace(availableByteCount: $0.availableByteCount, totalByteCount: 1 << 40)
        }
    }

    package func lock(_ path: FilePath) throws(FileFailure) -> any FileLock {
        _ = try openForWriting(path, .existingOrNew)
        try locked { state throws(FileFailure) in
            guard state.locks.insert(path.text).inserted else {
                throw FileFailure(code: .locked, message: "\(path) is locked by another process")
            }
        }
        return InMemoryLock(self, path.text)
    }

    // MARK: For its files and locks

    func release(lock: String) {
        state.withLock { _ = $0.locks.remove(lock) }
    }

    func change(_ inode: Int, _ body: @Sendable (inout Inode) -> Void) {
        state.withLock { body(&$0.inodes[inode, default: Inode()]) }
    }

    func content(_ inode: Int) -> [UInt8] {
        state.withLock { $0.inodes[inode]?.content ?? [] }
    }

    private func inode(_ path: FilePath) throws(FileFailure) -> Int {
        try locked { state throws(FileFailure) in
            guard let inode = state.names[path.text] else { throw .missing(path) }
            return inode
        }
    }

    private func locked<Answer: Sendable>(
        _ body: (inout sending InMemoryState) throws(FileFailure) -> sending Answer
    ) throws(FileFailure) -> Answer {
        try state.withLock(body)
    }
}

extension FileFailure {
    static func missing(_ path: FilePath) -> FileFailure {
        FileFailure(code: .notFound, message: "\(path) is not there")
    }
}
