import Tracing

/// The time of day.
enum WallClock {
    /// Nanoseconds since 1970.
    @Sendable static func nanoseconds() -> Int64 {
        Int64(clamping: DefaultTracerClock.now.nanosecondsSinceEpoch)
    }
}
