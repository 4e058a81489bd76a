import CoreMetrics
import PerchWire
import Synchronization

/// Records that wait to be sent, encoded already, so that waiting costs their bytes only.
///
/// Bounded: what does not fit is dropped and counted.
final class ExportQueue: Sendable {
    /// What is sent with one request.
    struct Batch: Sendable {
        /// The encoded records by the name of their scope.
        var scopes: [String: [UInt8]] = [:]
        var count = 0
        var byteCount = 0
    }

    private struct State {
        /// Full batches, the oldest first.
        var full: [Batch] = []
        var last = Batch()
        /// Of all batches.
        var count = 0
        var byteCount = 0
        var droppedCount = 0
        var wake: CheckedContinuation<Void, Never>?
        var isStopping = false
        var isFailing = false
    }

    private let options: ExportOptions
    /// Counts what was dropped, for those who read the metrics.
    private let dropped: (any CounterHandler)?
    private let state = Mutex(State())

    /// Holds records within the limits of the options; a full batch wakes the one who sends.
    init(_ options: ExportOptions, dropped: (any CounterHandler)? = nil) {
        self.options = options
        self.dropped = dropped
    }

    /// Adds `count` records that `encode` writes.
    func add(scope: String, count: Int = 1, _ encode: (inout ProtoWriter) -> Void) {
        var writer = ProtoWriter()
        writer.bytes.reserveCapacity(512)
        encode(&writer)
        let bytes = writer.bytes
        let (isKept, wake): (Bool, CheckedContinuation<Void, Never>?) = state.withLock { state in
            guard state.byteCount + bytes.count <= options.waitingByteCountMax,
                state.count + count <= options.waitingCountMax
            else {
                state.droppedCount += count
                return (false, nil)
            }
            state.last.scopes[scope, default: []].append(contentsOf: bytes)
            state.last.count += count
            state.last.byteCount += bytes.count
            state.count += count
            state.byteCount += bytes.count
            guard state.last.count >= options.batchCount else { return (true, nil) }
            state.full.append(state.last)
            state.last = Batch()
            defer { state.wake = nil }
            return (true, state.wake)
        }
        if !isKept { dropped?.increment(by: Int64(count)) }
        wake?.resume()
    }

    /// Takes the batch that waits longest, or nil when nothing waits.
    func take() -> Batch? {
        state.withLock { state in
            var batch = state.last
            if state.full.isEmpty { state.last = Batch() } else { batch = state.full.removeFirst() }
            state.count -= batch.count
            state.byteCount -= batch.byteCount
            return batch.count > 0 ? batch : nil
        }
    }

    /// Records that were dropped for want of room, or because they could not be sent.
    var droppedCount: Int { state.withLock { $0.droppedCount } }

    func countDropped(_ count: Int) {
        state.withLock { $0.droppedCount += count }
        dropped?.increment(by: Int64(count))
    }

    /// Whether sending fails, or works, unlike before.
    func isNews(isFailing: Bool) -> Bool {
        state.withLock { state in
            defer { state.isFailing = isFailing }
            return state.isFailing != isFailing
        }
    }

    /// Ends all waiting, now and later.
    func stop() {
        let wake = state.withLock { state in
            state.isStopping = true
            defer { state.wake = nil }
            return state.wake
        }
        wake?.resume()
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Waits until a batch is full, the queue is stopped, or the task is cancelled.
    func full() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if !state.full.isEmpty || state.isStopping || Task.isCancelled { return true }
                    state.wake = continuation
                    return false
                }
                if mayGo { continuation.resume() }
            }
        } onCancel: {
            let wake = state.withLock { state in
                defer { state.wake = nil }
                return state.wake
            }
            wake?.resume()
        }
    }
}
