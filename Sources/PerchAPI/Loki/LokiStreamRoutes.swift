import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

/// Questions about streams and their labels.
///
/// Source: Grafana Loki, "HTTP API": `labels`, `label/<name>/values`, `series`, `index/stats`,
/// `index/volume`, `status/buildinfo`.
extension LokiQueryRoutes {
    /// How far back is looked when nothing is said, as in Loki.
    private static let since: Int64 = 6 * 3_600_000_000_000
    /// Series of an answer about volumes when nothing is said, as in Loki.
    private static let volumeLimit = 100
    /// Series that it has at most; Loki takes any limit and refuses an answer of too many series.
    static let volumeSeriesMax = 10_000
    /// Numbers of an answer over time; of more series, the largest stay.
    private static let volumeNumberMax = 2_000_000

    func addStreams(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            for path in ["loki/api/v1/labels", "loki/api/v1/label"] {
                router.on(RouterPath(path), method: method) { request, _ in
                    try await refusing { try await labels(try await parameters(request)) }
                }
            }
            router.on("loki/api/v1/label/{name}/values", method: method) { request, context in
                let name = context.parameters.get("name") ?? ""
                return try await refusing {
                    let parameters = try await parameters(request)
                    let values = try await engine().values(
                        of: name, try parameters.matchers("query"),
                        times: try parameters.times(since: Self.since))
                    return PrometheusAnswer(values, limit: nil).response()
                }
            }
            router.on("loki/api/v1/series", method: method) { request, _ in
                try await refusing { try await series(try await parameters(request)) }
            }
            router.on("loki/api/v1/index/stats", method: method) { request, _ in
                try await refusing { try await stats(try await parameters(request)) }
            }
            for isRange in [false, true] {
                let path = "loki/api/v1/index/volume" + (isRange ? "_range" : "")
                router.on(RouterPath(path), method: method) { request, _ in
                    try await refusing {
                        try await volume(try await parameters(request), isRange: isRange)
                    }
                }
            }
        }
        router.get("loki/api/v1/status/buildinfo") { _, _ in
            PrometheusAnswer.response(
                Array(
                    (#"{"version":"3.4.0","revision":"perch","branch":"main","buildUser":"perch","#
                        + #""buildDate":"","goVersion":""}"#).utf8))
        }
    }

    func refusing(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let failure as LogQLFailure {
            throw LokiFailure(failure)
        }
    }

    private func labels(_ parameters: LokiParameters) async throws -> Response {
        let times = try parameters.times(since: Self.since)
        let matchers = try parameters.matchers("query")
        guard !matchers.isEmpty else {
            return PrometheusAnswer(try await engine().catalog(times).streamLabels, limit: nil)
                .response()
        }
        var names: Set<String> = []
        for labels in try await engine().streams([matchers], times: times) {
            names.formUnion(labels.pairs.map(\.name))
        }
        return PrometheusAnswer(names.sorted(), limit: nil).response()
    }

    private func series(_ parameters: LokiParameters) async throws -> Response {
        let texts = parameters.all("match[]") + parameters.all("match")
        guard !texts.isEmpty else {
            throw LokiFailure(.badRequest, "0 matcher groups supplied")
        }
        var selectors: [[LabelMatcher]] = []
        for text in texts { selectors.append(try LogQLParser.parseMatchers(text)) }
        let found = try await engine().streams(
            selectors, times: try parameters.times(since: Self.since))
        return PrometheusAnswer { text in
            text.list(found) { text, labels in LokiAnswer.append(labels.pairs, to: &text) }
        }.response()
    }

    private func stats(_ parameters: LokiParameters) async throws -> Response {
        let times = try parameters.times(since: Self.since)
        let matchers = try parameters.matchers("query")
        let lines = try await engine().count(.lines, matchers, times: times, by: nil).table
        let bytes = try await engine().count(.bytes, matchers, times: times, by: []).table
        func sum(_ table: SeriesTable) -> Int {
            Int((0..<table.count).reduce(0.0) { $0 + table.value($1, 0) })
        }
        return PrometheusAnswer.response(
            Array(
                "{\"streams\":\(lines.count),\"chunks\":\(lines.count),\"bytes\":\(sum(bytes)),\"entries\":\(sum(lines))}"
                    .utf8))
    }

    private func volume(_ parameters: LokiParameters, isRange: Bool) async throws -> Response {
        let times = try parameters.times(since: Self.since)
        let matchers = try parameters.matchers("query")
        let targets = (parameters["targetLabels"] ?? "").split(separator: ",").map(String.init)
        let limit = min(
            try parameters.limit(default: Self.volumeLimit, most: .max), Self.volumeSeriesMax)
        // By the labels that are asked for, else by those of the selector.
        var labels: [String]? = targets.isEmpty ? matchers.map(\.name) : targets
        if labels?.isEmpty ?? true { labels = [LabelCatalog.service] }
        if parameters["aggregateBy"] == "labels" { return try await labelVolumes(parameters) }
        let step = isRange ? try parameters.step(times) : nil
        let (table, points) = try await engine().count(
            .bytes, matchers, times: times, by: labels, step: step)
        let fitting = Self.volumeNumberMax / max(1, table.stepCount)
        return LokiAnswer.volume(table, points, limit: min(limit, fitting), isRange: isRange)
    }

    /// The bytes under each label's name, whatever its value.
    private func labelVolumes(_ parameters: LokiParameters) async throws -> Response {
        let times = try parameters.times(since: Self.since)
        let (table, points) = try await engine().count(
            .bytes, try parameters.matchers("query"), times: times, by: nil)
        var sums: [String: Double] = [:]
        for series in 0..<table.count {
            for (name, _) in table.labels(series).pairs {
                sums[name, default: 0] += table.value(series, 0)
            }
        }
        return LokiAnswer.labelVolumes(sums, points.start)
    }
}
