import PerchFiles
import PerchModel

/// How long events are kept: which files are too old, and which rows are not shown any more.
struct EventRetention: Sendable {
    let options: EventStore.Options
    let now: Int64

    /// The time of the oldest row that is still kept; nil for any.
    func oldest(_ dataset: Dataset) -> Int64? {
        guard let nanos = options.retentionNanosByDataset[dataset] ?? options.retentionNanos else {
            return nil
        }
        let (oldest, overflow) = now.subtractingReportingOverflow(nanos)
        return overflow ? nil : oldest
    }

    /// The part of `times` that is still kept.
    func kept(_ times: Range<Int64>, of dataset: Dataset) -> Range<Int64> {
        guard let oldest = oldest(dataset), oldest > times.lowerBound else { return times }
        return min(oldest, times.upperBound)..<times.upperBound
    }

    /// Whether every row is too old.
    func isExpired(_ times: [Dataset: EventTimes]) -> Bool {
        times.allSatisfy { dataset, times in oldest(dataset).map { times.max < $0 } ?? false }
    }

    /// Whether every row is too old, whatever the datasets.
    func isExpired(_ times: EventTimes) -> Bool {
        Dataset.allCases.allSatisfy { isExpired([$0: times]) }
    }

    /// Whether rows of some dataset would be too old: it is worth to read which there are.
    func mayBeExpired(_ times: EventTimes) -> Bool {
        Dataset.allCases.contains { isExpired([$0: times]) }
    }
}

/// Decides about files, and reads those of which too little is known, a few in each run.
struct EventFileAges {
    let retention: EventRetention
    let head: EventHead
    let log: WriteLog
    private var learnedCount = 0

    init(_ retention: EventRetention, _ head: EventHead, _ log: WriteLog) {
        self.retention = retention
        self.head = head
        self.log = log
    }

    /// Whether a file may go; one without a readable row goes with the one after it.
    mutating func isExpired(_ file: WriteLogFile, isNewerExpired: Bool) -> Bool {
        var known = head.times(file: file.sequence)
        if known.byDataset == nil, let all = known.all {
            if all != .any, retention.isExpired(all) { return true }
            guard all == .any || retention.mayBeExpired(all) else { return false }
            learn(file)
            known = head.times(file: file.sequence)
        }
        guard let times = known.byDataset else { return false }
        return times.isEmpty ? isNewerExpired : retention.isExpired(times)
    }

    private mutating func learn(_ file: WriteLogFile) {
        guard learnedCount < Limits.learnedFileCountMax else { return }
        learnedCount += 1
        var times: [Dataset: EventTimes] = [:]
        var rowCount = 0
        let report = try? log.replay(held: file) { payload, summary in
            guard summary.rowCount > 0, let dataset = EventPayload.dataset(of: payload) else {
                return
            }
            times.widen(EventTimes(min: summary.minTime, max: summary.maxTime), for: dataset)
            rowCount += summary.rowCount
        }
        guard report != nil else { return }
        head.learn(times, rowCount: rowCount, file: file.sequence)
    }
}
