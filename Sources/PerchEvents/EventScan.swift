import PerchFiles
import PerchModel

/// The answer to a query over a snapshot, part by part, as they come.
struct EventScan: EventCursor {
    private let query: EventQuery
    /// Those to read; the next one is last.
    private var snapshot: EventSnapshot
    /// Answers what is not in blocks, afterwards.
    private var rest: EventReader?
    private var rowCountLeft: Int
    private var segments: SegmentFiles
    private let onDamage: @Sendable (UInt64, String) -> Void

    init(
        _ query: EventQuery, _ snapshot: EventSnapshot, rest: EventReader?, counts: BlockReadCounts,
        onDamage: @escaping @Sendable (_ sequence: UInt64, _ reason: String) -> Void
    ) {
        self.query = query
        self.snapshot = snapshot
        self.rest = rest
        self.onDamage = onDamage
        segments = SegmentFiles(query.predicate, counts)
        if query.joining != nil, query.limit == nil { segments.tally = TextTally(query.dataset) }
        rowCountLeft = query.limit.map { max(0, $0) } ?? .max
    }

    mutating func next() async throws(StoreFailure) -> EventBatch? {
        while rowCountLeft > 0 {
            guard !Task.isCancelled else { throw .cancelled }
            guard let part = snapshot.parts.popLast() else {
                if let counted = segments.tally?.take(Limits.answerRowCountMax) { return counted }
                guard let batch = try await rest?.next() else { return nil }
                return cut(batch)
            }
            if let rows = try rows(of: part) { return cut(rows) }
        }
        return nil
    }

    private mutating func cut(_ batch: EventBatch) -> EventBatch {
        let batch = batch.rowCount > rowCountLeft ? batch.slicing(0..<rowCountLeft) : batch
        rowCountLeft -= batch.rowCount
        return batch
    }

    private mutating func rows(of part: EventPart) throws(StoreFailure) -> EventBatch? {
        switch part.source {
        case .file: return nil
        case .block(let block):
            return block.batch.rows(of: part.narrowed(query))
        case .segment(let segment, let block):
            do {
                guard try segments.mayHold(block, segment) else { return nil }
                return try segments.rows(of: block, segment, part, query)
            } catch let failure as FileFailure {
                throw .failed(failure.message)
            } catch {
                onDamage(segment.sequence, "\(error)")
                return nil
            }
        }
    }
}

extension EventBatch {
    /// The rows that satisfy a query, with the columns that it asks for; nil for none.
    func rows(of query: EventQuery) -> EventBatch? {
        let rows = matchingRows(of: query.predicate, times: query.times)
        guard !rows.isEmpty else { return nil }
        let isWhole = rows.count == rowCount && query.projection == .all
        return isWhole ? self : selecting(rows: rows, projection: query.projection)
    }
}
