import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import PerchAccess
import PerchLogQL
package import PerchModel

/// What administrators delete of logs and spans: `POST /api/v1/events/delete`.
///
/// Page: docs/operating/retention.md.
package struct EventDeletionRoutes: Sendable {
    /// Hides events at once and for good, and answers how many.
    package typealias Delete =
        @Sendable (Dataset, String, EventPredicate, Range<Int64>) async throws(StoreFailure) ->
        Int64

    private let delete: Delete
    private let events: any EventSource
    private let logger: Logger
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(
        events: any EventSource, delete: @escaping Delete, logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        self.events = events
        self.delete = delete
        self.logger = logger
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.post("api/v1/events/delete") { request, context in
            try await run(request, context)
        }
    }

    private func run(_ request: Request, _ context: PerchRequestContext) async throws -> Response {
        let parameters = try await SearchParameters(request, now: now())
        // Nobody deletes everything by forgetting a parameter.
        for name in ["dataset", "query", "start", "end"] where parameters[name] == nil {
            throw Problem(
                .badRequest,
                "\(name): a deletion needs dataset, query, start and end; "
                    + "an empty query is every event")
        }
        let dataset = try parameters.dataset()
        let search = try parameters.search()
        let times = search.clamped(try parameters.times())
        let isTry = parameters["dry_run"] == "true"
        let count =
            isTry
            ? try await self.count(dataset, search.predicate, times)
            : try await delete(dataset, parameters["query"] ?? "", search.predicate, times)
        if !isTry {
            logger.notice(
                "events were deleted",
                metadata: [
                    "audit": "delete", "by": "\(context.principal?.user ?? "a key")",
                    "from": "\(context.clientAddress ?? "")", "dataset": "\(dataset.name)",
                    "query": "\(parameters["query"] ?? "")",
                    "start": "\(SearchInstant.text(times.lowerBound))",
                    "end": "\(SearchInstant.text(times.upperBound))", "events": "\(count)",
                ])
        }
        var text = JSONWriter()
        text.raw(isTry ? "{\"matched\":" : "{\"deleted\":")
        text.number(count)
        text.raw("}\n")
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text.bytes)))
    }

    private func count(
        _ dataset: Dataset, _ predicate: EventPredicate, _ times: Range<Int64>
    ) async throws -> Int64 {
        var query = EventQuery(dataset: dataset, times: times)
        query.predicate = predicate
        query.projection = .fields([])
        query.order = .unordered
        var cursor = events.read(query)
        var count: Int64 = 0
        while let batch = try await cursor.next() { count += batch.totalWeight }
        return count
    }
}
