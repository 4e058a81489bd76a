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
        var catalog: Catalog?
        var events: EventStore?
        do {
            let openedCatalog = try Catalog(
                path: folder.path.appending("catalog.sqlite").string)
            catalog = openedCatalog
            let disk = try diskByteCountMax(configuration, files, folder)
            let openedEvents = try await EventStore.open(
                files: files, directory: try folder.directory("events"),
                options: eventOptions(configuration, diskByteCountMax: disk), clock: now,
                logger: logger)
            events = openedEvents
            let series = try await SeriesStore.open(
                files: files, directory: try folder.directory("series"),
                options: seriesOptions(configuration, diskByteCountMax: disk), clock: now,
                logger: logger)
            return Stores(
                folder: folder, catalog: openedCatalog, events: openedEvents, series: series)
        } catch {
            await events?.close()
            try? catalog?.close()
            folder.close()
            throw error
        }
    }

    private static func eventOptions(
        _ configuration: PerchConfiguration, diskByteCountMax: Int
    ) -> EventStore.Options {
        var options = EventStore.Options()
        options.headByteCountMax = configuration.headByteCountMax / 2
        options.diskByteCountMax = diskByteCountMax / 2
        options.retentionNanos =
            Int64(max(configuration.retention.logsSeconds, configuration.retention.tracesSeconds))
            * 1_000_000_000
        options.retentionNanosByDataset = [
            .logs: Int64(configuration.retention.logsSeconds) * 1_000_000_000,
            .spans: Int64(configuration.retention.tracesSeconds) * 1_000_000_000,
        ]
        options.freeByteCountMin = configuration.freeSpaceByteCountMin
        return options
    }

    private static func seriesOptions(
        _ configuration: PerchConfiguration, diskByteCountMax: Int
    ) -> SeriesStore.Options {
        var options = SeriesStore.Options()
        options.headByteCountMax = configuration.headByteCountMax / 2
        options.diskByteCountMax = diskByteCountMax / 2
        options.retentionMillis = Int64(configuration.retention.metricsSeconds) * 1_000
        options.freeByteCountMin = configuration.freeSpaceByteCountMin
        return options
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
