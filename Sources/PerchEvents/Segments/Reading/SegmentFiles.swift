import PerchFiles
import PerchModel
import Synchronization

/// Reads blocks of segments for one query, with the file of the last one open.
///
/// Neighbouring blocks are mostly of one segment.
struct SegmentFiles: Sendable {
    /// What the query needs; a part may ask for more.
    private let tokens: TokenPlan
    private let predicate: SenderPredicate
    /// Kept open as long as blocks of it are read; closed when it is let go.
    private var last: (segment: EventSegment, file: any ReadableFile)?

    private let counts: BlockReadCounts
    /// Rows that are counted over all blocks; they are in no answer but its own.
    var tally: TextTally?

    init(_ predicate: EventPredicate, _ counts: BlockReadCounts) {
        tokens = TokenPlan(predicate)
        self.predicate = SenderPredicate(predicate)
        self.counts = counts
    }

    /// Whether a row of the block may satisfy the query, as far as its tokens tell.
    mutating func mayHold(_ block: SegmentBlock, _ segment: EventSegment) throws -> Bool {
        guard tokens.isUseful, block.filter.byteCount > 0 else { return true }
        if try segment.mayHold(tokens, block, file(of: segment)) { return true }
        counts.filtered.add(1, ordering: .relaxed)
        return false
    }

    /// The rows of a part's block that satisfy the query; nil for none.
    mutating func rows(
        of block: SegmentBlock, _ segment: EventSegment, _ part: EventPart, _ query: EventQuery
    ) throws -> EventBatch? {
        try segment.rows(
            of: block, part.narrowed(query), file(of: segment), counts,
            part.condition == nil ? predicate : nil, &tally)
    }

    private mutating func file(of segment: EventSegment) throws(FileFailure) -> any ReadableFile {
        if let last, last.segment === segment { return last.file }
        let file = try segment.open()
        last = (segment, file)
        return file
    }
}
