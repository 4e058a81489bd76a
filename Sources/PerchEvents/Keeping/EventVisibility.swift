import PerchModel

/// Which rows of a dataset may be shown at a moment: those that retention keeps and nobody deleted.
struct EventVisibility: Sendable {
    private let deletions: [EventDeletion]
    private let stages: [EventRetention.Stage]
    /// Retention leaves all from here on; nil where it leaves all.
    private let wholeFrom: Int64?

    init(_ dataset: Dataset, _ retention: EventRetention, _ deletions: [EventDeletion]) {
        self.deletions = deletions.filter { $0.dataset == dataset }
        stages = retention.stages(dataset)
        wholeFrom = retention.cutoffs(dataset).first
    }

    /// The pieces of a part whose rows may be shown, apart in their times.
    ///
    /// Mostly it is the part itself.
    func pieces(of part: EventPart) -> [EventPart] {
        let concerned = deletions.filter {
            $0.concerns(
                part.dataset, part.times, sequence: part.sequence,
                appliedDeletion: part.appliedDeletion)
        }
        var pieces = [part]
        if let wholeFrom, part.times.min < wholeFrom {
            pieces = stages.compactMap { part.piece(within: $0.times, $0.condition) }
        }
        for deletion in concerned {
            pieces = pieces.flatMap { piece -> [EventPart] in
                let excluded = deletion.predicate ?? .all
                return [
                    piece.piece(within: Int64.min..<deletion.times.lowerBound, nil),
                    excluded == .all ? nil : piece.piece(within: deletion.times, .not(excluded)),
                    piece.piece(within: deletion.times.upperBound..<Int64.max, nil),
                ].compactMap { $0 }
            }
        }
        return pieces
    }
}

extension EventPart {
    /// What of it lies within some times, under one more condition; nil for nothing.
    fileprivate func piece(
        within range: Range<Int64>, _ more: EventPredicate?
    ) -> EventPart? {
        guard times.overlaps(range) else { return nil }
        var piece = self
        // The end of time is no row's: a range that ends there leaves nothing out.
        let last = range.upperBound == .max ? Int64.max : range.upperBound - 1
        piece.times = EventTimes(
            min: max(times.min, range.lowerBound), max: min(times.max, last))
        piece.isClipped = isClipped || piece.times != times
        if let more { piece.condition = condition.map { .and([$0, more]) } ?? more }
        return piece
    }
}
