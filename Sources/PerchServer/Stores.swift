import Logging
import PerchCatalog
import PerchEvents
import PerchFiles
import PerchIngest
import PerchLogQL
import PerchModel
import PerchSeries
import SystemPackage

/// Everything of a data folder that is open while the server runs.
struct Stores: Sendable {
    let folder: DataFolder
    let catalog: Catalog
    let events: EventStore
    let series: SeriesStore
    /// Decides about traces when they become segments.
    let sampler: TailSampler
    /// Counts spans as they arrive.
    let spanMetrics: SpanMetrics

    static func open(
        _ configuration: PerchConfiguration, now: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws -> Stores {
        let files = LocalFiles()
        let folder = try DataFolder.open(files: files, path: FilePath(configuration.data))
        var catalog: Catalog?
        var events: EventStore?
        let sampler = TailSampler(configuration.policy.tailSampling)
        let spanMetrics = SpanMetrics(catalogue: SpanCatalogue(), now: now)
        do {
            let openedCatalog = try Catalog(
                path: folder.path.appending("catalog.sqlite").string)
            catalog = openedCatalog
            let disk = try diskByteCountMax(configuration, files, folder)
            let openedEvents = try await EventStore.open(
                files: files, directory: try folder.directory("events"),
                options: eventOptions(configuration, disk, sampler, spanMetrics), clock: now,
                logger: logger)
            events = openedEvents
            let series = try await SeriesStore.open(
                files: files, directory: try folder.directory("series"),
                options: seriesOptions(configuration, disk), clock: now,
                logger: logger)
            return Stores(
                folder: folder, catalog: openedCatalog, events: openedEvents, series: series,
                sampler: sampler, spanMetrics: spanMetrics)
        } catch {
            await events?.close()
            try? catalog?.close()
            folder.close()
            throw error
        }
    }

    /// Each store may take the whole limit of the disk until `share` has looked at both.
    private static func eventOptions(
        _ configuration: PerchConfiguration, _ diskByteCountMax: Int, _ sampler: TailSampler,
        _ spanMetrics: SpanMetrics
    ) -> EventStore.Options {
        var options = EventStore.Options()
        options.cutsByItself = true
        options.sealPolicy = EventStore.SealPolicy(
            .spans, isActive: { sampler.isActive }, apply: { sampler.sample($0) })
        options.sealPolicy?.remembered = TailSampler.rememberedFields
        options.sealPolicy?.remember = { sampler.remember($0) }
        options.follower = EventStore.Follower(
            .spans, take: { spanMetrics.observe($0, $1) },
            needsAfter: { spanMetrics.needsAfter })
        options.headByteCountMax = configuration.headByteCountMax / 2
        options.diskByteCountMax = diskByteCountMax
        options.retentionNanos = configuration.retention.eventsNanos.values.max()
        options.retentionNanosByDataset = configuration.retention.eventsNanos
        options.retentionRules = configuration.retention.eventRules
        // The times of a deletion stand beside its query.
        options.readDeletion = { try Search.filter($0, now: 0).predicate }
        options.freeByteCountMin = configuration.freeSpaceByteCountMin
        return options
    }

    private static func seriesOptions(
        _ configuration: PerchConfiguration, _ diskByteCountMax: Int
    ) -> SeriesStore.Options {
        var options = SeriesStore.Options()
        options.headByteCountMax = configuration.headByteCountMax / 2
        options.diskByteCountMax = diskByteCountMax
        options.retentionMillis = configuration.retention.metricsMillis
        options.bounds = configuration.limits.series
        options.freeByteCountMin = configuration.freeSpaceByteCountMin
        return options
    }

    /// Gives both stores their part of the disk, and what the configuration says of age.
    ///
    /// They share one limit: each may take what the other leaves, and at least a quarter, so that a
    /// flood of one kind does not drive out the other.
    func share(diskByteCountMax: Int, _ retention: PerchConfiguration.Retention) {
        let (eventBytes, seriesBytes) = Self.parts(
            of: diskByteCountMax, events: events.stats.byteCountOnDisk,
            series: series.stats.byteCountOnDisk)
        events.setLimits(
            diskByteCountMax: eventBytes, retentionNanos: retention.eventsNanos.values.max(),
            retentionNanosByDataset: retention.eventsNanos,
            retentionRules: retention.eventRules)
        series.setLimits(diskByteCountMax: seriesBytes, retentionMillis: retention.metricsMillis)
    }

    /// What each store may take of `total`, by what both take now.
    static func parts(of total: Int, events: Int, series: Int) -> (events: Int, series: Int) {
        let least = total / 4
        return (max(least, total - series), max(least, total - events))
    }

    /// In reverse of opening.
    func close(logger: Logger) async {
        await series.close()
        await events.close()
        do {
            try catalog.close()
        } catch {
            logger.warning("the catalog did not close", metadata: ["error": "\(error)"])
        }
        folder.close()
    }

    /// Seals the files of both write logs.
    func flush() async throws {
        try await events.flush()
        try await series.flush()
    }

    /// The limit of the disk in bytes.
    func diskByteCountMax(_ configuration: PerchConfiguration) throws -> Int {
        try Self.diskByteCountMax(configuration, LocalFiles(), folder)
    }

    private static func diskByteCountMax(
        _ configuration: PerchConfiguration, _ files: LocalFiles, _ folder: DataFolder
    ) throws -> Int {
        switch configuration.diskLimit {
        case .bytes(let count): count
        case .percent(let percent):
            try files.space(at: folder.path).totalByteCount / 100 * percent
        }
    }
}
