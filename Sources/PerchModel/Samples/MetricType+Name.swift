extension MetricType {
    /// The word for it in OpenMetrics and in Prometheus' HTTP API.
    package var name: String {
        switch self {
        case .unknown: "unknown"
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .summary: "summary"
        case .gaugeHistogram: "gaugehistogram"
        case .info: "info"
        case .stateSet: "stateset"
        }
    }

    /// The type with a name; `untyped`, as the older text format has it, is unknown.
    package init?(name: String) {
        if name == "untyped" {
            self = .unknown
            return
        }
        guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }
}
