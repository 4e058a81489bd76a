import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel
import Synchronization

/// `GET /api/v1/tail?query=…`: events as they are stored, as server-sent events.
///
/// Each event is `data: {…}` as in the export. A reader that is too slow gets `event: dropped` with
/// how many it lost; the end of the server is `event: end`. Page: docs/search.md.
package struct TailRoutes: Sendable {
    private let hub: TailHub
    private let now: @Sendable () -> Int64

    package init(hub: TailHub, now: @escaping @Sendable () -> Int64) {
        self.hub = hub
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/v1/tail") { request, context in
            let parameters = try await SearchParameters(request, now: now())
            let search = try parameters.search()
            let reader = try open(try parameters.dataset())
            let stream = TailStream(
                hub: hub, reader: reader, search: search, channel: context.channel)
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in try await stream.write(to: &writer) })
        }
    }

    private func open(_ dataset: Dataset) throws -> TailReader {
        do {
            return try hub.open(dataset)
        } catch {
            var problem =
                error.isClosed
                ? Problem(.serviceUnavailable, "the server is stopping")
                : Problem(.tooManyRequests, "too many readers of the tail; close another one")
            problem.headers[.retryAfter] = "5"
            throw problem
        }
    }
}

/// What one reader of the tail gets; it gives the reader's place back when it is forgotten.
private final class TailStream: Sendable {
    private let hub: TailHub
    private let reader: TailReader
    private let search: Search
    private let channel: any Channel
    /// Since when a write waits for the reader.
    private let writingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(hub: TailHub, reader: TailReader, search: Search, channel: any Channel) {
        self.hub = hub
        self.reader = reader
        self.search = search
        self.channel = channel
    }

    deinit { hub.close(reader) }

    @concurrent func write(to writer: inout any ResponseBodyWriter) async throws {
        defer { hub.close(reader) }
        // Ended when this is left.
        async let _: Void = watch()
        try await writer.write(ByteBuffer(string: ": open\n\n"))
        var quietSeconds = 0
        for await item in reader.items {
            var text = JSONWriter()
            switch item {
            case .batch(let batch):
                reader.took(batch.byteCount)
                append(batch, to: &text)
            case .tick: quietSeconds += 1
            }
            appendDropped(to: &text)
            if text.bytes.isEmpty, quietSeconds >= Limits.tailAliveSeconds {
                text.raw(": alive\n\n")
            }
            guard !text.bytes.isEmpty else { continue }
            quietSeconds = 0
            writingSince.withLock { $0 = ContinuousClock.now }
            try await writer.write(ByteBuffer(bytes: text.bytes))
            writingSince.withLock { $0 = nil }
        }
        try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n"))
        try await writer.finish(nil)
    }

    private func appendDropped(to text: inout JSONWriter) {
        let count = reader.takeDroppedCount()
        guard count > 0 else { return }
        text.raw("event: dropped\ndata: {\"count\":")
        text.number(count)
        text.raw("}\n\n")
    }

    private func append(_ batch: EventBatch, to text: inout JSONWriter) {
        for row in batch.matchingRows(of: search.predicate, times: search.times) {
            text.raw("data: ")
            EventJSON.append(batch, row: Int(row), to: &text)
            // The row ends with a line feed; an empty line ends the event.
            text.raw("\n")
        }
    }

    /// Ticks while the connection is there, and closes one whose reader takes nothing.
    private func watch() async {
        while channel.isActive {
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
            reader.tick()
            let since = writingSince.withLock { $0 }
            if let since, ContinuousClock.now - since > .seconds(Limits.tailStallSeconds) {
                channel.close(promise: nil)
            }
        }
        reader.finish()
    }
}
