package import Logging
import PerchBytes
package import PerchFiles
package import PerchModel
import Synchronization

/// The store of samples: a write log, the newest samples in memory, and segments.
///
/// Appends may come from any task; they share the log's syncs. Reads never wait for appends, nor
/// either of them for the making of segments.
package final class SeriesStore: ReportingSampleSink, SampleSource {
    /// What the operator chooses.
    package struct Options: Sendable {
        /// Bytes of samples in memory before a segment is made of them.
        package var headByteCountMax = 256 << 20
        /// Samples in memory, and so in the write log only, before a segment is made of them.
        package var headSampleCountMax = 3_000_000
        /// Milliseconds after which a segment is made, however few samples there are.
        package var headMillisMax: Int64 = 7_200_000
        /// How much older than the newest sample of all another may be.
        package var outOfOrderMillis: Int64 = 3_600_000
        /// Bytes on the disk before the oldest segments go; nil for no limit.
        package var diskByteCountMax: Int?
        /// Milliseconds that samples are kept, counted per segment by its newest; nil for ever.
        package var retentionMillis: Int64?
        /// Series in the head at once; samples of a new one beyond are refused.
        package var bounds = SeriesBounds()
        /// Makes hashes unpredictable; a test may fix it.
        package var hashSeed = UInt64.random(in: .min ... .max)
        /// Where a file of the log is sealed, unless the disk limit asks for less.
        ///
        /// Each file names its series anew, so one that is small for many series holds little else.
        package var fileByteCountMax = 128 << 20
        /// Free bytes of the file system below which appends are refused.
        package var freeByteCountMin = 1 << 30
        /// Whether segments are made and merged without being asked to; a test may want its turn.
        package var worksByItself = true

        package init() {}
    }

    let log: WriteLog
    let head: SeriesHead
    let folder: SegmentFolder
    let counters: SeriesCounters
    private let current: Mutex<Options>
    var options: Options { current.withLock { $0 } }
    let clock: @Sendable () -> Int64
    let logger: Logger
    /// Only one at a time changes the segments.
    let turnstile = Turnstile()
    private let encoder = SampleEncoder()
    private let replayed: SeriesReplay
    /// Asks the task that looks after the segments to have a look.
    private let wakeUp: AsyncStream<Void>.Continuation
    private let keeper = Mutex<Task<Void, Never>?>(nil)

    /// Opens the store in `directory`, which is made where there is none, and loads what is in no
    /// segment yet.
    ///
    /// `clock` answers nanoseconds since 1970. Blocks while it reads the disk.
    package static func open(
        files: any FileStore, directory: FilePath, options: Options = Options(),
        clock: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws(StoreFailure) -> SeriesStore {
        var logOptions = WriteLog.Options(kind: Limits.storeKind, clock: clock)
        logOptions.freeByteCountMin = options.freeByteCountMin
        logOptions.fileByteCountMax = min(
            options.fileByteCountMax, max(1 << 20, (options.diskByteCountMax ?? .max) / 16))
        do {
            try files.createDirectory(directory)
            let (folder, found) = try SegmentFolder.open(
                files: files, path: directory.child(SegmentNames.folder), seed: options.hashSeed,
                logger: logger)
            let log = try WriteLog(files: files, directory: directory, options: logOptions)
            // Files of the log that are in a segment: the machine stopped before they were removed.
            for file in log.files
            where found.segments.contains(where: { $0.header.covers(file.sequence) }) {
                try await log.remove(sequence: file.sequence)
            }
            try await raiseNumbers(of: log, above: found.segments)
            let index = HeadIndex(seed: options.hashSeed)
            let head = SeriesHead(index: index)
            head.begin(found.segments, found.deletions, Array(found.metadata.values))
            var replay = SeriesReplay()
            let begun = clock()
            try replay.run(log, index, into: head, logger)
            replay.durationNanos = clock() &- begun
            index.setBounds(options.bounds)
            return SeriesStore(
                log, head, folder, options, clock, logger, replay, found.damagedCount)
        } catch let failure as WriteLogFailure {
            throw StoreFailure(failure)
        } catch let failure as StoreFailure {
            throw failure
        } catch {
            throw .failed("cannot open the series store in \(directory.text): \(error)")
        }
    }

    /// Sees to it that the log's next file has a number above those that are in segments.
    ///
    /// It has, unless the log's manifest was lost while the log was empty. A lower number would
    /// pass for a file that is in a segment, at the next start.
    private static func raiseNumbers(
        of log: WriteLog, above segments: [Segment]
    ) async throws(StoreFailure) {
        guard let last = segments.map(\.header.lastLog).max() else { return }
        if let newest = log.files.last?.sequence, newest > last { return }
        let box = NumberBox()
        while box.number.load(ordering: .relaxed) <= last {
            do {
                try await log.append(
                    byteCountEstimate: 0,
                    summary: WriteLogSummary(rowCount: 0, minTime: 0, maxTime: 0),
                    encode: { _, _ in },
                    commit: { box.number.store($0, ordering: .relaxed) })
                if box.number.load(ordering: .relaxed) <= last { try await log.rotate() }
            } catch WriteLogFailure.noSpace {
                // Nothing can be written now; numbers go on from the manifest.
                return
            } catch {
                throw StoreFailure(error)
            }
        }
    }

    private final class NumberBox: Sendable {
        let number = Atomic<UInt64>(0)
    }

    private init(
        _ log: WriteLog, _ head: SeriesHead, _ folder: SegmentFolder, _ options: Options,
        _ clock: @escaping @Sendable () -> Int64, _ logger: Logger, _ replayed: SeriesReplay,
        _ damagedCount: Int
    ) {
        self.log = log
        self.head = head
        self.folder = folder
        current = Mutex(options)
        self.clock = clock
        self.logger = logger
        self.replayed = replayed
        counters = SeriesCounters(logger: logger)
        counters.add { $0.damagedSegmentCount = damagedCount }
        let (wakeUps, wakeUp) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeUp = wakeUp
        guard options.worksByItself else { return }
        // Not structured: an append that makes a segment due must not wait for it. The task ends
        // with `close`, or when the store is given up.
        keeper.withLock { keeper in
            keeper = Task { [weak self] in
                for await _ in wakeUps { await self?.maintain() }
            }
        }
    }

    deinit { wakeUp.finish() }

    package func append(_ batch: SampleBatch) async throws(StoreFailure) {
        _ = try await write(batch, isBackfill: false)
    }

    package func write(
        _ batch: SampleBatch, isBackfill: Bool
    ) async throws(StoreFailure) -> SampleRefusals {
        guard !batch.isEmpty else { return SampleRefusals() }
        try checkRoom()
        let byteCount = batch.logByteCountEstimate
        guard byteCount <= Limits.batchByteCountMax else {
            throw .tooLarge(
                "a batch of \(batch.sampleCount) samples takes \(byteCount) bytes, over the limit "
                    + "of \(Limits.batchByteCountMax)")
        }
        let index = head.view.active.index
        let (refs, refCount) = index.resolve(batch)
        let nowMillis = clock() / 1_000_000
        let admission = SampleAdmission(
            oldestTime: isBackfill ? .min : head.maxTime.lessClamped(options.outOfOrderMillis),
            newestTime: nowMillis.moreClamped(Limits.aheadMillisMax))
        var (admitted, refusals) = admission.admit(batch, refs)
        if refusals.overSeriesLimit > 0 { Self.tell(&refusals, batch, refs, index) }
        let exemplarCount = admitted.exemplars.count
        if !admitted.isEmpty {
            refusals.conflicting = try await write(
                admitted, refs, refCount, index, byteCount, nowMillis)
        }
        counters.add(refusals, droppedExemplarCount: batch.exemplars.count - exemplarCount)
        if isSegmentDue(nowMillis) { wakeUp.yield() }
        return refusals
    }

    /// Says which bounds the series of a batch were over that were refused.
    private static func tell(
        _ refusals: inout SampleRefusals, _ batch: SampleBatch, _ refs: [UInt32],
        _ index: HeadIndex
    ) {
        let (limits, culprit) = index.culprits(
            batch, refs.indices.filter { refs[$0] == HeadSeries.noRef })
        refusals.culprit = culprit
        for series in batch.seriesIndexes + batch.histograms.map(\.series) {
            switch limits[Int(series)] {
            case .metric: refusals.overMetricLimit += 1
            case .target: refusals.overTargetLimit += 1
            case .total, nil: break
            }
        }
    }

    /// Writes a batch that is to be taken, and answers how many samples conflict with others.
    private func write(
        _ batch: SampleBatch, _ refs: [UInt32], _ refCount: Int, _ index: HeadIndex,
        _ byteCount: Int, _ nowMillis: Int64
    ) async throws(StoreFailure) -> Int {
        let conflicts = Conflicts()
        do {
            try await log.append(
                byteCountEstimate: byteCount, summary: batch.logSummary,
                encode: { [encoder] buffer, epoch in
                    encoder.encode(batch, refs: refs, of: index, epoch: epoch, into: &buffer)
                },
                commit: { [head] sequence in
                    let context = CommitContext(
                        refCount: refCount, sequence: sequence, nowMillis: nowMillis)
                    let refusals = head.commit(batch, refs: refs, of: index, context)
                    conflicts.count.store(refusals.conflicting, ordering: .relaxed)
                })
        } catch {
            throw StoreFailure(error)
        }
        return conflicts.count.load(ordering: .relaxed)
    }

    private final class Conflicts: Sendable {
        let count = Atomic<Int>(0)
    }

    package func read(_ query: SampleQuery) -> any SampleCursor {
        SeriesReader(query, head, counters)
    }

    package func metadata() async throws(StoreFailure) -> [MetricMetadata] {
        head.metadata.sorted { $0.family < $1.family }
    }

    /// Writes what waits and stops.
    ///
    /// Later appends throw ``StoreFailure/closed``. What is in memory stays in the write log: a
    /// stop must not take long.
    package func close() async {
        counters.stop()
        wakeUp.finish()
        await keeper.withLock { $0 }?.value
        await turnstile.enter()
        await log.close()
        folder.close()
        turnstile.leave()
    }

    /// Has the task that looks after the segments have a look.
    func wakeKeeper() { wakeUp.yield() }

    /// Runs work that takes long and blocks where no task waits for its thread.
    @concurrent
    func offPool<Answer: Sendable>(
        _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await BackgroundThread.run("perch.series") {
            defer { FreeMemory.giveBack() }
            return try work()
        }
    }

    /// Takes new limits of series, for series to come.
    package func setBounds(_ bounds: SeriesBounds) {
        current.withLock { $0.bounds = bounds }
        head.view.active.index.setBounds(bounds)
    }

    /// Takes new limits of the disk and of age, which hold from the next upkeep on.
    package func setLimits(diskByteCountMax: Int?, retentionMillis: Int64?) {
        current.withLock { options in
            options.diskByteCountMax = diskByteCountMax
            options.retentionMillis = retentionMillis
        }
    }

    /// What the store holds and what happened to it, for `/metrics`.
    package var stats: SeriesStoreStats {
        let view = head.view
        let counts = counters.all
        let memtables = (view.frozen + [view.active]).map(\.summary)
        var stats = SeriesStoreStats()
        stats.seriesCount = view.active.index.count
        stats.segmentSampleCount = view.segments.reduce(0) { $0 + $1.header.sampleCount }
        stats.sampleCount = stats.segmentSampleCount + memtables.reduce(0) { $0 + $1.sampleCount }
        stats.byteCountInMemory = memtables.reduce(0) { $0 + $1.byteCount }
        stats.logByteCount = log.totalByteCount
        stats.byteCountOnDisk = stats.logByteCount + view.segments.reduce(0) { $0 + $1.byteCount }
        stats.fileCount = log.files.count
        stats.segmentCount = view.segments.count
        stats.deletionCount = view.deletions.count
        stats.refusals = counts.refusals
        stats.removedSampleCount = counts.removedSampleCount
        stats.removedByteCount = counts.removedByteCount
        stats.removedFileCount = counts.removedFileCount
        stats.damagedSegmentCount = counts.damagedSegmentCount
        stats.damagedChunkCount = counts.damagedChunkCount
        stats.flushCount = counts.flushCount
        stats.failedFlushCount = counts.failedFlushCount
        stats.mergeCount = counts.mergeCount
        stats.skippedRecordCount = replayed.skippedRecordCount
        stats.damagedByteCount = replayed.damagedByteCount
        stats.replayedSampleCount = replayed.sampleCount
        stats.replayNanos = replayed.durationNanos
        stats.droppedExemplarCount = memtables.reduce(counts.droppedExemplarCount) {
            $0 + $1.droppedExemplarCount
        }
        let low = (memtables.map(\.minTime) + view.segments.map(\.header.minTime)).min() ?? .max
        let high = (memtables.map(\.maxTime) + view.segments.map(\.header.maxTime)).max() ?? .min
        if low <= high { stats.times = low...high }
        return stats
    }
}

extension SegmentHeader {
    /// Whether the samples of a file of the write log are in it.
    func covers(_ log: UInt64) -> Bool { firstLog <= log && log <= lastLog }
}
