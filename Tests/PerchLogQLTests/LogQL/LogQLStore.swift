import Logging
import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport

/// A store to ask: one that is a list, or the real one with rows in its head and in segments.
struct LogQLStore {
    let source: any EventSource
    private let sink: any EventSink
    private let real: EventStore?

    init(isReal: Bool, fileByteCountMax: Int = 1 << 17) async throws {
        guard isReal else {
            let store = InMemoryEventStore()
            (source, sink, real) = (store, store, nil)
            return
        }
        var options = EventStore.Options()
        options.fileByteCountMax = fileByteCountMax
        let store = try await EventStore.open(
            files: InMemoryFiles(), directory: FilePath.from("/data"), options: options,
            clock: ManualClock().now,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        (source, sink, real) = (store, store, store)
    }

    func append(_ batch: EventBatch) async throws {
        try await sink.append(batch)
    }

    /// Makes segments of what is there.
    func flush() async throws {
        try await real?.flush()
    }

    func close() async {
        await real?.close()
    }
}
