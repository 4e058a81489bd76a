package import Logging
package import PerchFiles
package import PerchModel
import Synchronization

/// The store of events: one write log for all datasets, its rows in memory up to a budget, and
/// segments on the disk that take the place of its sealed files.
///
/// Appends may come from any task; they share the log's syncs. Reads never wait for appends.
package final class EventStore: EventSink, EventSource {
    /// What the operator chooses.
    package struct Options: Sendable {
        /// Bytes of rows kept in memory.
        ///
        /// Older rows are read back from the disk.
        package var headByteCountMax = 256 << 20
        /// Bytes of rows that one read may hold back until it is their turn.
        ///
        /// With more, it reads parts of its time twice.
        package var readByteCountMax = 64 << 20
        /// Bytes on the disk before the oldest files go; nil for no limit.
        package var diskByteCountMax: Int?
        /// Nanoseconds that rows are kept; nil for ever.
        ///
        /// Older rows are not shown; a file goes when all that is in it is older.
        package var retentionNanos: Int64?
        /// The same for single datasets.
        package var retentionNanosByDataset: [Dataset: Int64] = [:]
        /// Where a file of the log is sealed; nil for a size that fits the limits above.
        package var fileByteCountMax: Int?
        /// Free bytes of the file system below which appends are refused.
        package var freeByteCountMin = 1 << 30

        package init() {}
    }

    private struct Cutting {
        var isAtWork = false
        /// Files that cannot be read as a whole: they stay in the log.
        var damaged: Set<UInt64> = []
        var damagedReadCount = 0
        var isClosing = false
        /// Those who wait for the work to end.
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    let log: WriteLog
    let head: EventHead
    private let folder: SegmentFolder
    private let cutting = Mutex(Cutting())
    private let current: Mutex<Options>
    var options: Options { current.withLock { $0 } }
    let clock: @Sendable () -> Int64
    let logger: Logger
    private let upkeep: WriteLogUpkeep
    private let replayed: EventReplay

    /// Opens the store in `directory`, which is made where there is none, and loads the newest rows.
    ///
    /// `clock` answers nanoseconds since 1970. Blocks while it reads the disk.
    package static func open(
        files: any FileStore, directory: FilePath, options: Options = Options(),
        clock: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws(StoreFailure) -> EventStore {
        var logOptions = WriteLog.Options(kind: Limits.storeKind, clock: clock)
        logOptions.freeByteCountMin = options.freeByteCountMin
        logOptions.fileByteCountMax =
            options.fileByteCountMax
            ?? min(
                logOptions.fileByteCountMax, max(1 << 20, options.headByteCountMax / 8),
                max(1 << 20, (options.diskByteCountMax ?? .max) / 16))
        let head = EventHead(byteCountMax: options.headByteCountMax)
        do {
            let folder = try SegmentFolder(
                files: files, path: directory.child("segments"), logger: logger)
            logOptions.sequenceFloor = folder.sequenceFloor
            let log = try WriteLog(files: files, directory: directory, options: logOptions)
            for note in log.notes { logger.warning("\(note)") }
            var replay = EventReplay()
            try replay.run(
                log, folder.found, into: head, byteCountMax: options.headByteCountMax, logger)
            let store = EventStore(log, head, folder, options, clock, logger, replay)
            for segment in folder.found { await store.dropFromLog(segment.sequence) }
            return store
        } catch let failure as WriteLogFailure {
            throw StoreFailure(failure)
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            throw .failed("cannot open the event store in \(directory.text): \(error)")
        }
    }

    private init(
        _ log: WriteLog, _ head: EventHead, _ folder: SegmentFolder, _ options: Options,
        _ clock: @escaping @Sendable () -> Int64, _ logger: Logger, _ replayed: EventReplay
    ) {
        self.log = log
        self.head = head
        self.folder = folder
        current = Mutex(options)
        self.clock = clock
        self.logger = logger
        self.replayed = replayed
        upkeep = WriteLogUpkeep(log, byteCountMax: options.diskByteCountMax)
    }

    package func append(_ batch: EventBatch) async throws(StoreFailure) {
        guard batch.rowCount > 0 else { return }
        guard batch.byteCount <= Limits.batchByteCountMax else {
            throw .tooLarge(
                "a batch of \(batch.rowCount) rows takes \(batch.byteCount) bytes, over the limit "
                    + "of \(Limits.batchByteCountMax)")
        }
        // Encoded here and not on the log's thread, so that encoding uses all processors.
        var payload: [UInt8] = []
        payload.reserveCapacity(batch.byteCount)
        EventPayload.encode(batch, into: &payload)
        let bytes = payload
        let times = EventTimes(of: batch)
        do {
            try await log.append(
                byteCountEstimate: bytes.count,
                summary: WriteLogSummary(
                    rowCount: batch.rowCount, minTime: times.min, maxTime: times.max),
                encode: { buffer, _ in buffer.append(contentsOf: bytes) },
                commit: { [head, log] sequence in
                    if head.add(batch, file: sequence) { log.sealSoon() }
                })
        } catch {
            throw StoreFailure(error)
        }
        if head.takeHasNewFile() { await retain() }
    }

    /// Seals the current file, and makes segments of all that are sealed.
    package func flush() async throws(StoreFailure) {
        do { try await log.rotate() } catch { throw StoreFailure(error) }
        await cutSegments()
    }

    /// Writes what waits and stops.
    ///
    /// Later appends throw ``StoreFailure/closed``.
    package func close() async {
        // Nothing may be written once the folder is given back.
        await withCheckedContinuation { (closer: CheckedContinuation<Void, Never>) in
            let isAtWork = cutting.withLock { cutting in
                cutting.isClosing = true
                if cutting.isAtWork { cutting.closers.append(closer) }
                return cutting.isAtWork
            }
            if !isAtWork { closer.resume() }
        }
        await log.close()
    }

    /// Counts and tells that a read met a block that cannot be read.
    func noteDamage(segment sequence: UInt64, _ reason: String) {
        cutting.withLock { $0.damagedReadCount += 1 }
        logger.error(
            "a block of a segment is damaged; its rows are missing",
            metadata: ["segment": "\(sequence)", "reason": "\(reason)"])
    }

    private var isClosing: Bool { cutting.withLock { $0.isClosing } }

    /// Removes what retention and the disk limit do not allow, and makes segments of what is
    /// sealed.
    ///
    /// Call it now and then; by itself a store only removes, with each new file.
    package func maintain() async {
        await retain()
        await cutSegments()
    }

    private func cutSegments() async {
        let mayWork = cutting.withLock { cutting in
            guard !cutting.isAtWork, !cutting.isClosing else { return false }
            cutting.isAtWork = true
            return true
        }
        guard mayWork else { return }
        defer {
            let closers = cutting.withLock { cutting in
                defer { cutting.closers = [] }
                cutting.isAtWork = false
                return cutting.closers
            }
            for closer in closers { closer.resume() }
        }
        let cut = Set(head.segments.map(\.sequence))
        let damaged = cutting.withLock { $0.damaged }
        for file in log.files where file.isSealed && !damaged.contains(file.sequence) {
            guard !Task.isCancelled, !isClosing else { return }
            if cut.contains(file.sequence) {
                await dropFromLog(file.sequence)
            } else {
                guard await self.cut(file) else { return }
            }
        }
    }

    /// Makes a segment of a file and then lets the log's go; whether to go on with the next.
    private func cut(_ file: WriteLogFile) async -> Bool {
        let sequence = file.sequence
        let job = SegmentCut(log: log, folder: folder) { [self] in isClosing }
        do {
            let segment = try await BackgroundThread.run("perch.events") { try job.cut(file) }
            guard head.put(segment) else {
                // Retention was faster.
                segment.discard()
                return true
            }
            await dropFromLog(sequence)
            return true
        } catch SegmentCut.Failure.stopped {
            return false
        } catch SegmentCut.Failure.damaged {
            cutting.withLock { _ = $0.damaged.insert(sequence) }
            return true
        } catch {
            logger.error(
                "a log file could not be made a segment; it is tried again",
                metadata: ["file": "\(sequence)", "error": "\(error)"])
            return false
        }
    }

    /// Lets a file of the log go whose rows are in a segment.
    private func dropFromLog(_ sequence: UInt64) async {
        do throws(WriteLogFailure) {
            try await log.remove(sequence: sequence)
        } catch {
            // A start finds both and knows which holds.
            logger.warning(
                "a log file that is a segment now could not be removed",
                metadata: ["file": "\(sequence)", "error": "\(error)"])
        }
    }

    private func retain() async {
        var ages = EventFileAges(EventRetention(options: options, now: clock()), head, log)
        await upkeep.run(
            others: {
                head.segments.map {
                    WriteLogFile(
                        sequence: $0.sequence, byteCount: $0.byteCount, isSealed: true,
                        summary: nil)
                }
            },
            isExpired: { ages.isExpired($0, isNewerExpired: $1) },
            forget: { head.remove(file: $0) },
            tell: { event in
                switch event {
                case .removed(let file, let rowCount):
                    logger.info(
                        "an old file was removed by retention",
                        metadata: [
                            "file": "\(file.sequence)", "rows": "\(rowCount)",
                            "bytes": "\(file.byteCount)",
                        ])
                case .failed(let file, let failure):
                    logger.error(
                        "an old file could not be removed",
                        metadata: ["file": "\(file.sequence)", "error": "\(failure)"])
                }
            })
    }

    /// Takes new limits of the disk and of age, which hold from the next read and upkeep on.
    package func setLimits(
        diskByteCountMax: Int?, retentionNanos: Int64?, retentionNanosByDataset: [Dataset: Int64]
    ) {
        current.withLock { options in
            options.diskByteCountMax = diskByteCountMax
            options.retentionNanos = retentionNanos
            options.retentionNanosByDataset = retentionNanosByDataset
        }
        upkeep.setByteCountMax(diskByteCountMax)
    }

    /// What the store holds and what happened to it, for `/metrics`.
    package var stats: EventStoreStats {
        let counts = head.counts
        let removed = upkeep.removed
        let segments = head.segments
        return EventStoreStats(
            rowCount: counts.rows, rowCountInMemory: counts.rowsInMemory,
            byteCountInMemory: counts.bytes,
            byteCountOnDisk: log.totalByteCount + segments.reduce(0) { $0 + $1.byteCount },
            fileCount: Set(log.files.map(\.sequence) + segments.map(\.sequence)).count,
            segmentCount: segments.count, fileCountOnDiskOnly: counts.filesOnDiskOnly,
            removedRowCount: removed.rowCount, removedByteCount: removed.byteCount,
            removedFileCount: removed.fileCount,
            skippedRecordCount: replayed.skippedRecordCount,
            damagedByteCount: replayed.damagedByteCount,
            damagedCopyCount: log.damagedCopyCount,
            damagedSegmentCount: folder.damagedCount,
            damagedReadCount: cutting.withLock { $0.damagedReadCount },
            replayedRowCount: replayed.rowCount)
    }
}
