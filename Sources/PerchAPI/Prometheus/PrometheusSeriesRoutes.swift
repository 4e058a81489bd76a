import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchModel
import PerchPromQL

/// What series, labels, families and exemplars there are.
///
/// Source: Prometheus, "HTTP API", querying metadata and querying exemplars.
package struct PrometheusSeriesRoutes: Sendable {
    private let samples: any SampleSource
    private let labels: any LabelSource

    package init(samples: any SampleSource, labels: any LabelSource) {
        self.samples = samples
        self.labels = labels
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("api/v1/series", method: method) { request, _ in try await series(request) }
            router.on("api/v1/labels", method: method) { request, _ in try await names(request) }
            router.on("api/v1/query_exemplars", method: method) { request, _ in
                try await exemplars(request)
            }
        }
        router.get("api/v1/label/{name}/values") { request, context in
            try await values(request, of: context.parameters.get("name") ?? "")
        }
        router.get("api/v1/metadata") { request, _ in try await metadata(request) }
    }

    private func series(_ request: Request) async throws -> Response {
        let parameters = try await PrometheusParameters(request)
        let selectors = try parameters.selectors()
        guard !selectors.isEmpty else {
            throw PrometheusFailure(.badData, "no match[] parameter provided")
        }
        let limit = try parameters.limit()
        let found = try await all(selectors, parameters, limit: limit)
        var answer = PrometheusAnswer { text in
            let sorted = LabelOrder.sorted(Array(found.prefix(limit ?? .max))) { $0 }
            text.list(sorted) { AnswerWriter.appendLabels($1, to: &$0) }
        }
        if let limit, found.count > limit { answer.warn(PrometheusAnswer.truncated) }
        return answer.response()
    }

    private func names(_ request: Request) async throws -> Response {
        try await distinct(try await PrometheusParameters(request)) {
            (matchers, times) async throws(StoreFailure) in
            try await labels.labelNames(matchers, times: times, limit: nil)
        }
    }

    private func values(_ request: Request, of escaped: String) async throws -> Response {
        let name = Self.unescaped(escaped.removingPercentEncoding ?? escaped)
        guard !name.isEmpty else {
            throw PrometheusFailure(.badData, "invalid label name: \(GoText.quote(escaped))")
        }
        return try await distinct(try await PrometheusParameters(request)) {
            (matchers, times) async throws(StoreFailure) in
            try await labels.labelValues(name, matchers, times: times, limit: nil)
        }
    }

    /// The distinct strings that the closure finds for the selectors, sorted.
    private func distinct(
        _ parameters: PrometheusParameters,
        _ find: ([LabelMatcher], ClosedRange<Int64>) async throws(StoreFailure) -> [String]
    ) async throws -> Response {
        let selectors = try parameters.selectors(namesParameter: false)
        let limit = try parameters.limit()
        guard let times = try parameters.timesIfAny() else {
            return PrometheusAnswer([], limit: nil).response()
        }
        var found: Set<String> = []
        do {
            guard selectors.count > 1 else {
                return PrometheusAnswer(try await find(selectors.first ?? [], times), limit: limit)
                    .response()
            }
            for matchers in selectors { found.formUnion(try await find(matchers, times)) }
        } catch {
            throw PrometheusFailure(store: error)
        }
        let sorted = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return PrometheusAnswer(sorted, limit: limit).response()
    }

    /// The labels of all series that fit one of the selectors, each once; at most one over `limit`.
    private func all(
        _ selectors: [[LabelMatcher]], _ parameters: PrometheusParameters, limit: Int?
    ) async throws -> [Labels] {
        guard let times = try parameters.timesIfAny() else { return [] }
        var seen: Set<Labels> = []
        var found: [Labels] = []
        for matchers in selectors {
            var query = SampleQuery(matchers: matchers, times: times)
            query.labelsOnly = true
            var cursor = samples.read(query)
            while found.count <= limit ?? .max - 1, let series = try await Self.next(&cursor) {
                if seen.insert(series.labels).inserted { found.append(series.labels) }
            }
        }
        return found
    }

    private func exemplars(_ request: Request) async throws -> Response {
        let parameters = try await PrometheusParameters(request)
        let times = try parameters.times()
        let expression: QueryExpression
        do {
            expression = try Parser.parse(parameters["query"] ?? "")
        } catch {
            throw PrometheusFailure(
                .badData, "invalid parameter \"query\": \(error.description)")
        }
        var found: [SeriesChunk] = []
        var seen: Set<Labels> = []
        for matchers in expression.selectors {
            var cursor = samples.read(SampleQuery(matchers: matchers, times: times))
            while let series = try await Self.next(&cursor) {
                guard !series.exemplars.isEmpty, seen.insert(series.labels).inserted else {
                    continue
                }
                found.append(series)
            }
        }
        return PrometheusAnswer { text in
            text.list(found) { text, series in
                text.json("{\"seriesLabels\":")
                AnswerWriter.appendLabels(series.labels, to: &text)
                text.json(",\"exemplars\":")
                text.list(series.exemplars) { Self.append($1, to: &$0) }
                text.json("}")
            }
        }.response()
    }

    private static func append(_ exemplar: Exemplar, to text: inout [UInt8]) {
        text.json("{\"labels\":")
        AnswerWriter.appendLabels(exemplar.labels, to: &text)
        text.json(",\"value\":")
        text.append(UInt8(ascii: "\""))
        NumberText.appendSample(exemplar.value, to: &text)
        text.append(UInt8(ascii: "\""))
        text.json(",\"timestamp\":")
        AnswerWriter.appendTime(exemplar.timeMillis, to: &text)
        text.json("}")
    }

    private func metadata(_ request: Request) async throws -> Response {
        let parameters = try await PrometheusParameters(request)
        let limit = try parameters.descriptionLimit()
        // Of a family there is one description.
        let perMetric = try parameters.descriptionLimit("limit_per_metric")
        let metric = parameters["metric"]
        let families: [MetricMetadata]
        do {
            families = try await samples.metadata()
        } catch {
            throw PrometheusFailure(store: error)
        }
        let wanted = families.filter { metric == nil || metric == "" || $0.family == metric }
        let rows = wanted.prefix(limit ?? .max).map { (name: $0.family, value: $0) }
        return PrometheusAnswer { text in
            text.object(rows) { text, family in
                guard perMetric != 0 else {
                    text.json("[]")
                    return
                }
                text.json("[{\"type\":")
                text.json(Self.name(of: family.type))
                text.json(",\"unit\":")
                text.jsonString(family.unit)
                text.json(",\"help\":")
                text.jsonString(family.help)
                text.json("}]")
            }
        }.response()
    }

    /// In quotes, as Prometheus names types.
    private static func name(of type: MetricType) -> StaticString {
        switch type {
        case .unknown: "\"unknown\""
        case .counter: "\"counter\""
        case .gauge: "\"gauge\""
        case .histogram: "\"histogram\""
        case .gaugeHistogram: "\"gaugehistogram\""
        case .summary: "\"summary\""
        case .info: "\"info\""
        case .stateSet: "\"stateset\""
        }
    }

    private static func next(_ cursor: inout any SampleCursor) async throws -> SeriesChunk? {
        do {
            return try await cursor.next()
        } catch {
            throw PrometheusFailure(store: error)
        }
    }

    /// A label name of the form `U__…` stands for one with characters that a path cannot carry.
    ///
    /// Source: Prometheus, "Escaping schemes", values encoding escaping: `__` is an underscore,
    /// `_XX_` the character with that hexadecimal number.
    static func unescaped(_ text: String) -> String {
        guard text.hasPrefix("U__") else { return text }
        var result = ""
        var rest = text.dropFirst(3)
        while let character = rest.popFirst() {
            guard character == "_" else {
                result.append(character)
                continue
            }
            if rest.first == "_" {
                result.append("_")
                rest = rest.dropFirst()
                continue
            }
            guard let end = rest.firstIndex(of: "_"),
                rest.distance(from: rest.startIndex, to: end) <= 6,
                let number = UInt32(rest[..<end], radix: 16), let scalar = Unicode.Scalar(number)
            else { return text }
            result.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return result
    }
}
