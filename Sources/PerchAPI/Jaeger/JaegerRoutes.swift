import Foundation
import HTTPTypes
package import Hummingbird
package import PerchIngest
package import PerchModel

/// Jaeger's query API, for Grafana's Jaeger data source and for scripts.
///
/// Source: Jaeger, "HTTP JSON (internal)", and its query service. See docs/traces.md.
package struct JaegerRoutes: Sendable {
    private let reader: TraceReader
    private let catalogue: SpanCatalogue
    private let calls: ServiceCalls
    private let now: @Sendable () -> Int64

    package init(
        events: any EventSource, catalogue: SpanCatalogue, calls: ServiceCalls,
        now: @escaping @Sendable () -> Int64
    ) {
        reader = TraceReader(events: events)
        self.catalogue = catalogue
        self.calls = calls
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/services") { _, _ in
            let services = catalogue.services
            return JaegerAnswer.list(services, total: services.count) {
                JSONText.appendString($0, to: &$1)
            }
        }
        router.get("api/services/{service}/operations") { _, context in
            let escaped = context.parameters.get("service") ?? ""
            return names(of: escaped.removingPercentEncoding ?? escaped)
        }
        router.get("api/operations") { request, _ in try operations(parameters(of: request)) }
        router.get("api/dependencies") { request, _ in
            try await dependencies(parameters(of: request))
        }
        router.get("api/traces") { request, _ in try await search(parameters(of: request)) }
        router.get("api/traces/{traceID}") { request, context in
            try await trace(context.parameters.get("traceID") ?? "")
        }
    }

    private func parameters(of request: Request) -> JaegerParameters {
        JaegerParameters(query: request.uri.query ?? "", nowNanos: now())
    }

    /// The names of a service's operations, of all kinds.
    private func names(of service: String) -> Response {
        var names: [String] = []
        for operation in catalogue.operations(of: service) where operation.name != names.last {
            names.append(operation.name)
        }
        return JaegerAnswer.list(names, total: names.count) { JSONText.appendString($0, to: &$1) }
    }

    private func operations(_ parameters: JaegerParameters) throws -> Response {
        guard let service = parameters["service"] else {
            throw JaegerFailure(.badRequest, "parameter 'service' is required")
        }
        var operations = catalogue.operations(of: service)
        if let kind = parameters["spanKind"] {
            operations = operations.filter { SpanWords.kind($0.kind) == kind.lowercased() }
        }
        return JaegerAnswer.list(operations, total: operations.count) { operation, text in
            text.append(contentsOf: #"{"name":"#.utf8)
            JSONText.appendString(operation.name, to: &text)
            text.append(
                contentsOf: #","spanKind":"\#(SpanWords.kind(operation.kind) ?? "")"}"#.utf8)
        }
    }

    /// `endTs` and `lookback` are milliseconds; the last day where they are missing.
    private func dependencies(_ parameters: JaegerParameters) async throws -> Response {
        let end = try parameters.integer("endTs") ?? now() / 1_000_000
        let lookback = try parameters.integer("lookback") ?? 86_400_000
        guard lookback >= 0 else {
            throw JaegerFailure(.badRequest, "unable to parse param 'lookback': it is negative")
        }
        let (start, isBelow) = end.subtractingReportingOverflow(lookback)
        let found: [ServiceCalls.Edge: Double]
        do {
            found = try await calls.count((isBelow ? .min : start)...end)
        } catch {
            guard error != .cancelled else { throw error }
            throw JaegerFailure(store: error)
        }
        let service = parameters["service"]
        let links = found.filter {
            service == nil || service == $0.key.client || service == $0.key.server
        }.sorted { ($0.key.client, $0.key.server) < ($1.key.client, $1.key.server) }
        return JaegerAnswer.list(links) { link, text in
            text.append(contentsOf: #"{"parent":"#.utf8)
            JSONText.appendString(link.key.client, to: &text)
            text.append(contentsOf: #","child":"#.utf8)
            JSONText.appendString(link.key.server, to: &text)
            let count = Int64(exactly: link.value.rounded()) ?? .max
            text.append(contentsOf: #","callCount":\#(count)}"#.utf8)
        }
    }

    private func search(_ parameters: JaegerParameters) async throws -> Response {
        let ids = try parameters.traceIDs()
        do {
            guard ids.isEmpty else { return try await traces(ids) }
            let found = try await reader.find(try parameters.search())
            let traces = try await reader.traces(found)
            return JaegerAnswer.list(traces) { JaegerTraceWriter.append($0, to: &$1) }
        } catch let failure as StoreFailure where failure != .cancelled {
            throw JaegerFailure(store: failure)
        }
    }

    private func traces(_ ids: [TraceID]) async throws(StoreFailure) -> Response {
        let traces = try await reader.traces(ids)
        let found = Set(traces.map(\.id))
        let notices = ids.filter { !found.contains($0) }.map {
            JaegerAnswer.Notice(message: "trace not found", traceID: $0.shortText)
        }
        return JaegerAnswer.list(traces, notices: notices) {
            JaegerTraceWriter.append($0, to: &$1)
        }
    }

    private func trace(_ text: String) async throws -> Response {
        guard let id = TraceID(text) else {
            throw JaegerFailure(.badRequest, "\"\(text)\" is no trace id: 1 to 32 hex digits")
        }
        do {
            let traces = try await reader.traces([id])
            guard !traces.isEmpty else { throw JaegerFailure(.notFound, "trace not found") }
            return JaegerAnswer.list(traces) { JaegerTraceWriter.append($0, to: &$1) }
        } catch let failure as StoreFailure where failure != .cancelled {
            throw JaegerFailure(store: failure)
        }
    }
}
