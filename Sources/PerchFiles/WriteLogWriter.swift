import PerchBytes
import SystemPackage

/// The log's thread: the only one that touches the current file and the manifest.
struct WriteLogWriter: Sendable {
    private let files: any FileStore
    private let directory: FilePath
    private let options: WriteLog.Options
    private let queue: WriteLogQueue
    private var manifest: Manifest
    private var nextSequence: UInt64

    private struct Current {
        let file: any WritableFile
        let header: WriteLogFileHeader
        /// Where the durable records end.
        var offset: Int
        var summary: WriteLogSummary
    }

    private var current: Current?
    /// Sealed files that a full disk kept out of the manifest.
    private var unlisted: [Manifest.Entry] = []
    private var epoch: UInt64 = 0
    /// Set once, by a write or sync that failed for another reason than space.
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
        while let jobs = queue.take() {
            for job in jobs { take(job) }
            flush()
        }
        if failure == nil { try? seal() }
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
            done.resume(returning: result { writer throws(WriteLogFailure) in try writer.seal() })
        case .remove(let sequence, let done):
            flush()
            done.resume(
                returning: result { writer throws(WriteLogFailure) in
                    try writer.remove(sequence)
                })
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
            if end > WriteLogFraming.headerByteCount, end + framed > options.fileByteCountMax {
                flush()
                if failure == nil { try seal() }
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
        file.offset += buffer.count
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

    // MARK: Files

    private func checkSpace() throws(WriteLogFailure) {
        let free: Int
        do {
            free = try files.space(at: directory).availableByteCount
        } catch {
            // Not knowing is no reason to refuse: a full disk still fails the write.
            return
        }
        guard free >= options.freeByteCountMin else {
            throw .noSpace(
                "\(free) bytes are free for \(directory), below the reserve of "
                    + "\(options.freeByteCountMin)")
        }
    }

    private mutating func openFile() throws(WriteLogFailure) -> Current {
        let header = WriteLogFileHeader(
            kind: options.kind, sequence: nextSequence, createdTime: options.clock(),
            salt: options.salt())
        let path = directory.child(FileNames.writeLog(sequence: header.sequence))
        nextSequence += 1
        epoch += 1
        do {
            let file = try files.openForWriting(path, .new)
            do {
                try file.write(header.encoded().span, at: 0)
                do {
                    try file.preallocate(byteCount: options.fileByteCountMax)
                } catch  where error.code == .unsupported {
                    // It only saves time.
                }
                try file.sync()
                try files.syncDirectory(directory)
            } catch {
                file.close()
                if error.code == .noSpace { try files.remove(path) }
                throw error
            }
            let opened = Current(
                file: file, header: header, offset: WriteLogFraming.headerByteCount,
                summary: .none)
            current = opened
            queue.add(
                WriteLogFile(
                    sequence: header.sequence, byteCount: opened.offset, isSealed: false,
                    summary: opened.summary))
            return opened
        } catch let error as FileFailure where error.code == .noSpace {
            throw .noSpace(error.message)
        } catch let error as FileFailure {
            throw fail(error)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// Ends the current file.
    ///
    /// One without records is removed: it has nothing to keep.
    private mutating func seal() throws(WriteLogFailure) {
        guard let sealed = current else { return }
        current = nil
        defer { sealed.file.close() }
        let sequence = sealed.header.sequence
        do {
            guard sealed.offset > WriteLogFraming.headerByteCount else {
                queue.drop(sequence)
                try files.remove(directory.child(FileNames.writeLog(sequence: sequence)))
                return
            }
            try sealed.file.truncate(to: sealed.offset)
            try sealed.file.sync()
            queue.change(sequence) { $0.isSealed = true }
            unlisted.append(
                Manifest.Entry(
                    sequence: sequence, byteCount: sealed.offset, summary: sealed.summary))
            try listSealed()
        } catch {
            throw fail(error)
        }
    }

    /// Adds sealed files to the manifest.
    ///
    /// On a full disk they wait for the next time: the list can do without, as a start finds them
    /// in the folder.
    private mutating func listSealed() throws(FileFailure) {
        while let entry = unlisted.first {
            do {
                try manifest.add(entry)
            } catch  where error.code == .noSpace {
                return
            }
            unlisted.removeFirst()
        }
    }

    private mutating func remove(_ sequence: UInt64) throws(WriteLogFailure) {
        if current?.header.sequence == sequence { try seal() }
        guard queue.files.contains(where: { $0.sequence == sequence }) else { return }
        queue.drop(sequence)
        unlisted.removeAll { $0.sequence == sequence }
        do {
            do {
                try manifest.remove(sequence)
            } catch  where error.code == .noSpace {
                // Removing is what makes space: the list notices the next time it is opened.
            }
            try files.remove(directory.child(FileNames.writeLog(sequence: sequence)))
            try files.syncDirectory(directory)
            do {
                try manifest.forget([sequence])
            } catch  where error.code == .noSpace {
                // It is made shorter another time.
            }
        } catch {
            throw fail(error)
        }
    }
}
