import PerchFiles
import Synchronization

/// A file of `InMemoryFiles`, open.
final class InMemoryFile: WritableFile, ReadableFile {
    private let files: InMemoryFiles
    private let inode: Int
    private let path: FilePath
    private let isOpen = Mutex(true)

    init(_ files: InMemoryFiles, _ inode: Int, _ path: FilePath) {
        self.files = files
        self.inode = inode
        self.path = path
    }

    func close() { isOpen.withLock { $0 = false } }

    private func checkOpen() throws(FileFailure) {
        guard isOpen.withLock({ $0 }) else {
            throw FileFailure(code: .other, message: "\(path) is closed")
        }
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileFailure) {
        try checkOpen()
        var written: [UInt8] = []
        for index in bytes.indices { written.append(bytes[index]) }
        files.change(inode) { [written] in $0.write(written, at: offset) }
    }

    func preallocate(byteCount: Int) throws(FileFailure) {
        try checkOpen()
        files.change(inode) { if $0.content.count < byteCount { $0.resize(to: byteCount) } }
    }

    func sync() throws(FileFailure) {
        try checkOpen()
        files.change(inode) { $0.makeDurable() }
    }

    func truncate(to byteCount: Int) throws(FileFailure) {
        try checkOpen()
        files.change(inode) { $0.resize(to: byteCount) }
    }

    func byteCount() throws(FileFailure) -> Int {
        try checkOpen()
        return files.content(inode).count
    }

    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8] {
        try checkOpen()
        let content = files.content(inode)
        guard offset < content.count else { return [] }
        return Array(content[offset..<min(content.count, offset + byteCount)])
    }
}

/// A lock of `InMemoryFiles`.
final class InMemoryLock: FileLock {
    private let files: InMemoryFiles
    private let path: String
    private let isHeld = Mutex(true)

    init(_ files: InMemoryFiles, _ path: String) {
        self.files = files
        self.path = path
    }

    deinit { release() }

    func release() {
        let wasHeld = isHeld.withLock { isHeld in
            let wasHeld = isHeld
            isHeld = false
            return wasHeld
        }
        if wasHeld { files.release(lock: path) }
    }
}
