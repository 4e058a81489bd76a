import PerchModel

/// Rows that somebody deleted: not shown any more, and gone with the next merge.
///
/// It concerns what was stored when it was asked for, not what comes later.
struct EventDeletion: Sendable {
    /// Rises; a segment says up to which one it was taken through.
    let number: UInt64
    /// The newest file of the log of that moment.
    let lastLog: UInt64
    let dataset: Dataset
    let times: Range<Int64>
    /// Which rows, in the language of those who asked.
    let query: String
    /// The same; nil where the text cannot be read, and then all of the rows are hidden, but none
    /// is taken out.
    let predicate: EventPredicate?

    /// Whether it was not carried out yet where rows of these files and times are.
    func concerns(
        _ dataset: Dataset, _ range: EventTimes, sequence: UInt64, appliedDeletion: UInt64
    ) -> Bool {
        self.dataset == dataset && sequence <= lastLog && appliedDeletion < number
            && range.overlaps(times)
    }

    /// The same for a whole segment.
    func concerns(_ segment: EventSegment) -> Bool {
        guard let range = segment.times[dataset] else { return false }
        return concerns(
            dataset, range, sequence: segment.sequence,
            appliedDeletion: segment.origin.appliedDeletion)
    }
}
