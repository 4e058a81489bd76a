import Logging
import PerchEvents
import PerchFiles
import PerchTestSupport

/// Event stores on files in memory.
enum TestEvents {
    static let directory = FilePath.from("/data")
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func open(
        _ files: any FileStore = InMemoryFiles(), clock: ManualClock = ManualClock(),
        _ change: (inout EventStore.Options) -> Void = { _ in }
    ) async throws -> EventStore {
        var options = EventStore.Options()
        options.fileByteCountMax = 1 << 17
        change(&options)
        return try await EventStore.open(
            files: files, directory: directory, options: options, clock: clock.now, logger: logger)
    }
}
