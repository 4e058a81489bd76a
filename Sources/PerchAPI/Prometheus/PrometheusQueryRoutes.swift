import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchModel
package import PerchPromQL

/// Questions in PromQL.
///
/// Source: Prometheus, "HTTP API", expression queries, formatting and parsing.
package struct PrometheusQueryRoutes: Sendable {
    private let samples: any SampleSource
    private let options: @Sendable () -> QueryOptions
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(
        samples: any SampleSource, options: @escaping @Sendable () -> QueryOptions,
        now: @escaping @Sendable () -> Int64
    ) {
        self.samples = samples
        self.options = options
        self.now = now
    }

    /// Whether what answers this path moves long work away from the connection's event loop.
    static func leavesByItself(_ path: String) -> Bool {
        path == "/api/v1/query" || path == "/api/v1/query_range"
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("api/v1/query", method: method) { request, _ in try await instant(request) }
            router.on("api/v1/query_range", method: method) { request, _ in
                try await range(request)
            }
            router.on("api/v1/format_query", method: method) { request, _ in
                let expression = try Self.expression(try await PrometheusParameters(request))
                return PrometheusAnswer { $0.jsonString(expression.prettyText) }.response()
            }
            router.on("api/v1/parse_query", method: method) { request, _ in
                let expression = try Self.expression(try await PrometheusParameters(request))
                var tree = JSONWriter()
                expression.write(to: &tree)
                let bytes = tree.bytes
                return PrometheusAnswer { $0 += bytes }.response()
            }
        }
    }

    private static func expression(
        _ parameters: PrometheusParameters
    ) throws(PrometheusFailure) -> QueryExpression {
        do {
            return try Parser.parse(parameters["query"] ?? "")
        } catch {
            throw PrometheusFailure(.badData, "invalid parameter \"query\": \(error.description)")
        }
    }

    private func instant(_ request: Request) async throws -> Response {
        let parameters = try await PrometheusParameters(request)
        let time = try parameters.time("time") ?? now() / 1_000_000
        return try await answer(parameters, .instant(time))
    }

    private func range(_ request: Request) async throws -> Response {
        let parameters = try await PrometheusParameters(request)
        let start = try parameters.requiredTime("start")
        let end = try parameters.requiredTime("end")
        guard end >= start else {
            throw PrometheusFailure(
                .badData,
                "invalid parameter \"end\": end timestamp must not be before start time")
        }
        guard let step = try parameters.duration("step") else {
            throw PrometheusFailure(
                .badData, "invalid parameter \"step\": cannot parse \"\" to a valid duration")
        }
        guard step > 0 else {
            throw PrometheusFailure(
                .badData,
                "invalid parameter \"step\": zero or negative query resolution step widths are "
                    + "not accepted. Try a positive integer")
        }
        // Clients know this text: Grafana asks again with a larger step.
        let (span, isTooLong) = end.subtractingReportingOverflow(start)
        guard !isTooLong, span / step <= PerchPromQL.Limits.pointsPerSeriesMax
        else {
            throw PrometheusFailure(
                .badData,
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the "
                    + "query resolution (?step=XX)")
        }
        return try await answer(parameters, .range(start, end, step: step))
    }

    private func answer(
        _ parameters: PrometheusParameters, _ times: QueryTimes
    ) async throws -> Response {
        var options = options()
        if let place = QueryPlace.current {
            options.onLongWork = { await place.leave() }
            // What is older may have to come from the disk.
            let isRecent = times.start >= now() / 1_000_000 - Limits.recentMillis
            let length = parameters["query"]?.utf8.count ?? 0
            if !isRecent || length > Limits.quickQueryByteCountMax { await place.leave() }
        }
        let expression = try Self.expression(parameters)
        if let lookback = try parameters.duration("lookback_delta"), lookback > 0 {
            options.lookbackMillis = lookback
        }
        if let timeout = try parameters.duration("timeout"), timeout > 0 {
            let (nanos, isTooLong) = timeout.multipliedReportingOverflow(by: 1_000_000)
            if !isTooLong { options.timeoutNanos = min(options.timeoutNanos, nanos) }
        }
        let limit = try parameters.limit()
        let engine = QueryEngine(source: samples, options: options)
        let hasStatistics = !(parameters["stats"] ?? "").isEmpty
        let begun = options.clock?() ?? 0
        do {
            let result = try await engine.evaluate(expression, times)
            let took = hasStatistics ? (options.clock?() ?? 0) &- begun : nil
            return PrometheusAnswer.response(
                AnswerWriter.success(
                    result, query: parameters["query"] ?? "", limit: limit, tookNanos: took))
        } catch {
            throw PrometheusFailure(query: error)
        }
    }
}

extension PrometheusFailure {
    fileprivate init(query failure: QueryFailure) {
        switch failure {
        case .badData(let text): self.init(.badData, text)
        case .execution(let text): self.init(.execution, text)
        case .timeout(let text): self.init(.timeout, text)
        case .cancelled(let text): self.init(.canceled, text)
        case .storage(let failure): self.init(store: failure)
        }
    }
}
