import Synchronization

/// A clock that moves when a test says so.
///
/// Nanoseconds since 1970.
package final class ManualClock: Sendable {
    private let nanos: Mutex<Int64>

    package init(nanos: Int64 = 1_700_000_000_000_000_000) {
        self.nanos = Mutex(nanos)
    }

    /// The time now, as a store takes it.
    package func now() -> Int64 { nanos.withLock { $0 } }

    package func advance(nanos step: Int64) { nanos.withLock { $0 += step } }
}
