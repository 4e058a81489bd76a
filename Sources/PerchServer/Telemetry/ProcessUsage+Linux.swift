#if os(Linux)
    import Foundation

    /// What this process uses, as the kernel tells it under `/proc/self`.
    struct ProcessUsage {
        var residentByteCount = 0
        var openFileCount = 0
        var cpuSeconds = 0.0

        static var current: ProcessUsage {
            var usage = ProcessUsage()
            if let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) {
                let fields = text.split(separator: " ")
                usage.residentByteCount = (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * 4_096
            }
            usage.openFileCount =
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
            var resources = rusage()
            // Safe: the kernel fills the struct that is ours for the call.
            unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &resources)
            for time in [resources.ru_utime, resources.ru_stime] {
                usage.cpuSeconds += Double(time.tv_sec) + Double(time.tv_usec) / 1e6
            }
            return usage
        }

        static var threadCount: Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
        }
    }
#endif
