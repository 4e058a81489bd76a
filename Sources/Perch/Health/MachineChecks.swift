import SystemPackage

extension HealthCheck {
    /// Whether the process takes less memory than `byteCountMax` (HLT-3).
    ///
    /// Of a container that has a limit, nine tenths of it when nil.
    public static func memory(
        _ name: String = "memory", byteCountMax: Int? = nil, kinds: Set<Kind> = [.live]
    ) -> HealthCheck {
        HealthCheck(name, kinds: kinds) {
            guard let used = Machine.residentByteCount else {
                throw HealthFailure("the system does not say how much memory is used")
            }
            let limit = byteCountMax ?? Machine.memoryLimit.map { $0 / 10 * 9 }
            if let limit, used > limit {
                throw HealthFailure("\(used >> 20) MiB are used, of \(limit >> 20) MiB")
            }
            return ["used_bytes": .number(Double(used))]
        }
    }

    /// Whether a folder's disk has room for `freeByteCountMin`.
    public static func disk(
        _ name: String = "disk", path: String, freeByteCountMin: Int,
        kinds: Set<Kind> = [.ready]
    ) -> HealthCheck {
        HealthCheck(name, kinds: kinds) {
            guard let free = SystemFacts.freeByteCount(path: path) else {
                throw HealthFailure("the system does not say how much room is in \(path)")
            }
            guard free >= freeByteCountMin else {
                throw HealthFailure("\(free >> 20) MiB are left in \(path)")
            }
            return ["free_bytes": .number(Double(free))]
        }
    }

    /// Whether the database has the version that this program was made for (HLT-9).
    public static func migrations(
        _ name: String = "migrations", expected: Int, kinds: Set<Kind> = [.ready, .startup],
        current: @escaping @Sendable () async throws -> Int
    ) -> HealthCheck {
        HealthCheck(name, kinds: kinds) {
            let version = try await current()
            guard version >= expected else {
                throw HealthFailure("the database has version \(version), not yet \(expected)")
            }
            return ["version": .number(Double(version))]
        }
    }
}

/// What Linux tells in files.
private enum Machine {
    static var residentByteCount: Int? {
        // The second number is the count of pages in memory.
        let words = text("/proc/self/statm")?.split(separator: " ") ?? []
        return words.count > 1 ? Int(words[1]).map { $0 * pageByteCount } : nil
    }

    /// Of the container; nil when it has none.
    static var memoryLimit: Int? {
        text("/sys/fs/cgroup/memory.max").flatMap { Int($0.prefix { $0.isNumber }) }
    }

    #if arch(arm64) && os(macOS)
        private static let pageByteCount = 16384
    #else
        private static let pageByteCount = 4096
    #endif

    private static func text(_ path: String) -> String? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        let bytes = CrashFile.read(file)
        try? file.close()
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
