import PerchFiles
import PerchModel

/// The answer to a query over a snapshot, in order.
///
/// Parts are read from the end of time that comes first. A row may go out when no part that is
/// still unread can hold one before it, so a limit is usually met after a few parts.
///
/// Rows that must wait are bounded in bytes: when they are too many the last ones are dropped, and
/// read again in a further pass over the rest of the time.
struct EventReader: EventCursor {
    /// Of the pass at hand: its times are those that the pass answers.
    private var query: EventQuery
    /// What further passes have to answer; empty for none.
    private var laterTimes: Range<Int64>
    private let log: WriteLog
    private let snapshot: EventSnapshot
    private let onDamage: @Sendable (UInt64, String) -> Void
    /// Unread parts of the pass; the one to read next is last.
    private var unread: [EventPart] = []
    private var waiting: EventPile
    private var rowCountLeft: Int
    private var segments: SegmentFiles
    /// Blocks that are read at once: more with each time that those before were not enough.
    private var readAhead = 1
    /// Bytes that may wait.
    private var waitingByteCountMax: Int
    private let waitingByteCountLimit: Int

    init(
        _ query: EventQuery, _ snapshot: EventSnapshot, log: WriteLog,
        waitingByteCountMax: Int, counts: BlockReadCounts,
        onDamage: @escaping @Sendable (_ sequence: UInt64, _ reason: String) -> Void
    ) {
        self.query = query
        self.log = log
        self.snapshot = snapshot
        self.onDamage = onDamage
        self.waitingByteCountMax = waitingByteCountMax
        waitingByteCountLimit = 4 * waitingByteCountMax
        waiting = EventPile(query)
        segments = SegmentFiles(query.predicate, counts)
        rowCountLeft = query.limit.map { max(0, $0) } ?? .max
        laterTimes = query.times
        _ = beginPass()
    }

    mutating func next() async throws(StoreFailure) -> EventBatch? {
        while rowCountLeft > 0 {
            guard !Task.isCancelled else { throw .cancelled }
            guard let part = unread.last else {
                if let answer = handOut(before: nil) { return answer }
                guard beginPass() else { return nil }
                continue
            }
            let edge = query.order == .newestFirst ? part.times.max : part.times.min
            let readyCount = waiting.rowCount(before: edge)
            if readyCount >= min(rowCountLeft, Limits.answerRowCountMax)
                || readyCount > 0 && waiting.byteCount > waitingByteCountMax / 2
            {
                if let answer = handOut(before: edge) { return answer }
            }
            unread.removeLast()
            // Since it was put there, the pass may have become shorter.
            guard part.times.overlaps(query.times) else { continue }
            try await read(part)
        }
        return nil
    }

    /// Begins with what was left for later; whether there was anything.
    private mutating func beginPass() -> Bool {
        guard !laterTimes.isEmpty else { return false }
        query.times = laterTimes
        laterTimes = laterTimes.lowerBound..<laterTimes.lowerBound
        let times = query.times
        unread = snapshot.parts.filter { $0.times.overlaps(times) }
        switch query.order {
        case .newestFirst: unread.sort { $0.times.max < $1.times.max }
        case .oldestFirst, .unordered: unread.sort { $0.times.min > $1.times.min }
        }
        return true
    }

    private mutating func handOut(before edge: Int64?) -> EventBatch? {
        let rowCount = min(rowCountLeft, Limits.answerRowCountMax)
        let answer = waiting.take(rowCount, before: edge)
        rowCountLeft -= answer?.rowCount ?? 0
        return answer
    }

    private mutating func read(_ part: EventPart) async throws(StoreFailure) {
        switch part.source {
        case .block(let block):
            waiting.add(block.batch, part.narrowed(query))
            try settle()
        case .segment(let segment, let block):
            try await readBlocks(from: part, segment, block)
        case .file(let file): try read(file, of: part)
        }
    }

    // MARK: Blocks of segments

    /// A block that may hold rows.
    private struct BlockRead: Sendable {
        let part: EventPart
        let segment: EventSegment
        let block: SegmentBlock
    }

    /// What reading a block came to.
    private enum Outcome: Sendable {
        case rows(EventBatch?)
        case damaged(String)
        case failed(FileFailure)

        var rowCount: Int {
            if case .rows(let rows?) = self { rows.rowCount } else { 0 }
        }
    }

    /// Reads a block, and further ones at the same time where those before were not enough.
    private mutating func readBlocks(
        from part: EventPart, _ segment: EventSegment, _ block: SegmentBlock
    ) async throws(StoreFailure) {
        var reads: [BlockRead] = []
        var next: BlockRead? = BlockRead(part: part, segment: segment, block: block)
        var looked = 0
        while let read = next, !Task.isCancelled {
            if try mayHold(read) {
                reads.append(read)
            } else if reads.isEmpty {
                // What waits may be enough already, now that this block is out.
                return
            }
            looked += 1
            let isEnough = reads.count >= readAhead || looked >= Limits.lookAheadMax
            next = isEnough ? nil : popBlock()
        }
        let query = query
        let outcomes = await outcomes(of: reads, query)
        let found = outcomes.reduce(0) { $0 + $1.rowCount }
        readAhead = blockCount(after: reads.count, found)
        var again: [EventPart] = []
        for (read, outcome) in zip(reads, outcomes) {
            switch outcome {
            case .rows(let rows?):
                if self.query.times == query.times {
                    waiting.put(rows)
                    try settle()
                } else {
                    // Too much waits, so that the pass became shorter meanwhile.
                    again.append(read.part)
                }
            case .rows(nil): continue
            // A block that is damaged costs its rows only.
            case .damaged(let reason): onDamage(read.segment.sequence, reason)
            case .failed(let failure): throw .failed(failure.message)
            }
        }
        unread += again.reversed()
    }

