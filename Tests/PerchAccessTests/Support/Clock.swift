import Synchronization

/// A clock that moves when told to.
final class Clock: Sendable {
    private let nanos = Mutex<Int64>(1_795_226_000_000_000_000)

    var now: Int64 { nanos.withLock { $0 } }

    func advance(seconds: Int64) {
        nanos.withLock { $0 += seconds * 1_000_000_000 }
    }
}
