import PerchModel
import Synchronization

/// Takes batches in memory, or fails as told.
final class MemorySinks: EventSink, SampleSink {
    private struct State {
        var events: [EventBatch] = []
        var samples: [SampleBatch] = []
        var failure: StoreFailure?
    }

    private let state = Mutex(State())

    var events: [EventBatch] { state.withLock { $0.events } }
    var samples: [SampleBatch] { state.withLock { $0.samples } }

    func fail(with failure: StoreFailure?) {
        state.withLock { $0.failure = failure }
    }

    func append(_ batch: EventBatch) async throws(StoreFailure) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        state.withLock { $0.events.append(batch) }
    }

    func append(_ batch: SampleBatch) async throws(StoreFailure) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        state.withLock { $0.samples.append(batch) }
    }
}
