import Logging
import PerchAPI
import PerchFiles
import PerchModel
import PerchSeries
import SystemPackage

/// The samples of a data folder whose server is stopped, as OpenMetrics.
package enum OfflineExport {
    /// Hands the text to `output` in pieces.
    ///
    /// `form` is that of a request to `/api/v1/export/openmetrics`. The folder is locked meanwhile,
    /// and nothing in it is merged or removed.
    package static func run(
        dataPath: String, form: String, now: @escaping @Sendable () -> Int64,
        to output: ([UInt8]) throws -> Void
    ) async throws {
        let files = LocalFiles()
        let path = FilePath(dataPath)
        // Opening makes a folder where there is none, which nobody wants here.
        guard try DataFolder.exists(files: files, path: path) else {
            throw ConfigurationFailure(message: "\(dataPath) is no data folder of Perch")
        }
        let folder = try DataFolder.open(files: files, path: path)
        defer { folder.close() }
        var options = SeriesStore.Options()
        options.freeByteCountMin = 0
        options.worksByItself = false
        let store = try await SeriesStore.open(
            files: files, directory: try folder.directory("series"), options: options,
            clock: now, logger: Logger(label: "perch"))
        do {
            var export = try await MetricsExport(
                try MetricsExport.Request(FormParameters(form)), samples: store, labels: store)
            while let piece = try await export.next() { try output(piece) }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}
