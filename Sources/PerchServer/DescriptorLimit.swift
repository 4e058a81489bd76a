import Foundation

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// Raises the limit as far as the process may; answers what it is now.
    ///
    /// Shells and init systems give a low one (1,024) for the sake of programs that use `select`.
    static func raise() -> Int {
        var limit = rlimit()
        // Safe: the kernel fills the struct that is ours for the call.
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1_024 }
        let wanted = min(limit.rlim_max, countMax)
        if limit.rlim_cur < wanted {
            let old = limit.rlim_cur
            limit.rlim_cur = wanted
            // Safe: the kernel only reads the struct.
            if unsafe setrlimit(resource, &limit) != 0 { limit.rlim_cur = old }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// The most connections of each of `listenerCount` listeners, so that the stores always get
    /// the descriptors they need.
    static func connectionsMax(configured: Int, descriptors: Int, listenerCount: Int) -> Int {
        let reserved = min(Limits.reservedDescriptorCount, descriptors / 2)
        return max(1, min(configured, (descriptors - reserved) / max(1, listenerCount)))
    }

    /// More would only cost: the system's tables grow with it.
    private static let countMax: rlim_t = 1 << 20

    #if os(Linux)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
