#if canImport(Darwin)
    import Foundation

    /// What this process uses; macOS tells the peak of the memory only.
    struct ProcessUsage {
        var residentByteCount = 0
        var openFileCount = 0
        var cpuSeconds = 0.0

        static var current: ProcessUsage {
            var usage = ProcessUsage()
            var resources = rusage()
            // Safe: the kernel fills the struct that is ours for the call.
            unsafe getrusage(RUSAGE_SELF, &resources)
            usage.residentByteCount = resources.ru_maxrss
            for time in [resources.ru_utime, resources.ru_stime] {
                usage.cpuSeconds += Double(time.tv_sec) + Double(time.tv_usec) / 1e6
            }
            usage.openFileCount =
                (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count) ?? 0
            return usage
        }

        /// Not told by the system without private interfaces.
        static let threadCount = 0
    }
#endif
