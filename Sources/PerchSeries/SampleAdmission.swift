import PerchFiles
import PerchModel

/// Decides which samples of a batch are written, by their times and series.
///
/// It reads no clock and does no I/O.
struct SampleAdmission: Sendable {
    let oldestTime: Int64
    let newestTime: Int64

    /// What is to be written, and what is not; the batch as it is when that is all of it.
    func admit(_ batch: SampleBatch, _ refs: [UInt32]) -> (SampleBatch, SampleRefusals) {
        var refusals = SampleRefusals()
        // Fast path: everything is in time, of series that were taken.
        if batch.times.allSatisfy({ $0 >= oldestTime && $0 <= newestTime }),
            batch.histograms.isEmpty, batch.exemplars.isEmpty, !refs.contains(HeadSeries.noRef)
        {
            return (batch, refusals)
        }
        func admits(_ series: UInt32, _ time: Int64, count: Bool = true) -> Bool {
            var verdict = SampleRefusals()
            if refs[Int(series)] == HeadSeries.noRef {
                verdict.overSeriesLimit = 1
            } else if time < oldestTime {
                verdict.tooOld = 1
            } else if time > newestTime {
                verdict.tooFarAhead = 1
            } else {
                return true
            }
            guard count else { return false }
            refusals.overSeriesLimit += verdict.overSeriesLimit
            refusals.tooOld += verdict.tooOld
            refusals.tooFarAhead += verdict.tooFarAhead
            return false
        }
        var admitted = batch
        let kept = batch.times.indices.filter { admits(batch.seriesIndexes[$0], batch.times[$0]) }
        if kept.count < batch.times.count {
            admitted.times = kept.map { batch.times[$0] }
            admitted.values = kept.map { batch.values[$0] }
            admitted.seriesIndexes = kept.map { batch.seriesIndexes[$0] }
        }
        admitted.histograms = batch.histograms.filter { admits($0.series, $0.timeMillis) }
        // Not counted: an exemplar is part of a point.
        admitted.exemplars = batch.exemplars.filter {
            admits($0.series, $0.timeMillis, count: false)
        }
        return (admitted, refusals)
    }
}

extension Int64 {
    func lessClamped(_ other: Int64) -> Int64 {
        let (result, overflow) = subtractingReportingOverflow(other)
        return overflow ? .min : result
    }

    func moreClamped(_ other: Int64) -> Int64 {
        let (result, overflow) = addingReportingOverflow(other)
        return overflow ? .max : result
    }
}

extension SampleBatch {
    var isEmpty: Bool {
        times.isEmpty && histograms.isEmpty && exemplars.isEmpty && metadata.isEmpty
    }

    /// At most what the payload takes, but for huge counts in histograms.
    var logByteCountEstimate: Int {
        seriesBytes.count + 10 * seriesCount + 24 * sampleCount
            + histograms.reduce(0) {
                $0 + 96 + 8
                    * ($1.histogram.positiveCounts.count + $1.histogram.negativeCounts.count
                        + $1.histogram.customBounds.count)
            }
            + exemplars.reduce(0) { $0 + 32 + $1.labels.bytes.count }
            + metadata.reduce(16) {
                $0 + 16 + $1.family.utf8.count + $1.unit.utf8.count + $1.help.utf8.count
            }
    }

    var logSummary: WriteLogSummary {
        var low = Int64.max
        var high = Int64.min
        func widen(_ time: Int64) {
            low = min(low, time)
            high = max(high, time)
        }
        for time in times { widen(time) }
        for sample in histograms { widen(sample.timeMillis) }
        for exemplar in exemplars { widen(exemplar.timeMillis) }
        let rowCount = sampleCount + histograms.count + exemplars.count
        return WriteLogSummary(
            rowCount: rowCount, minTime: rowCount > 0 ? low : 0, maxTime: rowCount > 0 ? high : 0)
    }
}