    /// How many blocks to read next, after some held so many rows: no more than are likely needed.
    private func blockCount(after blockCount: Int, _ found: Int) -> Int {
        let isSparse = found <= Limits.sparseRowCountMax
        let bound = isSparse ? Limits.sparseReadAheadMax : Limits.readAheadMax
        let missing = max(0, rowCountLeft - waiting.rowCount - found)
        let perBlock = max(1, found / max(1, blockCount))
        return max(1, min(2 * readAhead, bound, missing / perBlock))
    }

    /// The next part, if it is a block of a segment.
    private mutating func popBlock() -> BlockRead? {
        while let part = unread.last, case .segment(let segment, let block) = part.source {
            unread.removeLast()
            if part.times.overlaps(query.times) {
                return BlockRead(part: part, segment: segment, block: block)
            }
        }
        return nil
    }

    private mutating func mayHold(_ read: BlockRead) throws(StoreFailure) -> Bool {
        do {
            return try segments.mayHold(read.block, read.segment)
        } catch let failure as FileFailure {
            throw .failed(failure.message)
        } catch {
            onDamage(read.segment.sequence, "\(error)")
            return false
        }
    }

    private func outcomes(of reads: [BlockRead], _ query: EventQuery) async -> [Outcome] {
        guard reads.count > 1 else {
            return reads.map { Self.outcome(of: $0, query, segments) }
        }
        return await withTaskGroup(of: (place: Int, outcome: Outcome).self) { group in
            for (place, read) in reads.enumerated() {
                group.addTask { [segments] in
                    (place, Self.outcome(of: read, query, segments))
                }
            }
            var outcomes = [Outcome](repeating: .rows(nil), count: reads.count)
            for await found in group { outcomes[found.place] = found.outcome }
            return outcomes
        }
    }

    private static func outcome(
        of read: BlockRead, _ query: EventQuery, _ segments: SegmentFiles
    ) -> Outcome {
        var segments = segments
        do {
            return .rows(
                try segments.rows(of: read.block, read.segment, read.part, query))
        } catch let failure as FileFailure {
            return .failed(failure)
        } catch {
            return .damaged("\(error)")
        }
    }

    // MARK: Files of the log

    private mutating func read(
        _ file: WriteLogFile, of part: EventPart
    ) throws(StoreFailure) {
        do {
            _ = try log.replay(held: file) { payload, summary in
                guard !Task.isCancelled else { throw StoreFailure.cancelled }
                let times = EventTimes(min: summary.minTime, max: summary.maxTime)
                // It may become shorter while the file is read.
                let query = part.narrowed(query)
                guard times.overlaps(query.times),
                    EventPayload.dataset(of: payload) == query.dataset
                else { return }
                // A payload that cannot be read is counted when its file is loaded.
                guard let batch = try? EventPayload.decode(payload) else { return }
                waiting.add(batch, query)
                try settle()
            }
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            throw .failed("cannot read log file \(file.sequence) back: \(error)")
        }
    }

    /// Sees to it that what waits is not too much.
    private mutating func settle() throws(StoreFailure) {
        waiting.keepFirst(rowCountLeft)
        guard waiting.byteCount > waitingByteCountMax else { return }
        waiting.keepFirst(rowCountLeft, now: true)
        if let first = waiting.cut(toHalfOf: waitingByteCountMax) { leaveForLater(from: first) }
        guard waiting.byteCount > waitingByteCountMax else { return }
        // All of it is of one time, where nothing can be cut: it may grow, but not for ever.
        waitingByteCountMax *= 2
        guard waitingByteCountMax <= waitingByteCountLimit else {
            throw .tooLarge(
                "more than \(waitingByteCountMax / 2) bytes of rows have one time; ask for fewer "
                    + "fields, or with a limit")
        }
    }

    /// Ends the pass before rows of `time`: a later one answers them.
    private mutating func leaveForLater(from time: Int64) {
        let whole = query.times
        let bounds: (now: Range<Int64>, later: Range<Int64>)
        switch query.order {
        case .newestFirst:
            bounds = ((time + 1)..<whole.upperBound, whole.lowerBound..<(time + 1))
        case .oldestFirst, .unordered:
            bounds = (whole.lowerBound..<time, time..<whole.upperBound)
        }
        query.times = bounds.now
        // What an earlier cut left for later lies beyond, without a gap.
        laterTimes =
            laterTimes.isEmpty
            ? bounds.later
            : min(
                bounds.later.lowerBound, laterTimes.lowerBound)..<max(
                    bounds.later.upperBound, laterTimes.upperBound)
    }
}
