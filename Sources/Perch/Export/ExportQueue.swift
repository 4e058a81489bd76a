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
        var batch = Batch()
        var droppedCount = 0
        var wake: CheckedContinuation<Void, Never>?
        var isFull = false
    }

    private let byteCountMax: Int
    private let batchCount: Int
    private let state = Mutex(State())

    /// Holds up to `byteCountMax` bytes; `batchCount` records wake the one who sends.
    init(byteCountMax: Int, batchCount: Int) {
        self.byteCountMax = byteCountMax
        self.batchCount = batchCount
    }

    /// Adds `count` records that `encode` writes.
    func add(scope: String, count: Int = 1, _ encode: (inout ProtoWriter) -> Void) {
        var writer = ProtoWriter()
        writer.bytes.reserveCapacity(512)
        encode(&writer)
        let bytes = writer.bytes
        let wake: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.batch.byteCount + bytes.count <= byteCountMax else {
                state.droppedCount += count
                return nil
            }
            state.batch.scopes[scope, default: []].append(contentsOf: bytes)
            state.batch.count += count
            state.batch.byteCount += bytes.count
            guard state.batch.count >= batchCount else { return nil }
            state.isFull = true
            defer { state.wake = nil }
            return state.wake
        }
        wake?.resume()
    }

    /// Takes everything that waits, or nil when nothing does.
    func take() -> Batch? {
        state.withLock { state in
            state.isFull = false
            guard state.batch.count > 0 else { return nil }
            defer { state.batch = Batch() }
            return state.batch
        }
    }

    /// Records that were dropped for want of room, or because they could not be sent.
    var droppedCount: Int { state.withLock { $0.droppedCount } }

    func countDropped(_ count: Int) { state.withLock { $0.droppedCount += count } }

    /// Waits until a batch is full, or the task is cancelled.
    func full() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.isFull || Task.isCancelled { return true }
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
