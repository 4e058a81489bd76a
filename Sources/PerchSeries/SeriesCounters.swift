import Logging
import PerchFiles
import PerchModel
import Synchronization

/// What happened to a store since it was opened, and the messages about what should not happen.
final class SeriesCounters: Sendable {
    struct Counts: Sendable {
        var refusals = SampleRefusals()
        var droppedExemplarCount = 0
        var removedSampleCount = 0
        var removedByteCount = 0
        var removedFileCount = 0
        var damagedSegmentCount = 0
        var damagedChunkCount = 0
        var flushCount = 0
        var failedFlushCount = 0
        var mergeCount = 0
    }

    private let counts = Mutex(Counts())
    /// Set when the store is to be closed: work that can be done again another time is given up.
    private let isStopped = Atomic<Bool>(false)
    let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Throws when the store is to be closed.
    func checkStop() throws(StoreFailure) {
        if isStopped.load(ordering: .relaxed) { throw .closed }
    }

    var all: Counts { counts.withLock { $0 } }

    func add(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }

    func add(_ refusals: SampleRefusals, droppedExemplarCount: Int) {
        guard refusals.count > 0 || droppedExemplarCount > 0 else { return }
        counts.withLock { counts in
            counts.droppedExemplarCount += droppedExemplarCount
            counts.refusals.conflicting += refusals.conflicting
            counts.refusals.tooOld += refusals.tooOld
            counts.refusals.tooFarAhead += refusals.tooFarAhead
            counts.refusals.overSeriesLimit += refusals.overSeriesLimit
            counts.refusals.overMetricLimit += refusals.overMetricLimit
            counts.refusals.overTargetLimit += refusals.overTargetLimit
            if let culprit = refusals.culprit { counts.refusals.culprit = culprit }
        }
    }

    func chunkWasDamaged(_ segment: Segment, _ reason: String) {
        counts.withLock { $0.damagedChunkCount += 1 }
        guard segment.takeFirstDamage() else { return }
        logger.error(
            "a segment has damaged samples; they are left out of answers",
            metadata: ["file": "\(segment.path.text)", "reason": "\(reason)"])
    }
}
