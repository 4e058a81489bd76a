import Perch
import Synchronization

/// A photo that a visitor sent for a product.
struct Photo: Sendable {
    let id: String
    let product: Int64
    let byteCount: Int
    /// The span that took it.
    let origin: SpanContext
    /// Nanoseconds since 1970.
    let receivedAt: Int64
}

/// Photos that wait for the media worker; in memory, since a demo may lose them.
final class PhotoQueue: Sendable {
    private struct State {
        var waiting: [Photo] = []
        var active = 0
        var completed = 0
        var failed = 0
    }

    private let state = Mutex(State())

    /// False when too many wait.
    func add(_ photo: Photo) -> Bool {
        state.withLock { state in
            guard state.waiting.count < Limits.photosMax else { return false }
            state.waiting.append(photo)
            return true
        }
    }

    func next() -> Photo? {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return nil }
            state.active += 1
            return state.waiting.removeFirst()
        }
    }

    func done(isSuccess: Bool) {
        state.withLock { state in
            state.active -= 1
            if isSuccess { state.completed += 1 } else { state.failed += 1 }
        }
    }

    func counts(now: Int64) -> QueueCounts {
        state.withLock { state in
            QueueCounts(
                waiting: state.waiting.count, active: state.active, completed: state.completed,
                failed: state.failed,
                oldestAge: state.waiting.first.map { .nanoseconds(now - $0.receivedAt) })
        }
    }
}
