import Logging
import PerchCatalog
import PerchEvents
import PerchFiles
import PerchModel
import PerchSeries
import SystemPackage

/// Everything of a data folder that is open while the server runs.
struct Stores: Sendable {
    let folder: DataFolder
    let catalog: Catalog
    let events: EventStore
    let series: SeriesStore

    static func open(
        _ configuration: PerchConfiguration, now: @escaping @Sendable () -> Int64, logger: Logger
    ) async throws -> Stores {
        let files = LocalFiles()
        let folder = try DataFolder.open(files: files, path: FilePath(configuration.data))
        do {
            let catalog = try Catalog(
                path: folder.path.appending("catalog.sqlite").string)
            let disk = try diskByteCountMax(configuration, files, folder)
            var eventOptions = EventStore.Options()
            eventOptions.headByteCountMax = configuration.headByteCountMax / 2
            eventOptions.diskByteCountMax = disk / 2
            eventOptions.retentionNanos =
                Int64(
                    max(configuration.retention.logsSeconds, configuration.retention.tracesSeconds))
                * 1_000_000_000
            eventOptions.freeByteCountMin = configuration.freeSpaceByteCountMin
            let events = try await EventStore.open(
                files: files, directory: try folder.directory("events"), options: eventOptions,
                clock: now, logger: logger)
            var seriesOptions = SeriesStore.Options()
            seriesOptions.headByteCountMax = configuration.headByteCountMax / 2
            seriesOptions.diskByteCountMax = disk / 2
            seriesOptions.retentionMillis = Int64(configuration.retention.metricsSeconds) * 1_000
            seriesOptions.freeByteCountMin = configuration.freeSpaceByteCountMin
            let series = try await SeriesStore.open(
                files: files, directory: try folder.directory("series"), options: seriesOptions,
                clock: now, logger: logger)
            return Stores(folder: folder, catalog: catalog, events: events, series: series)
        } catch {
            folder.close()
            throw error
        }
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
