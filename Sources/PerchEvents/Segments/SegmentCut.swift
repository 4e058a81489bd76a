import PerchFiles
import PerchModel

/// Makes a segment of a sealed file of the log.
struct SegmentCut: Sendable {
    let log: WriteLog
    let folder: SegmentFolder
    let policy: EventStore.SealPolicy?
    /// Asked between batches.
    let isStopped: @Sendable () -> Bool

    /// Why a file stays in the log.
    enum Failure: Error {
        /// Not everything in it could be read: the file keeps what somebody may still save.
        case damaged
        /// The store closes.
        case stopped
    }

    /// Rows that a policy is given together.
    private struct Waiting {
        private var batch: EventBatch?
        private var index = EventBatchIndex()
        private(set) var byteCount = 0

        mutating func add(_ more: EventBatch) {
            byteCount += more.byteCount
            if batch == nil { batch = EventBatch(dataset: more.dataset) }
            batch?.append(contentsOf: more, &index)
        }

        mutating func take() -> EventBatch? {
            defer { self = Waiting() }
            return batch
        }
    }

    /// Makes a segment of the rows of a file, which are read where they are not in memory.
    ///
    /// Blocks while it reads and writes.
    func cut(_ file: WriteLogFile, inMemory rows: [EventBatch]?) throws -> EventSegment {
        let origin = SegmentOrigin(file: file.sequence)
        let path = folder.path(origin)
        var writer = try SegmentWriter(files: folder.files, path: path, origin: origin)
        let policy = policy.flatMap { $0.isActive() ? $0 : nil }
        var waiting = Waiting()
        func take(_ batch: EventBatch) throws {
            guard !isStopped() else { throw Failure.stopped }
            guard let policy, batch.dataset == policy.dataset else {
                try writer.add(batch)
                return
            }
            if waiting.byteCount + batch.byteCount > Limits.sealedByteCountMax,
                let rows = waiting.take()
            {
                try writer.add(policy.apply(rows))
            }
            waiting.add(batch)
        }
        do {
            if let rows {
                for batch in rows { try take(batch) }
            } else {
                let report = try log.replay(held: file) { payload, _ in
                    try take(try EventPayload.decode(payload))
                }
                guard !report.isDamaged else { throw Failure.damaged }
            }
            if let policy, let rows = waiting.take() { try writer.add(policy.apply(rows)) }
            try writer.finish()
        } catch is EventPayloadFailure {
            writer.discard()
            throw Failure.damaged
        } catch {
            writer.discard()
            throw error
        }
        return try EventSegment(files: folder.files, path: path, sequence: origin.last)
    }
}
