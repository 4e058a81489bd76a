import PerchFiles
import PerchModel

/// How long events are kept: which files are too old, and which rows are not shown any more.
struct EventRetention: Sendable {
    let options: EventStore.Options
    let now: Int64

    /// Rows of an age, and which of them are still kept; nil for all.
    struct Stage: Sendable {
        var times: Range<Int64>
        var condition: EventPredicate?
    }

    /// How long rows are kept that no rule names; nil for ever.
    private func usual(_ dataset: Dataset) -> Int64? {
        options.retentionNanosByDataset[dataset] ?? options.retentionNanos
    }

    private func rules(_ dataset: Dataset) -> [EventStore.RetentionRule] {
        options.retentionRules.filter { $0.dataset == dataset }
    }

    /// The times at which rows of a dataset become too old, newest first.
    func cutoffs(_ dataset: Dataset) -> [Int64] {
        let nanos = Set(rules(dataset).map(\.nanos) + (usual(dataset).map { [$0] } ?? []))
        return nanos.compactMap { nanos in
            let (cutoff, overflow) = now.subtractingReportingOverflow(nanos)
            return overflow ? nil : cutoff
        }.sorted(by: >)
    }

    /// The time of the oldest row that is still kept; nil for any.
    func oldest(_ dataset: Dataset) -> Int64? {
        guard let usual = usual(dataset) else { return nil }
        let longest = rules(dataset).reduce(usual) { max($0, $1.nanos) }
        let (oldest, overflow) = now.subtractingReportingOverflow(longest)
        return overflow ? nil : oldest
    }

    /// What is kept of each age, newest first; what is in none is too old.
    func stages(_ dataset: Dataset) -> [Stage] {
        var stages: [Stage] = []
        var end = Int64.max
        for start in cutoffs(dataset) + [.min] {
            defer { end = start }
            guard start < end else { continue }
            switch kept(dataset, before: end) {
            case .all: stages.append(Stage(times: start..<end, condition: nil))
            case .or(let none) where none.isEmpty: break
            case let condition:
                stages.append(Stage(times: start..<end, condition: condition))
            }
        }
        return stages
    }

    /// What is kept of rows that are a little older than a cutoff: the first rule that names a row
    /// holds for it, and the usual time where none does.
    private func kept(_ dataset: Dataset, before end: Int64) -> EventPredicate {
        let none = EventPredicate.or([])
        func isKept(_ nanos: Int64?) -> Bool {
            guard let nanos else { return true }
            let (cutoff, overflow) = now.subtractingReportingOverflow(nanos)
            return overflow || end > cutoff
        }
        var condition: EventPredicate = isKept(usual(dataset)) ? .all : none
        for rule in rules(dataset).reversed() {
            switch (isKept(rule.nanos), condition) {
            case (true, .all), (false, none): break
            case (true, none): condition = rule.predicate
            case (true, _): condition = .or([rule.predicate, condition])
            case (false, .all): condition = .not(rule.predicate)
            case (false, _): condition = .and([.not(rule.predicate), condition])
            }
        }
        return condition
    }

    /// Whether rows of a segment may be too old that were not when it was last gone through.
    ///
    /// Whole segments only, so that each is gone through once for each age.
    func isDue(_ segment: EventSegment) -> Bool {
        segment.times.contains { dataset, times in
            cutoffs(dataset).contains { cutoff in
                let then = segment.origin.checkedAt.subtractingReportingOverflow(now &- cutoff)
                return times.max < cutoff && (then.overflow || times.max >= then.partialValue)
            }
        }
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
