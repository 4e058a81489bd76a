import HTTPTypes
package import Hummingbird
import NIOCore
import PerchLogQL
package import PerchModel

/// Questions in LogQL.
///
/// Source: Grafana Loki, "HTTP API": `query`, `query_range`, `format_query`.
package struct LokiQueryRoutes: Sendable {
    let events: any EventSource
    private let timeoutNanos: @Sendable () -> Int64
    private let clock: @Sendable () -> Int64
    let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970, `clock` those of a clock that only goes forward.
    package init(
        events: any EventSource, timeoutNanos: @escaping @Sendable () -> Int64,
        clock: @escaping @Sendable () -> Int64, now: @escaping @Sendable () -> Int64
    ) {
        self.events = events
        self.timeoutNanos = timeoutNanos
        self.clock = clock
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("loki/api/v1/query", method: method) { request, _ in
                try await instant(request)
            }
            router.on("loki/api/v1/query_range", method: method) { request, _ in
                try await range(request)
            }
            router.on("loki/api/v1/format_query", method: method) { request, _ in
                let parameters = try await LokiParameters(request, now: now())
                let expression = try Self.expression(parameters)
                return PrometheusAnswer { $0.jsonString(expression.formatted) }.response()
            }
        }
        addStreams(to: router)
        addDiscovery(to: router)
    }

    static func expression(_ parameters: LokiParameters) throws(LokiFailure) -> LogQLExpression {
        do {
            return try LogQLParser.parse(parameters["query"] ?? "")
        } catch {
            throw LokiFailure(error)
        }
    }

    func parameters(_ request: Request) async throws -> LokiParameters {
        try await LokiParameters(request, now: now())
    }

    func options() -> LogQLOptions {
        var options = LogQLOptions()
        options.now = now()
        options.clock = clock
        options.timeoutNanos = timeoutNanos()
        return options
    }

    func engine() -> LogQLEngine { LogQLEngine(source: events, options: options()) }

    private func instant(_ request: Request) async throws -> Response {
        let parameters = try await parameters(request)
        let time = try parameters.time("time") ?? now()
        return try await answer(request, parameters, .instant(time))
    }

    private func range(_ request: Request) async throws -> Response {
        let parameters = try await parameters(request)
        let times = try parameters.times(since: 3_600_000_000_000)
        let step = try parameters.step(times)
        return try await answer(
            request, parameters, .range(times.lowerBound, times.upperBound, step: step))
    }

    private func answer(
        _ request: Request, _ parameters: LokiParameters, _ times: LogQLTimes
    ) async throws -> Response {
        let expression = try Self.expression(parameters)
        var options = options()
        options.limit = try parameters.limit(
            default: PerchLogQL.Limits.linesDefault, most: PerchLogQL.Limits.linesMax)
        options.isNewestFirst = try parameters.isNewestFirst()
        options.intervalNanos = try parameters.duration("interval") ?? 0
        let flags = HTTPField.Name("X-Loki-Response-Encoding-Flags").flatMap {
            request.headers[$0]
        }
        options.categorizesLabels = flags?.contains("categorize-labels") ?? false
        let begin = clock()
        do {
            let (result, stats) = try await LogQLEngine(source: events, options: options)
                .evaluate(expression, times)
            return LokiAnswer.query(
                result, stats, seconds: Double(clock() &- begin) / 1e9,
                isCategorized: options.categorizesLabels)
        } catch {
            throw LokiFailure(error)
        }
    }
}
