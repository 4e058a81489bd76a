import Logging
import PerchFiles
import PerchModel
import PerchSeries
import PerchTestSupport

/// Stores on files in memory.
enum TestStores {
    static let directory = FilePath.from("/data")
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func samples(
        _ files: any FileStore = InMemoryFiles(), clock: ManualClock = ManualClock(),
        _ change: (inout SeriesStore.Options) -> Void = { _ in }
    ) async throws -> SeriesStore {
        var options = SeriesStore.Options()
        options.hashSeed = 1
        options.fileByteCountMax = 1 << 17
        options.worksByItself = false
        change(&options)
        return try await SeriesStore.open(
            files: files, directory: directory, options: options, clock: clock.now, logger: logger)
    }
}
