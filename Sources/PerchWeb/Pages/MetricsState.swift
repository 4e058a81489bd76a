package import PerchModel

/// What the address of the metrics page says.
package struct MetricsState: Sendable, Hashable {
    /// The questions, in PromQL; none is empty.
    package var queries: [String] = []
    package var showsTable = false
    /// A word of ``MetricUnit``; nil is guessed by the name of the metric.
    package var unit: MetricUnit?
    package var range: TimeRange

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        queries = parameters.all("expr").map { String($0.prefix(Limits.queryCharactersMax)) }
            .filter { !$0.allSatisfy(\.isWhitespace) }
        // Addresses of old told a metric's name alone.
        if queries.isEmpty, let metric = parameters["metric"], !metric.isEmpty {
            queries = [metric]
        }
        queries = Array(queries.prefix(Limits.chartQueriesMax))
        showsTable = parameters["view"] == "table"
        unit = parameters["unit"].flatMap(MetricUnit.init(rawValue:))
    }

    /// The state as parameters, in a fixed order.
    var pairs: [(name: String, value: String?)] {
        queries.map { ("expr", $0) } + [
            ("view", showsTable ? "table" : nil), ("unit", unit?.rawValue),
        ]
    }

    var link: Link {
        Link("/explore").adding(
            pairs + range.query.map { (String(describing: $0.name), $0.value) })
    }

    func with(_ change: (inout MetricsState) -> Void) -> MetricsState {
        var state = self
        change(&state)
        return state
    }
}

/// The units that a reader may choose for a chart.
package enum MetricUnit: String, Sendable, CaseIterable {
    case plain
    case seconds
    case milliseconds
    case bytes
    case share
    case perSecond

    var words: String {
        switch self {
        case .plain: "number"
        case .seconds: "seconds"
        case .milliseconds: "milliseconds"
        case .bytes: "bytes"
        case .share: "share (0 to 1)"
        case .perSecond: "per second"
        }
    }

    var unit: ChartUnit {
        switch self {
        case .plain: .plain
        case .seconds: .seconds
        case .milliseconds: .milliseconds
        case .bytes: .bytes
        case .share: .share
        case .perSecond: .perSecond
        }
    }

    /// What the names in a question say: `rate(x_bytes[5m])` is bytes, `rate(x_total[5m])` a rate.
    static func guess(_ query: String) -> MetricUnit {
        func has(_ part: String) -> Bool { query.contains(part) }
        let isRate = has("rate(") || has("deriv(")
        if has("_ratio") || has("_utilization") { return .share }
        if has("histogram_quantile") || has("_sum") || !isRate {
            if has("_milliseconds") || has("_ms") { return .milliseconds }
            if has("_seconds"), !has("_seconds_count"), !has("_seconds_total") { return .seconds }
        }
        if has("_bytes") { return .bytes }
        return isRate ? .perSecond : .plain
    }
}
