import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
package import PerchModel

/// `GET /api/v1/traces` and `GET /api/v1/traces/{id}`: Perch's own way to traces.
///
/// A search takes `service`, `operation`, `min_duration`, `max_duration` (`250ms`), `status`
/// (`unset`, `ok`, `error`), `root=true`, `query` (the search language), `from` and `to`
/// (nanoseconds since 1970), `order` (`newest`, `slowest`) and `limit`. See docs/traces.md.
package struct TraceRoutes: Sendable {
    private let reader: TraceReader
    private let now: @Sendable () -> Int64

    package init(events: any EventSource, now: @escaping @Sendable () -> Int64) {
        reader = TraceReader(events: events)
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/v1/traces") { request, _ in
            let search = try search(FormParameters((request.uri.query ?? "").utf8))
            let found = try await reader.find(search)
            let fields = TraceWriter.summaryFields.map { TraceSearch.field($0) }
            let traces = try await reader.traces(
                found, projection: .fields(fields), spansMax: Limits.summarySpansMax)
            return Self.response { text in
                text.append(contentsOf: #"{"traces":["#.utf8)
                for (index, trace) in traces.enumerated() {
                    if index > 0 { text.append(UInt8(ascii: ",")) }
                    TraceWriter.appendSummary(trace, to: &text)
                }
                text.append(contentsOf: "]}\n".utf8)
            }
        }
        router.get("api/v1/traces/{id}") { _, context in
            let text = context.parameters.get("id") ?? ""
            guard let id = TraceID(text) else {
                throw Problem(.badRequest, "\"\(text)\" is no trace id: 1 to 32 hex digits")
            }
            guard let trace = try await reader.traces([id]).first else {
                throw Problem(.notFound, "there is no trace \(id.text)")
            }
            return Self.response { text in
                TraceWriter.append(trace, to: &text)
                text.append(UInt8(ascii: "\n"))
            }
        }
    }

    private func search(_ form: FormParameters) throws -> TraceSearch {
        func given(_ name: String) -> String? { form[name].flatMap { $0.isEmpty ? nil : $0 } }
        let nowNanos = now()
        let end = try Parameters.nanos(given("to")?[...], "to", default: nowNanos)
        let (back, isBelow) = end.subtractingReportingOverflow(Limits.traceLookbackNanos)
        let start = try Parameters.nanos(
            given("from")?[...], "from", default: isBelow ? .min : back)
        guard start <= end else { throw Problem(.badRequest, "from is after to") }
        var search = TraceSearch(times: start..<end)
        search.service = given("service")
        search.operation = given("operation")
        search.durationMin = try duration(given("min_duration"), "min_duration")
        search.durationMax = try duration(given("max_duration"), "max_duration")
        if let word = given("status") {
            guard let status = SpanWords.status(named: word) else {
                throw Problem(.badRequest, "status: expected unset, ok or error, got \"\(word)\"")
            }
            search.status = status
        }
        search.isRootOnly = try root(given("root"))
        if let word = given("order") {
            guard let order = TraceSearch.Order(rawValue: word) else {
                throw Problem(
                    .badRequest, "order: expected newest or slowest, got \"\(word)\"")
            }
            search.order = order
        }
        if let text = given("query") {
            do {
                search.conditions.append(try SearchParser.parse(text))
            } catch {
                throw Problem(.badRequest, "query: \(error)")
            }
        }
        let limit = try Parameters.limit(given("limit")?[...], default: Limits.tracesDefault)
        search.limit = min(limit ?? Limits.tracesMax, Limits.tracesMax)
        return search
    }

    private func root(_ text: String?) throws -> Bool {
        switch text {
        case nil, "false": false
        case "true": true
        case let text?:
            throw Problem(.badRequest, "root: expected true or false, got \"\(text)\"")
        }
    }

    private func duration(_ text: String?, _ name: String) throws -> Int64? {
        guard let text else { return nil }
        guard let nanos = GoDuration.nanos(text) else {
            throw Problem(
                .badRequest, "\(name): expected a duration such as 1.5s or 200ms, got \"\(text)\"")
        }
        return nanos
    }

    private static func response(_ write: (inout [UInt8]) -> Void) -> Response {
        var text: [UInt8] = []
        write(&text)
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
    }
}
