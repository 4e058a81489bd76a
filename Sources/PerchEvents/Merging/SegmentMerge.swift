import PerchFiles
import PerchModel

/// Writes segments anew as one, without the rows that may not be shown any more.
///
/// A block of which all rows stay, and which is large enough, is copied as it is; the rows of the
/// others are read and encoded again, a block at a time.
struct SegmentMerge: Sendable {
    let folder: SegmentFolder
    let sources: [EventSegment]
    let visibility: [Dataset: EventVisibility]
    let origin: SegmentOrigin
    /// Whether blocks that cannot be read are left out, rather than the merge given up: what was
    /// deleted must go.
    let dropsDamage: Bool
    /// Asked between blocks.
    let isStopped: @Sendable () -> Bool

    /// What came of it.
    struct Answer: Sendable {
        /// Nil where no row is left.
        var segment: EventSegment?
        var droppedRowCount = 0
        /// Blocks that could not be read.
        var damagedBlockCount = 0
    }

    /// Blocks while it reads and writes.
    func run() throws -> Answer {
        let path = folder.path(origin)
        var writer = try SegmentWriter(files: folder.files, path: path, origin: origin)
        var answer = Answer()
        do {
            for source in sources {
                for block in source.blocks {
                    guard !isStopped() else { throw SegmentCut.Failure.stopped }
                    do {
                        try take(block, of: source, into: &writer)
                    } catch let failure as FileFailure {
                        throw failure
                    } catch  where dropsDamage {
                        answer.damagedBlockCount += 1
                    }
                }
            }
            let rowCount = sources.reduce(0) { $0 + $1.rowCount }
            answer.droppedRowCount = rowCount - writer.rowCount
            guard writer.rowCount > 0 else {
                writer.discard()
                return answer
            }
            // One of them may have this name: those who read it keep what they have.
            for source in sources { try source.pin() }
            try writer.finish()
        } catch {
            writer.discard()
            throw error
        }
        answer.segment = try EventSegment(
            files: folder.files, path: path, sequence: origin.last)
        return answer
    }

    private func take(
        _ block: SegmentBlock, of source: EventSegment, into writer: inout SegmentWriter
    ) throws {
        let part = EventPart(
            .segment(source, block), block.dataset, sequence: source.sequence,
            times: block.times)
        let pieces = visibility[block.dataset]?.pieces(of: part) ?? [part]
        guard pieces.contains(where: \.isNarrowed) || pieces.isEmpty else {
            try copy(block, of: source, into: &writer)
            return
        }
        let all = EventQuery(dataset: block.dataset, times: Int64.min..<Int64.max)
        // Read whole before any is written, so that a damaged block is in or out.
        let rows = try pieces.compactMap { try source.rows(of: block, $0.narrowed(all)) }
        for batch in rows { try writer.add(batch) }
    }

    private func copy(
        _ block: SegmentBlock, of source: EventSegment, into writer: inout SegmentWriter
    ) throws {
        try source.withFile { file in
            guard block.rowCount < Limits.segmentBlockRowCountMax / 2, sources.count > 1 else {
                try writer.copy(block, from: file)
                return
            }
            var reader = try BlockReader(file, block)
            let all = EventQuery(dataset: block.dataset, times: Int64.min..<Int64.max)
            guard let rows = try reader.rows(of: all) else { return }
            // Few rows that are much already fill a block.
            guard rows.byteCount < Limits.segmentBlockByteCountMax / 2 else {
                try writer.copy(block, from: file)
                return
            }
            try writer.add(rows)
        }
    }
}
