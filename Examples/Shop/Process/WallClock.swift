import Foundation

/// Nanoseconds since 1970, handed to whoever needs the time.
typealias NanosecondClock = @Sendable () -> Int64

/// The one place where the demo asks the machine for the time.
enum WallClock {
    /// A clock that starts at the wall clock and then runs with the monotonic one.
    ///
    /// Span durations stay right when the wall clock is set while the shop runs.
    static func start() -> NanosecondClock {
        let origin = Int64(Date.now.timeIntervalSince1970 * 1_000_000) &* 1_000
        let began = ContinuousClock.now
        return { origin &+ began.duration(to: .now).nanoseconds }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let parts = components
        return parts.seconds &* 1_000_000_000 &+ parts.attoseconds / 1_000_000_000
    }
}
