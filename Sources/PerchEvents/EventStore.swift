package import Logging
package import PerchFiles
package import PerchModel

/// The store of events: one write log for all datasets, and its rows in memory up to a budget.
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

    private let log: WriteLog
    private let head: EventHead
    private let options: Options
    private let clock: @Sendable () -> Int64
    private let logger: Logger
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
            let log = try WriteLog(files: files, directory: directory, options: logOptions)
            for note in log.notes { logger.warning("\(note)") }
            var replay = EventReplay()
            try replay.run(log, into: head, byteCountMax: options.headByteCountMax, logger)
            return EventStore(log, head, options, clock, logger, replay)
        } catch let failure as WriteLogFailure {
            throw StoreFailure(failure)
        } catch {
            throw .failed("cannot open the event store in \(directory.text): \(error)")
        }
    }

    private init(
        _ log: WriteLog, _ head: EventHead, _ options: Options,
        _ clock: @escaping @Sendable () -> Int64, _ logger: Logger, _ replayed: EventReplay
    ) {
        self.log = log
        self.head = head
        self.options = options
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
        if head.takeHasNewFile() { await maintain() }
    }

    package func read(_ query: EventQuery) -> any EventCursor {
        var query = query
        query.times = EventRetention(options: options, now: clock()).kept(
            query.times, of: query.dataset)
        return EventReader(
            query, head.snapshot(query.dataset, query.times, log), log: log,
            waitingByteCountMax: options.readByteCountMax)
    }

    /// Seals the current file.
    package func flush() async throws(StoreFailure) {
        do { try await log.rotate() } catch { throw StoreFailure(error) }
    }

    /// Writes what waits and stops.
    ///
    /// Later appends throw ``StoreFailure/closed``.
    package func close() async {
        await log.close()
    }

    /// Removes what retention and the disk limit do not allow.
    ///
    /// Runs by itself with each new file; call it now and then as well, for a store that gets
    /// little.
    package func maintain() async {
        var ages = EventFileAges(EventRetention(options: options, now: clock()), head, log)
        await upkeep.run(
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

    /// What the store holds and what happened to it, for `/metrics`.
    package var stats: EventStoreStats {
        let counts = head.counts
        let removed = upkeep.removed
        return EventStoreStats(
            rowCount: counts.rows, rowCountInMemory: counts.rowsInMemory,
            byteCountInMemory: counts.bytes, byteCountOnDisk: log.totalByteCount,
            fileCount: log.files.count, fileCountOnDiskOnly: counts.filesOnDiskOnly,
            removedRowCount: removed.rowCount, removedByteCount: removed.byteCount,
            removedFileCount: removed.fileCount,
            skippedRecordCount: replayed.skippedRecordCount,
            damagedByteCount: replayed.damagedByteCount,
            damagedCopyCount: log.damagedCopyCount,
            replayedRowCount: replayed.rowCount)
    }
}
