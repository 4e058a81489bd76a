import PerchBytes
import SystemPackage

/// The log's thread: the only one that touches the current file and the manifest.
struct WriteLogWriter: Sendable {
    let files: any FileStore
    let directory: FilePath
    let options: WriteLog.Options
    let queue: WriteLogQueue
    var manifest: Manifest
    var nextSequence: UInt64

    struct Current {
        let file: any WritableFile
        let header: WriteLogFileHeader
        /// Where the durable records end.
        var offset: Int
        var summary: WriteLogSummary
        /// Whether old records may stand behind its own.
        var hasRemains: Bool
    }

    var current: Current?
    /// Sealed files that a failure kept out of the manifest: they are added another time.
    var unlisted: [Manifest.Entry] = []
    /// Files to unlink that a failure kept: they are tried again.
    var doomed: Set<UInt64> = []
    /// Removed files that the next ones are written into.
    var spares: [WriteLogSpare] = []
    var epoch: UInt64 = 0
    /// Set once, by a write of records or their sync that failed for another reason than space.
    private var failure: WriteLogFailure?

    /// The framed records of `group`; kept between groups for its memory.
    private var buffer: [UInt8] = []
    /// Encoded and not yet written.
    private var group: [WriteLogAppend] = []
    private var groupSummary = WriteLogSummary.none

    init(
        files: any FileStore, directory: FilePath, options: WriteLog.Options,
        opened: WriteLogOpening, queue: WriteLogQueue
    ) {
        self.files = files
        self.directory = directory
        self.options = options
        self.queue = queue
        self.manifest = opened.manifest
        self.nextSequence = opened.nextSequence
    }

    /// Works until the queue is closed and empty.
    mutating func run() {
        while let jobs = queue.take(within: hasRemains ? Limits.spareAgeMax : nil) {
            for job in jobs { take(job) }
            flush()
            if failure == nil { removeRemains(before: options.clock() &- Limits.spareAgeMax) }
        }
        if failure == nil { seal() }
        removeSpares(before: .max)
        current?.file.close()
        manifest.close()
        queue.ended()
    }

    private mutating func take(_ job: WriteLogJob) {
        switch job {
        case .append(let append):
            encode(append)
        case .rotate(let done):
            flush()
            done.resume(returning: result { writer in writer.seal() })
        case .remove(let sequence, let done):
            flush()
            done.resume(
                returning: result { writer throws(WriteLogFailure) in
                    try writer.remove(sequence)
                })
        case .unlink(let sequence):
            doomed.insert(sequence)
            unlinkDoomed()
        }
    }

    private mutating func result(
        _ body: (inout WriteLogWriter) throws(WriteLogFailure) -> Void
    ) -> Result<Void, WriteLogFailure> {
        if let failure { return .failure(failure) }
        do {
            try body(&self)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    // MARK: Records

    private mutating func encode(_ append: WriteLogAppend) {
        let file: Current
        do {
            file = try fileForRecord(of: append.byteCountEstimate)
        } catch {
            settle(append, .failure(error))
            return
        }
        let start = buffer.count
        let payloadStart = start + WriteLogFraming.recordHeaderByteCount
        buffer.append(
            contentsOf: repeatElement(0, count: WriteLogFraming.recordHeaderByteCount))
        append.encode(&buffer, epoch)
        precondition(buffer.count >= payloadStart, "encode may only add to the buffer")
        let payloadByteCount = buffer.count - payloadStart
        guard payloadByteCount <= options.recordByteCountMax else {
            buffer.removeSubrange(start...)
            // What this record would have said for the others is not written.
            epoch += 1
            settle(
                append,
                .failure(
                    .tooLarge(
                        "a record of \(payloadByteCount) bytes is over the limit of "
                            + "\(options.recordByteCountMax)")))
            return
        }
        if payloadByteCount == 0 {
            // Nothing to make durable: it is committed in its turn.
            buffer.removeSubrange(start...)
        } else {
            WriteLogRecordHeader.seal(
                &buffer, headerStart: start, fileOffset: file.offset + start, file: file.header,
                summary: append.summary)
            groupSummary.add(append.summary)
        }
        group.append(append)
        if buffer.count >= options.groupByteCountMax { flush() }
    }

    /// The file that the next record goes to: the current one, or a new one if that is full.
    private mutating func fileForRecord(
        of byteCountEstimate: Int
    ) throws(WriteLogFailure) -> Current {
        if let file = current {
            let end = file.offset + buffer.count
            let framed = WriteLogFraming.framedByteCount(payload: byteCountEstimate)
            let isFull = end + framed > options.fileByteCountMax
            if end > WriteLogFraming.headerByteCount, isFull || queue.wantsSeal {
                flush()
                if failure == nil { seal() }
            }
        }
        if let failure { throw failure }
        if group.isEmpty { try checkSpace() }
        if let current { return current }
        return try openFile()
    }

    /// Writes and syncs the group, commits it, and tells everybody.
    private mutating func flush() {
        guard !group.isEmpty else { return }
        let result = write()
        let settled = group
        group = []
        groupSummary = .none
        // An unusually large record must not hold its memory for ever.
        buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * options.groupByteCountMax)
        if case .success = result, let current {
            for append in settled { append.commit(current.header.sequence) }
        }
        for append in settled { settle(append, result) }
    }

    private mutating func write() -> Result<Void, WriteLogFailure> {
        guard var file = current else { return .failure(.closed) }
        let byteCount = buffer.count
        if file.hasRemains {
            buffer.append(
                contentsOf: repeatElement(0, count: WriteLogFraming.endMarkByteCount))
        }
        do {
            try file.file.write(buffer.span, at: file.offset)
        } catch {
            return .failure(giveUp(file, error))
        }
        do {
            try file.file.sync()
        } catch {
            // What reached the disk is unknown, and a second sync would not tell.
            return .failure(fail(error))
        }
        file.offset += byteCount
        file.summary.add(groupSummary)
        current = file
        queue.change(file.header.sequence) { live in
            live.byteCount = file.offset
            live.summary = file.summary
        }
        return .success(())
    }

    /// After a write that failed: without space the group is undone, else the log has failed.
    private mutating func giveUp(_ file: Current, _ error: FileFailure) -> WriteLogFailure {
        guard error.code == .noSpace else { return fail(error) }
        epoch += 1
        do {
            // Synced, so that nothing of the group comes back behind later records.
            try file.file.truncate(to: file.offset)
            try file.file.sync()
        } catch {
            return fail(error)
        }
        return .noSpace(error.message)
    }

    private func settle(_ append: WriteLogAppend, _ result: Result<Void, WriteLogFailure>) {
        queue.settled(append.byteCountEstimate)
        append.done.resume(returning: result)
    }

    private mutating func fail(_ error: FileFailure) -> WriteLogFailure {
        let failure = WriteLogFailure.failed(
            "\(error.message); nothing more is taken until a restart")
        self.failure = failure
        return failure
    }
}
