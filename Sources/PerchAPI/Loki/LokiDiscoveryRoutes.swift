import HTTPTypes
import Hummingbird
import PerchLogQL
import PerchModel
import PerchPromQL

/// What Grafana's pages ask to show which labels, fields and forms there are.
///
/// Source: Grafana Loki, "HTTP API": `detected_fields`, `detected_field/<name>/values`, `patterns`;
/// `detected_labels` and `drilldown-limits` as Logs Drilldown reads them.
extension LokiQueryRoutes {
    private static let since: Int64 = 3_600_000_000_000
    /// Fields, or values of one, of an answer.
    private static let countDefault = 1_000
    /// Lines that are looked at where nobody says.
    private static let linesDefault = 1_000

    func addDiscovery(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("loki/api/v1/detected_fields", method: method) { request, _ in
                try await refusing { try await detectedFields(try await parameters(request)) }
            }
            for path in ["detected_field/{name}/values", "detected_fields/{name}/values"] {
                router.on(RouterPath("loki/api/v1/" + path), method: method) { request, context in
                    let name = context.parameters.get("name") ?? ""
                    return try await refusing {
                        try await fieldValues(name, try await parameters(request))
                    }
                }
            }
            router.on("loki/api/v1/detected_labels", method: method) { request, _ in
                try await refusing { try await detectedLabels(try await parameters(request)) }
            }
            router.on("loki/api/v1/patterns", method: method) { request, _ in
                try await refusing { try await patterns(try await parameters(request)) }
            }
        }
        router.get("loki/api/v1/drilldown-limits") { _, _ in Self.limits() }
    }

    private func selector(_ parameters: LokiParameters) throws -> LogSelector {
        guard case .lines(let selector) = try Self.expression(parameters) else {
            throw LokiFailure(.badRequest, "only log selector is supported")
        }
        return selector
    }

    private func fields(_ parameters: LokiParameters) async throws -> [DetectedField] {
        let lines = parameters["line_limit"].map { Int($0) ?? 0 } ?? Self.linesDefault
        guard lines > 0, lines <= PerchLogQL.Limits.linesMax else {
            throw LokiFailure(
                .badRequest, "line_limit must be from 1 to \(PerchLogQL.Limits.linesMax)")
        }
        return try await engine().detectedFields(
            try selector(parameters), times: try parameters.times(since: Self.since),
            lineCountMax: lines)
    }

    private func detectedFields(_ parameters: LokiParameters) async throws -> Response {
        let limit = try parameters.limit(default: Self.countDefault, most: Self.countDefault)
        let found = try await fields(parameters).prefix(limit)
        let parsers = try selector(parameters).parserNames
        var text: [UInt8] = []
        text.json("{\"fields\":")
        text.list(found) { text, field in
            text.json("{\"label\":")
            text.jsonString(field.label)
            text.json(",\"type\":")
            text.jsonString(field.kind.rawValue)
            text.json(",\"cardinality\":")
            NumberText.appendWhole(Int64(field.values.count), to: &text)
            text.json(",\"parsers\":")
            // What the record has needs no parser.
            if field.isParsed, !parsers.isEmpty {
                text.list(parsers) { $0.jsonString($1) }
            } else {
                text.json("null")
            }
            text.json("}")
        }
        text.json(",\"limit\":")
        NumberText.appendWhole(Int64(limit), to: &text)
        text.json("}")
        return PrometheusAnswer.response(text)
    }

    private func fieldValues(
        _ name: String, _ parameters: LokiParameters
    ) async throws -> Response {
        let limit = try parameters.limit(default: Self.countDefault, most: Self.countDefault)
        let values = try await fields(parameters).first { $0.label == name }?.values ?? []
        var text: [UInt8] = []
        text.json("{\"values\":")
        text.list(values.prefix(limit)) { $0.jsonString($1) }
        text.json(",\"limit\":")
        NumberText.appendWhole(Int64(limit), to: &text)
        text.json("}")
        return PrometheusAnswer.response(text)
    }

    private func detectedLabels(_ parameters: LokiParameters) async throws -> Response {
        let labels = try await engine().detectedLabels(
            try parameters.matchers("query"), times: try parameters.times(since: Self.since))
        var text: [UInt8] = []
        text.json("{\"detectedLabels\":")
        text.list(labels) { text, entry in
            text.json("{\"label\":")
            text.jsonString(entry.label)
            text.json(",\"cardinality\":")
            NumberText.appendWhole(Int64(entry.valueCount), to: &text)
            text.json("}")
        }
        text.json("}")
        return PrometheusAnswer.response(text)
    }

    private func patterns(_ parameters: LokiParameters) async throws -> Response {
        let times = try parameters.times(since: Self.since)
        // Loki's own smallest step.
        let step = max(10_000_000_000, try parameters.step(times))
        let found = try await engine().patterns(
            try selector(parameters), times: times, stepNanos: step)
        return PrometheusAnswer { text in
            text.list(found.prefix(Self.countDefault)) { text, pattern in
                text.json("{\"pattern\":")
                text.jsonString(pattern.pattern)
                text.json(",\"level\":")
                text.jsonString(pattern.level)
                text.json(",\"samples\":")
                text.list(pattern.counts) { text, sample in
                    text.json("[")
                    NumberText.appendWhole(sample.seconds, to: &text)
                    text.json(",")
                    NumberText.appendWhole(sample.count, to: &text)
                    text.json("]")
                }
                text.json("}")
            }
        }.response()
    }

    private static func limits() -> Response {
        var text: [UInt8] = []
        text.json("{\"limits\":{\"discover_log_levels\":true,\"discover_service_name\":")
        text.list(["service_name"]) { $0.jsonString($1) }
        text.json(",\"log_level_fields\":")
        text.list(["detected_level", "level", "severity_text"]) { $0.jsonString($1) }
        text.json(",\"max_entries_limit_per_query\":")
        NumberText.appendWhole(Int64(PerchLogQL.Limits.linesMax), to: &text)
        text.json(
            """
            ,"max_query_series":10000,"max_query_length":"0s","max_query_lookback":"0s",\
            "max_query_range":"0s","max_query_bytes_read":"0B","metric_aggregation_enabled":false,\
            "retention_period":"0s","volume_enabled":true,"volume_max_series":
            """)
        NumberText.appendWhole(Int64(volumeSeriesMax), to: &text)
        text.json(
            """
            },"pattern_ingester_enabled":true,"version":"3.4.0"}
            """)
        return PrometheusAnswer.response(text)
    }
}
