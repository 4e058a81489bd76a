import Foundation

/// The wall clock.
package enum SystemClock {
    /// Nanoseconds since 1970.
    @Sendable package static func now() -> Int64 {
        var time = timespec()
        // Safe: the kernel fills the struct that is ours for the call.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
