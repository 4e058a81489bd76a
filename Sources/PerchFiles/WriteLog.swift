import SystemPackage

import Foundation

/// A durable log of one store's records, in numbered files.
///
/// One thread of its own writes: it takes everything that waits, writes it at once and syncs once,
/// so that many writers share the price of a sync. The payload of a record is the store's business.
package final class WriteLog: Sendable {
    private let store: any FileStore
    private let directory: FilePath
    private let options: Options
    private let queue: WriteLogQueue

    /// What opening met that a person should know, as damage or a cut tail.
    package let notes: [String]

    /// Ends of files that opening cut off and kept beside, under the name and `.damaged`.
    package let damagedCopyCount: Int

    package typealias ReplayReport = WriteLogReplayReport

    /// Opens the log in `directory`, which is made where there is none.
    ///
    /// Nothing is replayed.
    ///
    /// What a crash left is put in order: the torn tail of the newest file is cut, and files whose
    /// removal was begun are removed. It reads the newest file and blocks while it does.
    package init(
        files: any FileStore, directory: FilePath, options: Options
    ) throws(WriteLogFailure) {
        self.store = files
        self.directory = directory
        self.options = options
        let queue: WriteLogQueue
        do {
            let opened = try WriteLogOpening.open(
                files: files, directory: directory, options: options)
            notes = opened.notes
            damagedCopyCount = opened.damagedCopyCount
            queue = WriteLogQueue(options: options, files: opened.files)
            let writer = WriteLogWriter(
                files: files, directory: directory, options: options, opened: opened, queue: queue)
            let thread = Thread {
                var writer = writer
                writer.run()
            }
            thread.name = "perch.log"
            thread.start()
        } catch let failure as FileFailure where failure.code == .noSpace {
            throw .noSpace(failure.message)
        } catch {
            throw .failed("cannot open the log in \(directory): \(error)")
        }
        self.queue = queue
    }

    /// Without `close`, what waits is still written.
    deinit { queue.stop() }

    /// Adds a record; durable on return.
    ///
    /// Both closures run on the log's thread, in the order of the log, and must not wait for it.
    /// `encode` adds the payload to the buffer, right before it is written. `epoch` changes with
    /// each new file and after each write that failed: what an earlier record of another epoch said
    /// must be said again. `commit` makes the rows visible; it runs once the record is durable.
    ///
    /// Cancelling the task changes nothing: once taken, the record is written and awaited.
    package func append(
        byteCountEstimate: Int, summary: WriteLogSummary,
        encode: @escaping @Sendable (_ buffer: inout [UInt8], _ epoch: UInt64) -> Void,
        commit: @escaping @Sendable (_ fileSequence: UInt64) -> Void
    ) async throws(WriteLogFailure) {
        guard byteCountEstimate <= options.recordByteCountMax else {
            throw .tooLarge(
                "a record of about \(byteCountEstimate) bytes is over the limit of "
                    + "\(options.recordByteCountMax)")
        }
        try await queue.run { done in
            .append(
                WriteLogAppend(
                    byteCountEstimate: max(0, byteCountEstimate), summary: summary, encode: encode,
                    commit: commit, done: done))
        }
    }

    /// The live files, oldest first.
    ///
    /// The last one may still be growing.
    package var files: [WriteLogFile] { queue.files }

    /// The durable bytes of all live files.
    package var totalByteCount: Int {
        queue.files.reduce(0) { $0 + $1.byteCount }
    }

    /// Keeps files readable until the answer is let go; those that are not live are left out.
    package func hold(_ sequences: [UInt64]) -> WriteLogHold {
        WriteLogHold(sequences, queue)
    }

    /// Hands over every intact payload of a file, in order, and says what was not intact.
    ///
    /// It blocks while it reads, and may run beside writes and removals; a file that is not live
    /// any more yields nothing. Throws what `body` throws, and `WriteLogFailure` for the rest.
    package func replay(
        file sequence: UInt64, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws -> ReplayReport {
        // Held, so that nothing is written over it meanwhile.
        let hold = hold([sequence])
        return try withExtendedLifetime(hold) {
            guard let live = hold.files.first else { return WriteLogReplayReport() }
            return try replay(live) { payload, _ in try body(payload) }
        }
    }

    /// The same for a held file, up to where it ended when the hold began, and with what each
    /// record says that it holds.
    package func replay(
        held file: WriteLogFile, _ body: (ArraySlice<UInt8>, WriteLogSummary) throws -> Void
    ) throws -> ReplayReport {
        try replay(file, body)
    }

    private func replay(
        _ live: WriteLogFile, _ body: (ArraySlice<UInt8>, WriteLogSummary) throws -> Void
    ) throws -> ReplayReport {
        let path = directory.child(FileNames.writeLog(sequence: live.sequence))
        let file: any ReadableFile
        do {
            file = try store.openForReading(path)
        } catch  where error.code == .notFound {
            return WriteLogReplayReport()
        } catch {
            throw WriteLogFailure.failed(error.message)
        }
        defer { file.close() }
        return try replay(live, file, body)
    }

    private func replay(
        _ live: WriteLogFile, _ file: any ReadableFile,
        _ body: (ArraySlice<UInt8>, WriteLogSummary) throws -> Void
    ) throws -> ReplayReport {
        do {
            var scanner = WriteLogScanner(
                file: file, byteCount: live.byteCount,
                recordByteCountMax: options.recordByteCountMax)
            let header: WriteLogFileHeader
            do {
                header = try scanner.header()
                guard header.kind == options.kind, header.sequence == live.sequence else {
                    throw WriteLogFileHeader.Failure.damaged
                }
            } catch is WriteLogFileHeader.Failure {
                return .unreadable(live)
            }
            var report = try scanner.scan(header, body)
            report.countTailAsDamage(live)
            queue.learn(report.summary, of: live.sequence)
            return report
        } catch let failure as FileFailure {
            throw WriteLogFailure.failed(failure.message)
        }
    }

    /// Seals the current file, if there is anything in it; the next record starts a new one.
    package func rotate() async throws(WriteLogFailure) {
        try await queue.run { .rotate($0) }
    }

    /// Ends the current file before the next record, without waiting; callable from `commit`.
    package func sealSoon() {
        queue.sealSoon()
    }

    /// Removes a file, as retention does; the one being written is sealed first.
    ///
    /// On return it is gone for good: a crash does not bring it back, and only those who hold it
    /// can read it. Fine if it is not there. A failure may be tried again.
    package func remove(sequence: UInt64) async throws(WriteLogFailure) {
        try await queue.run { .remove(sequence, $0) }
    }

    /// Writes what waits, seals the file and ends the thread.
    ///
    /// Later calls throw `.closed`.
    package func close() async {
        await queue.close()
    }
}
