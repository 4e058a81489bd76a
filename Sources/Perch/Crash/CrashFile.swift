import CPerchCrash
import SystemPackage

/// The edge to the handler of fatal signals and its files, which are written in C: a handler may
/// run no Swift, whose calls may allocate and lock.
enum CrashFile {
    static let suffix = ".crash"

    /// Makes a file that is locked as long as the process lives.
    static func create(folder: String, name: String) -> FileDescriptor? {
        // Safe: C strings that live for the call, which keeps none of them.
        let number = unsafe cperchcrash_create(folder, name)
        return number < 0 ? nil : FileDescriptor(rawValue: number)
    }

    /// Opens a file whose process is gone.
    static func claim(folder: String, name: String) -> FileDescriptor? {
        // Safe: as above.
        let number = unsafe cperchcrash_claim(folder, name)
        return number < 0 ? nil : FileDescriptor(rawValue: number)
    }

    /// The names of reports in a folder.
    static func names(folder: String) -> [String] {
        // Safe: the call writes no more than the count that it is given, and answers how much.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
            count = unsafe buffer.withMemoryRebound(to: CChar.self) { names in
                unsafe cperchcrash_list(folder, suffix, names.baseAddress, names.count)
            }
        }
        return bytes.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Lets signals write to a file, and removes it when the process ends by itself.
    static func install(_ file: FileDescriptor, path: String) -> Bool {
        // Safe: the string lives for the call, which copies it.
        unsafe cperchcrash_remove_at_exit(path)
        return cperchcrash_install(file.rawValue) == 0
    }

    /// Keeps a line for the report.
    static func note(_ line: [UInt8]) {
        unsafe line.withUnsafeBytes { bytes in
            // Safe: the call reads `count` bytes of a buffer that lives for it.
            unsafe cperchcrash_note(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    /// All of a file, up to a limit.
    static func read(_ file: FileDescriptor) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < ErrorLimits.crashFileByteCountMax {
            // Safe: the buffer lives for the call, which answers how much of it was filled.
            let part = unsafe [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
                count =
                    unsafe (try? file.read(
                        fromAbsoluteOffset: Int64(bytes.count),
                        into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
            }
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }

    /// Removes a file.
    static func remove(folder: String, name: String) {
        // Safe: as above.
        unsafe cperchcrash_remove(folder, name)
    }
}

/// What only C tells of the process and its machine.
enum SystemFacts {
    /// The variables of the process.
    static var environment: [String: String] {
        var environment: [String: String] = [:]
        var index = 0
        // Safe: a text is copied at once; who changes the environment while others read it breaks
        // more than this.
        while let text = unsafe cperchcrash_variable(index) {
            let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            index += 1
        }
        return environment
    }

    /// Bytes that may still be written to the disk of a path; nil when the system does not say.
    static func freeByteCount(path: String) -> Int? {
        // Safe: the string lives for the call.
        let count = unsafe cperchcrash_free(path)
        return count < 0 ? nil : Int(clamping: count)
    }
}
