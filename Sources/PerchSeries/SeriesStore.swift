package import Logging
package import PerchFiles
package import PerchModel
import Synchronization

/// The store of samples: one write log, and its samples in memory up to a budget.
///
/// Appends may come from any task; they share the log's syncs. Reads never wait for appends.
package final class SeriesStore: SampleSink, SampleSource {
    /// What the operator chooses.
    package struct Options: Sendable {
        /// Bytes of samples kept in memory.
        ///
        /// Older ones are read back from the disk.
        package var headByteCountMax = 256 << 20
        /// Bytes on the disk before the oldest files go; nil for no limit.
        package var diskByteCountMax: Int?
        /// Milliseconds that samples are kept, counted per file by its newest; nil for ever.
        package var retentionMillis: Int64?
        /// Series known at once; a batch with a new one beyond is refused.
        package var seriesCountMax = 2_000_000
        /// Makes hashes unpredictable; a test may fix it.
        package var hashSeed = UInt64.random(in: .min ... .max)
        /// Where a file of the log is sealed; nil for a size that fits the limits above.
        package var fileByteCountMax: Int?
        /// Free bytes of the file system below which appends are refused.
        package var freeByteCountMin = 1 << 30

        package init() {}
    }

    private struct Removed {
        var sampleCount = 0
        var byteCount = 0
        var fileCount = 0
        var isAtWork = false
    }

    private let log: WriteLog
    private let head: SeriesHead
    private let encoder = SampleEncoder()
    private let options: Options
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let removed = Mutex(Removed())
    private let replayed: SeriesReplay

    /// Opens the store in `directory`, which is made where there is none, and loads the newest samples.
    ///
    /// `clock` answers nanoseconds since 1970. Blocks while it reads the disk.
    package static func open(
        files: any FileStore, directory: FilePath, options: Options = Options(),
        clock: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws(StoreFailure) -> SeriesStore {
        var logOptions = WriteLog.Options(kind: Limits.storeKind, clock: clock)
        logOptions.freeByteCountMin = options.freeByteCountMin
        logOptions.fileByteCountMax =
            options.fileByteCountMax
            ?? min(
                logOptions.fileByteCountMax, max(1 << 20, options.headByteCountMax / 8),
                max(1 << 20, (options.diskByteCountMax ?? .max) / 16))
        let head = SeriesHead(
            byteCountMax: options.headByteCountMax, seriesCountMax: options.seriesCountMax,
            seed: options.hashSeed)
        do {
            let log = try WriteLog(files: files, directory: directory, options: logOptions)
            var replay = SeriesReplay()
            try replay.run(log, into: head, byteCountMax: options.headByteCountMax, logger)
            return SeriesStore(log, head, options, clock, logger, replay)
        } catch let failure as WriteLogFailure {
            throw StoreFailure(failure)
        } catch {
            throw .failed("cannot open the series store in \(directory.text): \(error)")
        }
    }

    private init(
        _ log: WriteLog, _ head: SeriesHead, _ options: Options,
        _ clock: @escaping @Sendable () -> Int64, _ logger: Logger, _ replayed: SeriesReplay
    ) {
        self.log = log
        self.head = head
        self.options = options
        self.clock = clock
        self.logger = logger
        self.replayed = replayed
    }

    package func append(_ batch: SampleBatch) async throws(StoreFailure) {
        guard !batch.isEmpty else { return }
        let byteCount = batch.logByteCountEstimate
        guard byteCount <= Limits.batchByteCountMax else {
            throw .tooLarge(
                "a batch of \(batch.sampleCount) samples takes \(byteCount) bytes, over the limit "
                    + "of \(Limits.batchByteCountMax)")
        }
        guard let refs = head.resolve(batch) else {
            throw .tooLarge(
                "the batch brings new series over the limit of \(options.seriesCountMax); one of "
                    + "its metrics is \(batch.labels(at: 0).metricName)")
        }
        do {
            try await log.append(
                byteCountEstimate: byteCount, summary: batch.logSummary,
                encode: { [encoder] buffer, epoch in
                    encoder.encode(batch, refs: refs, epoch: epoch, into: &buffer)
                },
                commit: { [head] sequence in head.add(batch, refs: refs, file: sequence) })
        } catch {
            throw StoreFailure(error)
        }
        if head.takeHasNewFile() { await maintain() }
    }

    package func read(_ query: SampleQuery) -> any SampleCursor {
        SeriesReader(query, head.snapshot(query), log: log)
    }

    package func metadata() async throws(StoreFailure) -> [MetricMetadata] {
        head.metadata.sorted { $0.family < $1.family }
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
        let mayWork = removed.withLock { removed in
            defer { removed.isAtWork = true }
            return !removed.isAtWork
        }
        guard mayWork else { return }
        defer { removed.withLock { $0.isAtWork = false } }
        for file in filesToRemove() {
            do {
                try await log.remove(sequence: file.sequence)
            } catch {
                logger.error(
                    "an old file could not be removed",
                    metadata: ["file": "\(file.sequence)", "error": "\(error)"])
                return
            }
            let sampleCount = head.remove(file: file.sequence)
            removed.withLock { removed in
                removed.fileCount += 1
                removed.sampleCount += sampleCount
                removed.byteCount += file.byteCount
            }
            logger.info(
                "an old file was removed by retention",
                metadata: [
                    "file": "\(file.sequence)", "samples": "\(sampleCount)",
                    "bytes": "\(file.byteCount)",
                ])
        }
    }

    private func filesToRemove() -> [WriteLogFile] {
        let files = log.files
        let oldest = options.retentionMillis.map { clock() / 1_000_000 - $0 } ?? .min
        var byteCount = files.reduce(0) { $0 + $1.byteCount }
        return files.filter { file in
            guard file.isSealed else { return false }
            let isTooOld = file.summary.map { $0.rowCount > 0 && $0.maxTime < oldest } ?? false
            guard isTooOld || byteCount > options.diskByteCountMax ?? .max else { return false }
            byteCount -= file.byteCount
            return true
        }
    }

    /// What the store holds and what happened to it, for `/metrics`.
    package var stats: SeriesStoreStats {
        let counts = head.counts
        let removed = removed.withLock { $0 }
        return SeriesStoreStats(
            seriesCount: counts.series, sampleCount: counts.samples,
            byteCountInMemory: counts.bytes, byteCountOnDisk: log.totalByteCount,
            fileCount: log.files.count, fileCountOnDiskOnly: counts.filesOnDiskOnly,
            conflictCount: counts.conflicts, removedSampleCount: removed.sampleCount,
            removedByteCount: removed.byteCount, removedFileCount: removed.fileCount,
            skippedRecordCount: replayed.skippedRecordCount,
            damagedByteCount: replayed.damagedByteCount,
            replayedSampleCount: replayed.sampleCount)
    }
}

extension SampleBatch {
    fileprivate var isEmpty: Bool {
        times.isEmpty && histograms.isEmpty && exemplars.isEmpty && metadata.isEmpty
    }

    /// At most what the payload takes, but for huge counts in histograms.
    fileprivate var logByteCountEstimate: Int {
        seriesBytes.count + 10 * seriesCount + 24 * sampleCount
            + histograms.reduce(0) {
                $0 + 96 + 5
                    * ($1.histogram.positiveCounts.count + $1.histogram.negativeCounts.count)
            }
            + exemplars.reduce(0) { $0 + 32 + $1.labels.bytes.count }
            + metadata.reduce(16) {
                $0 + 16 + $1.family.utf8.count + $1.unit.utf8.count + $1.help.utf8.count
            }
    }

    fileprivate var logSummary: WriteLogSummary {
        var low = Int64.max
        var high = Int64.min
        func widen(_ time: Int64) {
            low = min(low, time)
            high = max(high, time)
        }
        for time in times { widen(time) }
        for sample in histograms { widen(sample.timeMillis) }
        for exemplar in exemplars { widen(exemplar.timeMillis) }
        let rowCount = sampleCount + histograms.count + exemplars.count
        return WriteLogSummary(
            rowCount: rowCount, minTime: rowCount > 0 ? low : 0, maxTime: rowCount > 0 ? high : 0)
    }
}
