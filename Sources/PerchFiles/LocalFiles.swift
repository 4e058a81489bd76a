import Foundation
import Synchronization
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file system of this machine.
///
/// Folders get mode 0700 and files 0600, whatever the umask.
package struct LocalFiles: FileStore {
    package init() {}

    package func list(_ directory: FilePath) throws(FileFailure) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
        } catch {
            let code: FileFailure.Code =
                FileManager.default.fileExists(atPath: directory.string) ? .other : .notFound
            throw FileFailure(code: code, message: "cannot list \(directory): \(error)")
        }
    }

    package func makeDirectory(_ path: FilePath) throws(FileFailure) -> Bool {
        // Safe: the path is a C string of its own for the length of the call.
        let result = unsafe path.withPlatformString { unsafe mkdir($0, 0o700) }
        if result == 0 { return true }
        switch Errno(rawValue: errno) {
        case .fileExists:
            var isDirectory: ObjCBool = false
            // Safe: the pointer is to a local for the length of the call.
            let isThere = unsafe FileManager.default.fileExists(
                atPath: path.string, isDirectory: &isDirectory)
            guard isThere, isDirectory.boolValue else {
                throw FileFailure(code: .exists, message: "\(path) is not a folder")
            }
            return false
        case let reason:
            throw FileFailure(reason, "create the folder", path)
        }
    }

    package func openForWriting(
        _ path: FilePath, _ opening: FileOpening
    ) throws(FileFailure) -> any WritableFile {
        let options: FileDescriptor.OpenOptions =
            switch opening {
            case .existing: [.closeOnExec]
            case .new: [.create, .exclusiveCreate, .closeOnExec]
            case .existingOrNew: [.create, .closeOnExec]
            }
        do {
            let descriptor = try FileDescriptor.open(
                path, .readWrite, options: options, permissions: [.ownerReadWrite])
            return LocalFile(descriptor, path)
        } catch {
            throw FileFailure(error, "open", path)
        }
    }

    package func openForReading(_ path: FilePath) throws(FileFailure) -> any ReadableFile {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            return LocalFile(descriptor, path)
        } catch {
            throw FileFailure(error, "open", path)
        }
    }

    package func byteCount(of path: FilePath) throws(FileFailure) -> Int {
        let file = try openForReading(path)
        defer { file.close() }
        return try file.byteCount()
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        // Safe: both paths are C strings of their own for the length of the call.
        let result = unsafe path.withPlatformString { from in
            unsafe target.withPlatformString { to in
                #if canImport(Darwin)
                    unsafe Darwin.rename(from, to)
                #elseif canImport(Glibc)
                    unsafe Glibc.rename(from, to)
                #else
                    unsafe Musl.rename(from, to)
                #endif
            }
        }
        guard result == 0 else {
            throw FileFailure(Errno(rawValue: errno), "rename to \(target)", path)
        }
    }

    package func link(_ path: FilePath, to target: FilePath) throws(FileFailure) {
        // Safe: both paths are C strings of their own for the length of the call.
        let result = unsafe path.withPlatformString { from in
            unsafe target.withPlatformString { to in
                #if canImport(Darwin)
                    unsafe Darwin.link(from, to)
                #elseif canImport(Glibc)
                    unsafe Glibc.link(from, to)
                #else
                    unsafe Musl.link(from, to)
                #endif
            }
        }
        guard result == 0 else {
            throw FileFailure(Errno(rawValue: errno), "link to \(target)", path)
        }
    }

    package func remove(_ path: FilePath) throws(FileFailure) {
        // Safe: the path is a C string of its own for the length of the call.
        guard unsafe path.withPlatformString({ unsafe unlink($0) }) == 0 else {
            throw FileFailure(Errno(rawValue: errno), "remove", path)
        }
    }

    package func syncDirectory(_ path: FilePath) throws(FileFailure) {
        do {
            let descriptor = try FileDescriptor.open(
                path, .readOnly, options: [.directory, .closeOnExec])
            let result = LocalPlatform.syncFully(descriptor.rawValue)
            let reason = Errno(rawValue: errno)
            try descriptor.close()
            if result != 0 { throw reason }
        } catch {
            throw FileFailure(error, "sync the folder", path)
        }
    }

    package func space(at path: FilePath) throws(FileFailure) -> FileSpace {
        var answer = statvfs()
        // Safe: the path is a C string, and the answer a local, for the length of the call.
        let result = unsafe path.withPlatformString { unsafe statvfs($0, &answer) }
        guard result == 0 else {
            throw FileFailure(Errno(rawValue: errno), "measure the free space of", path)
        }
        let unit = UInt64(answer.f_frsize)
        func byteCount(_ blockCount: UInt64) -> Int {
            Int(clamping: blockCount.multipliedReportingOverflow(by: unit).partialValue)
        }
        return FileSpace(
            availableByteCount: byteCount(UInt64(answer.f_bavail)),
            totalByteCount: byteCount(UInt64(answer.f_blocks)))
    }

    package func lock(_ path: FilePath) throws(FileFailure) -> any FileLock {
        do {
            let descriptor = try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
            // The lock belongs to the open file: it ends with the process however that ends, and
            // it holds against another open of the same process too.
            if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 {
                return LocalFile(descriptor, path)
            }
            let reason = Errno(rawValue: errno)
            try descriptor.close()
            throw reason
        } catch Errno.wouldBlock {
            throw FileFailure(code: .locked, message: "\(path) is locked by another process")
        } catch {
            throw FileFailure(error, "lock", path)
        }
    }
}

extension FileFailure {
    /// A failure of the system, in words.
    init(_ error: any Error, _ action: String, _ path: FilePath) {
        let code: Code =
            switch error as? Errno {
            case .noSuchFileOrDirectory: .notFound
            case .fileExists: .exists
            case .noSpace, .diskQuotaExceeded: .noSpace
            case .permissionDenied, .notPermitted, .readOnlyFileSystem: .denied
            case .notSupported, .notSupportedOnSocket, .noFunction: .unsupported
            default: .other
            }
        self.init(code: code, message: "cannot \(action) \(path): \(error)")
    }
}
