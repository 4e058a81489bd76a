import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
package import PerchModel

/// `GET /api/v1/events/{dataset}`: events as NDJSON, streamed, newest first.
///
/// Parameters: `query` (the search language), `from` and `to` (nanoseconds since 1970), `limit`
/// (default 1,000; 0 for all), `order` (`newest` or `oldest`).
package struct EventRoutes: Sendable {
    private let events: any EventSource
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(events: any EventSource, now: @escaping @Sendable () -> Int64) {
        self.events = events
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/v1/events/{dataset}") { request, context in
            try await respond(request, dataset: context.parameters.get("dataset") ?? "")
        }
    }

    private func respond(_ request: Request, dataset name: String) async throws -> Response {
        guard let dataset = Dataset.allCases.first(where: { $0.name == name }) else {
            let known = Dataset.allCases.map(\.name).joined(separator: ", ")
            throw Problem(.notFound, "no dataset \"\(name)\"; there are: \(known)")
        }
        let parameters = request.uri.queryParameters
        let from = try Parameters.nanos(parameters["from"], "from", default: .min)
        let to = try Parameters.nanos(parameters["to"], "to", default: .max)
        guard from <= to else { throw Problem(.badRequest, "from is after to") }
        var query = EventQuery(dataset: dataset, times: from..<to)
        query.limit = try Parameters.limit(parameters["limit"], default: 1_000)
        query.order = parameters["order"] == "oldest" ? .oldestFirst : .newestFirst
        if let text = parameters["query"] {
            do {
                let search = try Search.filter(String(text), now: now())
                query.predicate = search.predicate
                query.times = search.clamped(query.times)
            } catch {
                throw SearchProblem(failure: error)
            }
        }
        var opened = events.read(query)
        // The first rows are read before the answer begins, while a failure can still be told.
        let first = try await opened.next()
        let cursor = opened
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody { writer in
                var cursor = cursor
                var next = first
                while let batch = next {
                    var text = JSONWriter()
                    for row in 0..<batch.rowCount {
                        EventJSON.append(batch, row: row, to: &text)
                    }
                    try await writer.write(ByteBuffer(bytes: text.bytes))
                    next = try await cursor.next()
                }
                try await writer.finish(nil)
            })
    }
}
