import PerchModel

/// The samples of one metric: one set of labels within a family.
struct OpenMetricsMetric {
    /// The labels that tell it from others of its family.
    let key: String
    private let type: MetricType
    private let family: String
    private var time: Double?
    private var sampleCount = 0
    private var bounds: [Double] = []
    private var bucketValue = 0.0
    private var count: Double?
    private var sum: Double?
    private var suffixes: Set<String> = []

    init(key: String, type: MetricType, family: String) {
        self.key = key
        self.type = type
        self.family = family
    }

    static func key(
        _ sample: OpenMetricsLine.Sample, _ type: MetricType, _ family: String
    ) -> String {
        let left: String? =
            switch type {
            case .histogram, .gaugeHistogram: "le"
            case .summary: "quantile"
            case .stateSet: family
            default: nil
            }
        return sample.labels.filter { $0.name != left }
            .sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    }

    mutating func add(_ sample: OpenMetricsLine.Sample, _ suffix: String) -> String? {
        defer { sampleCount += 1 }
        if let problem = times(sample, suffix) { return problem }
        if let exemplar = sample.exemplar {
            let isAllowed =
                (type == .counter && suffix == "_total")
                || ((type == .histogram || type == .gaugeHistogram) && suffix == "_bucket")
            guard isAllowed else { return "an exemplar where none may be" }
            let characters = exemplar.labels.reduce(0) {
                $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
            }
            guard characters <= PrometheusLimits.maxExemplarCharacters else {
                return "an exemplar with long labels"
            }
        }
        let value = sample.value
        switch (type, suffix) {
        case (.counter, "_total"), (.histogram, "_sum"), (.histogram, "_count"),
            (.gaugeHistogram, "_gcount"), (.summary, "_count"), (.summary, "_sum"):
            guard value >= 0 else { return "a value that must not be negative or NaN" }
        case (.gaugeHistogram, "_gsum"):
            guard !value.isNaN else { return "a sum that is NaN" }
        case (.info, _): guard value == 1 else { return "an info that is not 1" }
        case (.stateSet, _):
            guard value == 0 || value == 1 else { return "a state that is not 0 or 1" }
            guard Self.value(of: family, in: sample) != nil else {
                return "a state without its label"
            }
        case (.summary, ""):
            guard let quantile = Self.value(of: "quantile", in: sample).flatMap(Self.number),
                quantile >= 0, quantile <= 1
            else { return "a quantile that is none" }
        case (.histogram, "_bucket"), (.gaugeHistogram, "_bucket"):
            return bucket(sample)
        default: break
        }
        if suffix == "_count" || suffix == "_gcount" { count = value }
        if suffix == "_sum" || suffix == "_gsum" { sum = value }
        suffixes.insert(suffix)
        return nil
    }

    /// All samples of a metric have a time or none has, and times do not go back.
    private mutating func times(_ sample: OpenMetricsLine.Sample, _ suffix: String) -> String? {
        defer { time = sample.time }
        guard sampleCount > 0 else { return nil }
        guard (time == nil) == (sample.time == nil) else { return "times for some samples only" }
        if let time, let next = sample.time, next < time { return "times that go back" }
        return nil
    }

    private mutating func bucket(_ sample: OpenMetricsLine.Sample) -> String? {
        guard let text = Self.value(of: "le", in: sample), let bound = Self.number(text),
            !bound.isNaN, bound != .infinity || text == "+Inf"
        else { return "a bucket without a bound" }
        // A bucket that starts over belongs to another time.
        if bounds.last == .infinity {
            bounds = []
            bucketValue = 0
        }
        if let last = bounds.last, bound <= last { return "buckets out of order" }
        guard sample.value >= bucketValue else { return "buckets that do not add up" }
        bounds.append(bound)
        bucketValue = sample.value
        suffixes.insert("_bucket")
        return nil
    }

    /// What must hold when no more samples come.
    func finish() -> String? {
        guard type == .histogram || type == .gaugeHistogram else { return nil }
        guard bounds.last == .infinity else { return "a histogram without its +Inf bucket" }
        if let count, count != bucketValue { return "a count that is not the +Inf bucket's" }
        let isNegative = (bounds.first ?? 0) < 0
        if type == .histogram, isNegative, sum != nil {
            return "a sum beside buckets below zero"
        }
        if type == .gaugeHistogram {
            guard (count == nil) == (sum == nil) else { return "gcount and gsum go together" }
            if let sum, sum < 0, !isNegative { return "a sum below zero without such buckets" }
        }
        return nil
    }

    private static func value(of name: String, in sample: OpenMetricsLine.Sample) -> String? {
        sample.labels.first { $0.name == name }?.value
    }

    private static func number(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        return ExpositionNumber.value(bytes.span, 0..<bytes.count)
    }
}
