/// Writes metrics as text for a scraper (MET-1).
///
/// Source: Prometheus' text format 0.0.4 and OpenMetrics 1.0.
public enum ExpositionText: Sendable {
    /// For `Accept` headers without OpenMetrics; it has no exemplars.
    case prometheus
    case openMetrics

    /// The format to answer a request with that had this `Accept` header.
    public init(accept: String?) {
        self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
    }

    /// The `Content-Type` to answer with.
    public var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// All metrics as text.
    public func text(of metrics: [MetricSnapshot]) -> String {
        var text = ""
        for metric in metrics { append(metric, to: &text) }
        if case .openMetrics = self { text += "# EOF\n" }
        return text
    }

    private func append(_ metric: MetricSnapshot, to text: inout String) {
        let isCounter = metric.kind == .counter
        var family = metric.name
        if case .prometheus = self, isCounter { family += "_total" }
        if !metric.help.isEmpty {
            text += "# HELP \(family) \(Self.escaped(metric.help, quotes: isOpenMetrics))\n"
        }
        text += "# TYPE \(family) \(metric.kind.rawValue)\n"
        for series in metric.series {
            switch series.value {
            case .number(let value):
                text += metric.name
                if isCounter { text += "_total" }
                text += "\(Self.labels(series.labels)) \(Self.number(value))\n"
            case .histogram(let bounds, let counts):
                append(metric.name, series.labels, bounds, counts, to: &text)
            }
        }
    }

    private func append(
        _ name: String, _ labels: [Label], _ bounds: [Double],
        _ counts: HistogramInstrument.Counts, to text: inout String
    ) {
        var total: UInt64 = 0
        for index in counts.buckets.indices {
            total &+= counts.buckets[index]
            let bound = index < bounds.count ? Self.bound(bounds[index]) : "+Inf"
            let all = Self.labels(labels + [Label(name: "le", value: bound)])
            text += "\(name)_bucket\(all) \(total)"
            if case .openMetrics = self, let exemplar = counts.exemplars[index] {
                text += " # {trace_id=\"\(exemplar.context.traceID)\","
                text += "span_id=\"\(exemplar.context.spanID)\"} "
                text += "\(Self.number(exemplar.value)) \(Double(exemplar.time) / 1e9)"
            }
            text += "\n"
        }
        text += "\(name)_sum\(Self.labels(labels)) \(Self.number(counts.sum))\n"
        text += "\(name)_count\(Self.labels(labels)) \(total)\n"
    }

    private var isOpenMetrics: Bool {
        if case .openMetrics = self { true } else { false }
    }

    private static func labels(_ labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{"
            + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
            .joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Whole numbers without a fraction, in both formats.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
        return value.description
    }

    private static func bound(_ value: Double) -> String {
        value.isInfinite ? "+Inf" : value.description
    }
}
