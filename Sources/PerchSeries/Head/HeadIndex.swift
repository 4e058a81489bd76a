import PerchModel
import Synchronization

/// The series of the head: each label set once under a number, its ref, and which have a label.
///
/// Shared by the memtables whose refs it gave.
final class HeadIndex: Sendable {
    private let state: Mutex<HeadSeries>

    /// An index without bounds.
    init(seed: UInt64) {
        state = Mutex(HeadSeries(seed: seed))
    }

    /// Takes bounds for series to come.
    func setBounds(_ bounds: SeriesBounds) { state.withLock { $0.bounds = bounds } }

    /// Says of a batch's series that were refused which bound each was over, and tells all of one.
    func culprits(
        _ batch: SampleBatch, _ refused: [Int]
    ) -> (limits: [Int: SeriesCulprit.Limit], culprit: SeriesCulprit?) {
        state.withLock { series in
            let bytes = batch.seriesBytes.span
            var limits: [Int: SeriesCulprit.Limit] = [:]
            for index in refused {
                limits[index] = series.boundPassed(bytes.extracting(batch.seriesRange(at: index)))
            }
            let culprit = refused.first.map { first in
                series.culprit(
                    bytes.extracting(batch.seriesRange(at: first)), limits[first] ?? .total)
            }
            return (limits, culprit)
        }
    }

    /// How many series there are.
    var count: Int { state.withLock { $0.count } }

    /// The refs of a batch's series; ``HeadSeries/noRef`` for new ones over the limit.
    ///
    /// `count` is above all of them.
    func resolve(_ batch: SampleBatch) -> (refs: [UInt32], count: Int) {
        state.withLock { series in
            var refs: [UInt32] = []
            refs.reserveCapacity(batch.seriesCount)
            var last: UInt32?
            var start = 0
            for end in batch.seriesEnds {
                refs.append(
                    series.resolve(batch.seriesBytes.span, start..<Int(end), after: &last)
                        ?? HeadSeries.noRef)
                start = Int(end)
            }
            return (refs, series.count)
        }
    }

    /// The labels of some series.
    func labels(of refs: [UInt32]) -> [Labels] {
        state.withLock { series in refs.map { series.labels(of: $0) } }
    }

    /// The ref of one series; nil for a new one over the limit.
    func add(_ labels: Labels) -> UInt32? {
        var last: UInt32?
        return state.withLock {
            $0.resolve(labels.bytes.span, 0..<labels.bytes.count, after: &last)
        }
    }

    /// Everything under the lock; the reader's way to ask the index and the head at one moment.
    func withSeries<Answer>(
        _ body: (inout HeadSeries) throws(StoreFailure) -> sending Answer
    ) throws(StoreFailure) -> Answer {
        let result: Result<Answer, StoreFailure> = state.withLock { series in
            do throws(StoreFailure) {
                return .success(try body(&series))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
