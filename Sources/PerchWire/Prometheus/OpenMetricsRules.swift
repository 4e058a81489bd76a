import PerchModel

/// The rules of OpenMetrics that go over what a reader needs: order, grouping, and what values,
/// labels and exemplars a type allows.
///
/// Source: OpenMetrics 1.0. For checks of what a target answers; scraping is as lenient as
/// Prometheus is.
struct OpenMetricsRules {
    /// A family whose lines are being read.
    private struct Family {
        var name = ""
        var type: MetricType?
        var described: Set<String> = []
        var hasSamples = false
        /// Metrics whose samples have ended, by their labels.
        var closed: Set<String> = []
        var metric: OpenMetricsMetric?
    }

    private var family = Family()
    private var seen: Set<String> = []

    static func check(_ bytes: [UInt8]) throws(WireFailure) {
        var rules = OpenMetricsRules()
        let text = String(decoding: bytes, as: UTF8.self)
        var place = 0
        var hasEnded = false
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            guard !hasEnded, let parsed = OpenMetricsLine(line) else {
                throw .malformed("not a line of OpenMetrics", atByte: place)
            }
            let problem: String?
            switch parsed {
            case .end:
                problem = rules.finishFamily()
                hasEnded = true
            case .description(let kind, let name, let text):
                problem = rules.describe(String(kind), String(name), String(text))
            case .sample(let sample): problem = rules.add(sample)
            }
            if let problem { throw .malformed(problem, atByte: place) }
            place += line.utf8.count + 1
        }
        guard hasEnded else { throw .malformed("data does not end with # EOF", atByte: place) }
    }

    private mutating func describe(_ kind: String, _ name: String, _ text: String) -> String? {
        if name != family.name, let problem = begin(name) { return problem }
        guard !family.hasSamples else { return "a description after the samples of its family" }
        guard family.described.insert(kind).inserted else { return "\(kind) twice" }
        switch kind {
        case "TYPE":
            guard let type = MetricType(name: text), text != "untyped" else {
                return "an unknown type"
            }
            family.type = type
        case "UNIT": guard name.hasSuffix("_" + text) else { return "a unit that is no suffix" }
        default: break
        }
        let hasUnit = family.described.contains("UNIT")
        return hasUnit && (family.type == .info || family.type == .stateSet)
            ? "a unit of a type that has none" : nil
    }

    /// Ends a family and begins the next.
    private mutating func begin(_ name: String) -> String? {
        if let problem = finishFamily() { return problem }
        guard seen.insert(name).inserted else { return "the family \(name) twice" }
        family = Family(name: name)
        return nil
    }

    private mutating func finishFamily() -> String? {
        defer { family.metric = nil }
        return family.metric?.finish()
    }

    private mutating func add(_ sample: OpenMetricsLine.Sample) -> String? {
        let name = String(sample.name)
        var suffix = family.type.flatMap { Self.suffix(name, family.name, $0) }
        if suffix == nil || family.name.isEmpty {
            if family.type == nil, name == family.name {
                suffix = ""
            } else {
                if let problem = begin(name) { return problem }
                suffix = ""
            }
        }
        family.hasSamples = true
        let type = family.type ?? .unknown
        let key = OpenMetricsMetric.key(sample, type, family.name)
        if family.metric?.key != key {
            if let problem = finishFamily() { return problem }
            guard family.closed.insert(key).inserted else { return "a metric that comes back" }
            family.metric = OpenMetricsMetric(key: key, type: type, family: family.name)
        }
        return family.metric?.add(sample, suffix ?? "")
    }

    /// What a sample's name has after the family's, when its type allows that.
    private static func suffix(_ name: String, _ family: String, _ type: MetricType) -> String? {
        let suffixes: [String] =
            switch type {
            case .counter: ["_total", "_created"]
            case .histogram: ["_bucket", "_count", "_sum", "_created"]
            case .gaugeHistogram: ["_bucket", "_gcount", "_gsum"]
            case .summary: ["", "_count", "_sum", "_created"]
            case .info: ["_info"]
            case .gauge, .unknown, .stateSet: [""]
            }
        return suffixes.first { name == family + $0 }
    }
}
