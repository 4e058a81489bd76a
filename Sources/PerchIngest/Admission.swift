import PerchModel

/// Decides which rows of a batch are kept, by their times. It reads no clock and does no I/O.
struct Admission {
    /// What was refused and why.
    struct Refused: Equatable {
        var tooFarAhead = 0
        var tooOld = 0

        var count: Int { tooFarAhead + tooOld }

        /// For the sender; empty when nothing was refused.
        var message: String {
            var parts: [String] = []
            if tooFarAhead > 0 { parts.append("\(tooFarAhead) more than 10 minutes ahead") }
            if tooOld > 0 { parts.append("\(tooOld) older than the retention") }
            return parts.joined(separator: ", ")
        }
    }

    let nowNanos: Int64

    /// Takes out the events whose time no segment may have.
    func admit(_ batch: inout EventBatch, ageNanosMax: Int64) -> Refused {
        var refused = Refused()
        var kept: [UInt32] = []
        kept.reserveCapacity(batch.rowCount)
        for (row, time) in batch.times.enumerated() {
            if isAhead(time) {
                refused.tooFarAhead += 1
            } else if isOld(time, ageNanosMax) {
                refused.tooOld += 1
            } else {
                kept.append(UInt32(row))
            }
        }
        if refused.count > 0 { batch = batch.selecting(rows: kept) }
        return refused
    }

    /// Takes out the samples whose time no segment may have.
    func admit(_ batch: inout SampleBatch, ageNanosMax: Int64) -> Refused {
        var refused = Refused()
        func keeps(_ millis: Int64) -> Bool {
            let (nanos, overflow) = millis.multipliedReportingOverflow(by: 1_000_000)
            if overflow ? millis > 0 : isAhead(nanos) {
                refused.tooFarAhead += 1
                return false
            }
            if overflow || isOld(nanos, ageNanosMax) {
                refused.tooOld += 1
                return false
            }
            return true
        }
        let kept = batch.times.indices.filter { keeps(batch.times[$0]) }
        if kept.count < batch.times.count {
            batch.seriesIndexes = kept.map { batch.seriesIndexes[$0] }
            batch.values = kept.map { batch.values[$0] }
            batch.times = kept.map { batch.times[$0] }
        }
        batch.histograms = batch.histograms.filter { keeps($0.timeMillis) }
        return refused
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
