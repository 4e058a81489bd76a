package import Logging
package import PerchFiles
package import PerchModel
import Synchronization

/// The store of events: one write log for all datasets, its rows in memory up to a budget, and
/// segments on the disk that take the place of its sealed files.
///
/// Appends may come from any task; they share the log's syncs. Reads never wait for appends.
package final class EventStore: EventSink, EventSource {
    /// What changes while it is open, besides rows.
    struct Work: Sendable {
        /// Files that cannot be read as a whole: they stay in the log.
        var damagedFiles: Set<UInt64> = []
        /// Segments that cannot be read as a whole: they stay as they are.
        var damagedSegments: Set<UInt64> = []
        var damagedReadCount = 0
        var isClosing = false
        /// Segments that others took the place of, and that could not be removed.
        var leftovers: [EventSegment] = []
        /// Until when no merge is tried again after one that failed.
        var mergesFrom = Int64.min
        var mergeCount = 0
        var mergedByteCount = 0
        /// Rows that merges took out: deleted ones, and old ones.
        var droppedRowCount = 0
        /// Values of fields that were too many.
        var overflowValueCount = 0
    }

    let log: WriteLog
    let head: EventHead
    let folder: SegmentFolder
    let deletions: EventDeletionList
    /// Whoever changes segments has the turn.
    let turnstile = Turnstile()
    let work = Mutex(Work())
    let readCounts = BlockReadCounts()
    let current: Mutex<Options>
    var options: Options { current.withLock { $0 } }
    let clock: @Sendable () -> Int64
    let logger: Logger
    let upkeep: WriteLogUpkeep
    private let wakeUp: AsyncStream<Void>.Continuation
    private let keeper = Mutex<Task<Void, Never>?>(nil)
    private let replayed: EventReplay
    let followed: FollowedLog

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
                files: files, path: directory.child("segments"),
                damagedByteCountMax: options.damagedByteCountMax, logger: logger)
            let deletions = try EventDeletionList(
                files: files, directory: folder.path, logger: logger,
                read: options.readDeletion)
            logOptions.sequenceFloor = folder.sequenceFloor
            let log = try WriteLog(files: files, directory: directory, options: logOptions)
            for note in log.notes { logger.warning("\(note)") }
            var replay = EventReplay()
            try replay.run(
                log, folder.found, into: head, byteCountMax: options.headByteCountMax, logger)
            let store = EventStore(log, head, folder, deletions, options, clock, logger, replay)
            for file in log.files
            where folder.found.contains(where: { $0.origin.covers(file.sequence) }) {
                await store.dropFromLog(file.sequence)
            }
            store.remindSealPolicy()
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
        _ log: WriteLog, _ head: EventHead, _ folder: SegmentFolder,
        _ deletions: EventDeletionList, _ options: Options,
        _ clock: @escaping @Sendable () -> Int64, _ logger: Logger, _ replayed: EventReplay
    ) {
        self.log = log
        self.head = head
        self.folder = folder
        self.deletions = deletions
        current = Mutex(options)
        self.clock = clock
        self.logger = logger
        self.replayed = replayed
        followed = FollowedLog(options.follower)
        upkeep = WriteLogUpkeep(log, byteCountMax: options.diskByteCountMax)
        let (wakeUps, wakeUp) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeUp = wakeUp
        guard options.cutsByItself else { return }
        // Not structured: an append that begins a file must not wait for the one before it to be
        // cut. The task ends with `close`, or when the store is given up.
        keeper.withLock { keeper in
            keeper = Task { [weak self] in
                for await _ in wakeUps { await self?.cutSealed() }
            }
        }
    }

    deinit { wakeUp.finish() }

    package func append(_ batch: EventBatch) async throws(StoreFailure) {
        guard batch.rowCount > 0 else { return }
        let overflow = try EventOverflow(batch)
        let batch = overflow?.batch ?? batch
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
        let place = ArrivalBox()
        do {
            try await log.append(
                byteCountEstimate: bytes.count,
                summary: WriteLogSummary(
                    rowCount: batch.rowCount, minTime: times.min, maxTime: times.max),
                encode: { buffer, _ in buffer.append(contentsOf: bytes) },
                commit: { [head, log, followed] sequence in
                    if head.add(batch, file: sequence) { log.sealSoon() }
                    let arrival = followed.take(batch.dataset, file: sequence)
                    place.arrival.withLock { $0 = arrival }
                })
        } catch {
            throw StoreFailure(error)
        }
        if let follower = followed.follower, let arrival = place.arrival.withLock({ $0 }) {
            follower.take(batch, arrival)
        }
        if let overflow { work.withLock { $0.overflowValueCount += overflow.valueCount } }
        if head.takeHasNewFile() {
            wakeUp.yield()
            await retain()
        }
    }

    /// Writes what waits and stops.
    ///
    /// Later appends throw ``StoreFailure/closed``.
    package func close() async {
        work.withLock { $0.isClosing = true }
        wakeUp.finish()
        await keeper.withLock { $0 }?.value
        // Nothing may be written once the folder is given back.
        await turnstile.enter()
        turnstile.leave()
        await log.close()
    }

    /// Counts and tells that a read met a block that cannot be read.
    func noteDamage(segment sequence: UInt64, _ reason: String) {
        work.withLock { $0.damagedReadCount += 1 }
        logger.error(
            "a block of a segment is damaged; its rows are missing",
            metadata: ["segment": "\(sequence)", "reason": "\(reason)"])
    }

    /// Takes new limits of the disk and of age, which hold from the next read and upkeep on.
    package func setLimits(
        diskByteCountMax: Int?, retentionNanos: Int64?,
        retentionNanosByDataset: [Dataset: Int64], retentionRules: [RetentionRule] = []
    ) {
        current.withLock { options in
            options.diskByteCountMax = diskByteCountMax
            options.retentionNanos = retentionNanos
            options.retentionNanosByDataset = retentionNanosByDataset
            options.retentionRules = retentionRules
        }
        upkeep.setByteCountMax(diskByteCountMax)
    }

    /// What the store holds and what happened to it, for `/metrics`.
    package var stats: EventStoreStats {
        let counts = head.counts
        let removed = upkeep.removed
        let segments = head.segments
        let work = work.withLock { $0 }
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
            damagedReadCount: work.damagedReadCount, mergeCount: work.mergeCount,
            mergedByteCount: work.mergedByteCount, droppedRowCount: work.droppedRowCount,
            overflowValueCount: work.overflowValueCount, deletionCount: deletions.all.count,
            setAsideByteCount: folder.damagedByteCount,
            replayedRowCount: replayed.rowCount,
            blockReads: EventStoreStats.BlockReads(
                filtered: readCounts.filtered.load(ordering: .relaxed),
                empty: readCounts.empty.load(ordering: .relaxed),
                joined: readCounts.joined.load(ordering: .relaxed),
                rows: readCounts.rows.load(ordering: .relaxed)))
    }
}
