import PerchModel

/// Decides which rows of a batch are kept, by their times and the labels of series.
///
/// It reads no clock and does no I/O.
struct Admission {
    /// What was refused and why.
    struct Refused: Equatable {
        var tooFarAhead = 0
        var tooOld = 0
        var overLabelLimit = 0

        var count: Int { tooFarAhead + tooOld + overLabelLimit }

        /// For the sender; empty when nothing was refused.
        var message: String {
            var parts: [String] = []
            if tooFarAhead > 0 { parts.append("\(tooFarAhead) more than 10 minutes ahead") }
            if tooOld > 0 { parts.append("\(tooOld) older than the retention") }
            if overLabelLimit > 0 { parts.append("\(overLabelLimit) with too many or long labels") }
            return parts.joined(separator: ", ")
        }
    }

    let nowNanos: Int64

    /// Takes out the events whose time no segment may have; `left` are their rows.
    ///
    /// Also those that would be kept and never shown, since they are too old for what they are.
    func admit(_ batch: inout EventBatch, _ ages: EventAges) -> (refused: Refused, left: Set<Int>) {
        let shortest = ages.shortestNanos
        // Fast path: nothing is old enough to look at what it is.
        let isPlain = batch.times.allSatisfy { !isAhead($0) && !isOld($0, shortest) }
        if isPlain { return (Refused(), []) }
        let nanos = ages.nanos(of: batch)
        var refused = Refused()
        var kept: [UInt32] = []
        var left: Set<Int> = []
        for (row, time) in batch.times.enumerated() {
            if isAhead(time) {
                refused.tooFarAhead += 1
            } else if isOld(time, nanos[row]) {
                refused.tooOld += 1
            } else {
                kept.append(UInt32(row))
                continue
            }
            left.insert(row)
        }
        if refused.count > 0 { batch = batch.selecting(rows: kept) }
        return (refused, left)
    }

    /// Takes out the samples whose time no segment may have, and those of series whose labels are
    /// over a limit.
    ///
    /// Series stay where they are: see `dropUnusedSeries`.
    func admit(_ batch: inout SampleBatch, ageNanosMax: Int64) -> Refused {
        var refused = Refused()
        if isPlain(batch, ageNanosMax) { return refused }
        let bytes = batch.seriesBytes
        let isSeriesKept = (0..<batch.seriesCount).map {
            SeriesLimits.accepts(bytes, batch.seriesRange(at: $0))
        }
        func keeps(_ series: UInt32, _ millis: Int64) -> Bool {
            guard isSeriesKept[Int(series)] else {
                refused.overLabelLimit += 1
                return false
            }
            switch verdict(millis, ageNanosMax) {
            case .kept: return true
            case .ahead: refused.tooFarAhead += 1
            case .old: refused.tooOld += 1
            }
            return false
        }
        let (times, series) = (batch.times, batch.seriesIndexes)
        batch.keepSamples { keeps(series[$0], times[$0]) }
        batch.histograms = batch.histograms.filter { keeps($0.series, $0.timeMillis) }
        // Not counted: an exemplar is part of a point.
        batch.exemplars = batch.exemplars.filter {
            isSeriesKept[Int($0.series)] && verdict($0.timeMillis, ageNanosMax) == .kept
        }
        return refused
    }

    /// Whether nothing of a batch can be refused, by one pass that allocates nothing: nearly always.
    private func isPlain(_ batch: SampleBatch, _ ageNanosMax: Int64) -> Bool {
        guard batch.histograms.isEmpty, batch.exemplars.isEmpty else { return false }
        var oldest = Int64.max
        var newest = Int64.min
        for time in batch.times {
            oldest = min(oldest, time)
            newest = max(newest, time)
        }
        guard
            batch.times.isEmpty
                || verdict(oldest, ageNanosMax) == .kept && verdict(newest, ageNanosMax) == .kept
        else { return false }
        return (0..<batch.seriesCount).allSatisfy {
            SeriesLimits.acceptsAny(byteCount: batch.seriesRange(at: $0).count)
        }
    }

    private enum Verdict {
        case kept
        case ahead
        case old
    }

    private func verdict(_ millis: Int64, _ ageNanosMax: Int64) -> Verdict {
        let (nanos, overflow) = millis.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return millis > 0 ? .ahead : .old }
        if isAhead(nanos) { return .ahead }
        return isOld(nanos, ageNanosMax) ? .old : .kept
    }

    private func isAhead(_ nanos: Int64) -> Bool {
        let (latest, overflow) = nowNanos.addingReportingOverflow(Limits.futureNanosMax)
        return !overflow && nanos > latest
    }

    private func isOld(_ nanos: Int64, _ ageNanosMax: Int64) -> Bool {
        let (oldest, overflow) = nowNanos.subtractingReportingOverflow(ageNanosMax)
        return !overflow && nanos < oldest
    }
}
