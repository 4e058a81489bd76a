/// What an application chooses about its metrics.
public struct MetricOptions: Sendable {
    /// Upper bounds of buckets for durations, in seconds, when nothing else is said (CM-1).
    public static let durationBuckets: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// The bounds of millisecond histograms (MET-4).
    public static let millisecondBuckets: [Double] = [50, 100, 250, 500, 1000, 2000]

    /// The unit of timers whose name does not end in one.
    public var durationUnit = DurationUnit.seconds
    /// Upper bounds of buckets by the metric's name, as it is exposed, in its own unit.
    public var buckets: [String: [Double]] = [
        "http_request_duration_seconds": [0.1, 0.5, 1, 2, 5, 10],
        "job_duration_seconds": [60, 120, 300, 600, 900],
        "pipeline_step_duration_seconds": [5, 15, 30, 60, 120, 300],
    ]
    /// Bounds for recorders that are no durations.
    public var valueBuckets: [Double] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000]
    /// What a metric is about, by its name, for `# HELP`.
    public var help: [String: String] = [:]
    /// Series of one metric; what comes above is counted in one overflow series (CAR-1).
    public var seriesPerMetricMax = 1000
    /// Labels whose values may look like ids, because their number is bounded.
    public var labelsWithIDs: Set<String> = []

    /// Makes the defaults.
    public init() {}

    func bounds(of name: String) -> [Double] {
        if let own = buckets[name] { return own.filter(\.isFinite).sorted() }
        switch DurationUnit(suffixOf: name) {
        case .seconds: return Self.durationBuckets
        case .milliseconds: return Self.millisecondBuckets
        case nil: return valueBuckets
        }
    }
}
