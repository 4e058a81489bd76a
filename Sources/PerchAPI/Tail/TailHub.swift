package import PerchModel
import Synchronization

/// Hands events to readers of the live tail once they are stored.
///
/// Who stores waits for no reader: what does not fit a reader's queue is counted as lost to it.
package final class TailHub: Sendable {
    /// Something for a reader to do.
    enum Item: Sendable {
        case batch(EventBatch)
        /// Time has passed.
        case tick
    }

    /// Refused: there are enough readers, or the server stops.
    struct Refused: Error {
        var isClosed: Bool
    }

    private struct State {
        var readers: [Int: TailReader] = [:]
        var nextID = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let hasReaders = Atomic(false)
    private let droppedTotal = Atomic(0)
    private let readersMax: Int

    package init(readersMax: Int = Limits.tailReadersMax) {
        self.readersMax = readersMax
    }

    /// Readers now.
    package var readerCount: Int { state.withLock { $0.readers.count } }

    /// Events that readers lost because they were slow.
    package var droppedCount: Int { droppedTotal.load(ordering: .relaxed) }

    /// Hands a batch to those who read its dataset.
    package func publish(_ batch: EventBatch) {
        // Fast path: nobody looks.
        guard hasReaders.load(ordering: .relaxed), batch.rowCount > 0 else { return }
        let readers = state.withLock { Array($0.readers.values) }
        let byteCount = batch.byteCount
        for reader in readers where reader.dataset == batch.dataset {
            if !reader.offer(batch, byteCount) {
                droppedTotal.add(batch.rowCount, ordering: .relaxed)
            }
        }
    }

    /// Ends all readers, and takes no more.
    package func close() {
        let readers = state.withLock { state in
            state.isClosed = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }

    func open(_ dataset: Dataset) throws(Refused) -> TailReader {
        let result = state.withLock { state -> Result<TailReader, Refused> in
            guard !state.isClosed, state.readers.count < readersMax else {
                return .failure(Refused(isClosed: state.isClosed))
            }
            state.nextID += 1
            let reader = TailReader(id: state.nextID, dataset: dataset)
            state.readers[state.nextID] = reader
            hasReaders.store(true, ordering: .relaxed)
            return .success(reader)
        }
        return try result.get()
    }

    func close(_ reader: TailReader) {
        reader.finish()
        state.withLock { state in
            state.readers[reader.id] = nil
            if state.readers.isEmpty { hasReaders.store(false, ordering: .relaxed) }
        }
    }
}

/// One reader of the tail: what waits for it, and what it lost.
final class TailReader: Sendable {
    private struct Waiting {
        var byteCount = 0
        var droppedCount = 0
        var offeredCount = 0
    }

    let id: Int
    let dataset: Dataset
    let items: AsyncStream<TailHub.Item>
    private let continuation: AsyncStream<TailHub.Item>.Continuation
    private let waiting = Mutex(Waiting())

    init(id: Int, dataset: Dataset) {
        self.id = id
        self.dataset = dataset
        (items, continuation) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingOldest(Limits.tailBatchesMax))
    }

    /// Whether there was room.
    func offer(_ batch: EventBatch, _ byteCount: Int) -> Bool {
        let hasRoom = waiting.withLock { waiting in
            guard waiting.byteCount + byteCount <= Limits.tailByteCountMax else {
                waiting.droppedCount += batch.rowCount
                return false
            }
            waiting.byteCount += byteCount
            return true
        }
        guard hasRoom else { return false }
        if case .enqueued = continuation.yield(.batch(batch)) {
            waiting.withLock { $0.offeredCount += 1 }
            return true
        }
        waiting.withLock { waiting in
            waiting.byteCount -= byteCount
            waiting.droppedCount += batch.rowCount
        }
        return false
    }

    /// Batches that were put into the queue so far.
    var offeredCount: Int { waiting.withLock { $0.offeredCount } }

    /// Notes that a batch was taken.
    func took(_ byteCount: Int) {
        waiting.withLock { $0.byteCount -= byteCount }
    }

    /// What was lost since the last call.
    func takeDroppedCount() -> Int {
        waiting.withLock { waiting in
            defer { waiting.droppedCount = 0 }
            return waiting.droppedCount
        }
    }

    func tick() {
        continuation.yield(.tick)
    }

    func finish() {
        continuation.finish()
    }
}

/// A store of events whose batches the readers of the tail see once they are stored.
package struct TailedSink: EventSink {
    private let sink: any EventSink
    private let hub: TailHub

    package init(_ sink: any EventSink, hub: TailHub) {
        self.sink = sink
        self.hub = hub
    }

    package func append(_ batch: EventBatch) async throws(StoreFailure) {
        try await sink.append(batch)
        hub.publish(batch)
    }
}
