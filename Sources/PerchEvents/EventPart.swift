import PerchFiles
import PerchModel

/// What a snapshot reads: rows that stand together, and which of them may be shown.
struct EventPart: Sendable {
    /// A block in memory, one of a segment, or a file of the log as it was then.
    enum Source: Sendable {
        case block(EventBlock)
        case segment(EventSegment, SegmentBlock)
        case file(WriteLogFile)
    }

    let source: Source
    let dataset: Dataset
    /// The newest file of the log that rows come from.
    let sequence: UInt64
    /// Of the rows that may be shown.
    var times: EventTimes
    /// What a row must satisfy to be shown; nil where all may that have these times.
    var condition: EventPredicate?
    /// Whether `times` leaves rows out.
    var isClipped = false

    init(_ source: Source, _ dataset: Dataset, sequence: UInt64, times: EventTimes) {
        self.source = source
        self.dataset = dataset
        self.sequence = sequence
        self.times = times
    }

    var isFile: Bool {
        if case .file = source { true } else { false }
    }

    /// Whether some of its rows may not be shown.
    var isNarrowed: Bool { isClipped || condition != nil }

    /// The newest deletion that its rows were already taken through.
    var appliedDeletion: UInt64 {
        if case .segment(let segment, _) = source { segment.origin.appliedDeletion } else { 0 }
    }

    /// The query for the rows that may be shown; every read of a part asks this one.
    func narrowed(_ query: EventQuery) -> EventQuery {
        guard isNarrowed else { return query }
        var query = query
        let end = times.max == .max ? times.max : times.max + 1
        query.times = query.times.clamped(to: times.min..<max(times.min, end))
        if let condition {
            query.predicate =
                query.predicate == .all ? condition : .and([query.predicate, condition])
        }
        return query
    }
}

/// What a reader reads, which nothing changes any more.
struct EventSnapshot: Sendable {
    var parts: [EventPart] = []
    /// Keeps the files of the parts readable.
    var hold: WriteLogHold?
}
