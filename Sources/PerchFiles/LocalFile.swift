import Synchronization
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An open file of this machine.
///
/// One call at a time; closed when the last owner lets go.
final class LocalFile: WritableFile, ReadableFile, FileLock {
    private let path: FilePath
    /// The descriptor, or nil once closed, so that a number that the system has given to another
    /// file is never used.
    private let descriptor: Mutex<FileDescriptor?>

    init(_ descriptor: FileDescriptor, _ path: FilePath) {
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit { close() }

    func close() {
        descriptor.withLock { descriptor in
            // A close that fails has closed all the same; what matters was synced before.
            try? descriptor?.close()
            descriptor = nil
        }
    }

    func release() { close() }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileFailure) {
        // Safe: the pointer covers the span's bytes and does not outlive the call.
        let reason: (any Error)? = unsafe bytes.withUnsafeBytes { source in
            do {
                try descriptor.withLock { descriptor in
                    guard let descriptor else { throw Errno.badFileDescriptor }
                    var written = 0
                    while written < source.count {
                        // Safe: the part is inside the source.
                        written += unsafe try descriptor.write(
                            toAbsoluteOffset: Int64(offset + written),
                            UnsafeRawBufferPointer(rebasing: source[written...]))
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        if let reason { throw FileFailure(reason, "write to", path) }
    }

    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8] {
        // The size is asked only where it could save memory.
        let wanted =
            byteCount <= Limits.scanWindowByteCount
            ? max(0, byteCount) : min(byteCount, max(0, try self.byteCount() - offset))
        do {
            return try descriptor.withLock { descriptor in
                guard let descriptor else { throw Errno.badFileDescriptor }
                // Safe: exactly the bytes that the system says it wrote are counted as filled.
                return unsafe try [UInt8](unsafeUninitializedCapacity: wanted) { target, filled in
                    while filled < wanted {
                        let part = unsafe UnsafeMutableRawBufferPointer(
                            rebasing: UnsafeMutableRawBufferPointer(target)[filled..<wanted])
                        let count = unsafe try descriptor.read(
                            fromAbsoluteOffset: Int64(offset + filled), into: part)
                        if count == 0 { break }
                        filled += count
                    }
                }
            }
        } catch {
            throw FileFailure(error, "read", path)
        }
    }

    func byteCount() throws(FileFailure) -> Int {
        try call("measure") { descriptor in
            Int(try descriptor.seek(offset: 0, from: .end))
        }
    }

    func preallocate(byteCount: Int) throws(FileFailure) {
        try call("reserve room for") { descriptor in
            let failure = LocalPlatform.preallocate(descriptor.rawValue, byteCount: byteCount)
            if failure != 0 { throw Errno(rawValue: failure) }
        }
    }

    func sync() throws(FileFailure) {
        try call("sync") { descriptor in
            guard LocalPlatform.syncData(descriptor.rawValue) == 0 else {
                throw Errno(rawValue: errno)
            }
        }
    }

    func truncate(to byteCount: Int) throws(FileFailure) {
        try call("cut") { descriptor in
            try descriptor.resize(to: Int64(byteCount))
        }
    }

    private func call<Answer: Sendable>(
        _ action: String, _ body: @Sendable (FileDescriptor) throws -> Answer
    ) throws(FileFailure) -> Answer {
        do {
            return try descriptor.withLock { descriptor in
                guard let descriptor else { throw Errno.badFileDescriptor }
                return try body(descriptor)
            }
        } catch {
            throw FileFailure(error, action, path)
        }
    }
}
