import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

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
            let reader = try hub.reader(of: try parameters.dataset())
            let stream = TailStream(
                hub: hub, reader: reader, format: ServerSentTail(search: search),
                channel: context.channel)
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: stream.body)
        }
    }
}

/// The tail as server-sent events.
private struct ServerSentTail: TailFormat {
    let search: Search

    let opening = ByteBuffer(string: ": open\n\n")
    let alive = ByteBuffer(string: ": alive\n\n")
    let ending = ByteBuffer(string: "event: end\ndata: {}\n\n")
    let endsConnection = false

    func text(of batch: EventBatch?, droppedCount: Int) -> ByteBuffer? {
        var text = JSONWriter()
        if let batch {
            for row in batch.matchingRows(of: search.predicate, times: search.times) {
                text.raw("data: ")
                EventJSON.append(batch, row: Int(row), to: &text)
                // The row ends with a line feed; an empty line ends the event.
                text.raw("\n")
            }
        }
        if droppedCount > 0 {
            text.raw("event: dropped\ndata: {\"count\":")
            text.number(droppedCount)
            text.raw("}\n\n")
        }
        return text.bytes.isEmpty ? nil : ByteBuffer(bytes: text.bytes)
    }
}
