import PerchFiles
import PerchModel

/// Reads blocks of segments for one query, with the file of the last one open.
///
/// Neighbouring blocks are mostly of one segment.
struct SegmentFiles: Sendable {
    /// What the query needs; a part may ask for more.
    private let tokens: TokenPlan
    /// Kept open as long as blocks of it are read; closed when it is let go.
    private var last: (segment: EventSegment, file: any ReadableFile)?

    private let counts: BlockReadCounts

    init(_ predicate: EventPredicate, _ counts: BlockReadCounts) {
        tokens = TokenPlan(predicate)
        self.counts = counts
    }

    /// The rows of a block that satisfy the query; nil for none.
    mutating func rows(
        of block: SegmentBlock, _ segment: EventSegment, _ query: EventQuery
    ) throws -> EventBatch? {
        if last?.segment !== segment { last = (segment, try segment.open()) }
        guard let last else { return nil }
        return try segment.rows(of: block, query, tokens, last.file, counts)
    }
}
