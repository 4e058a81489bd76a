import PerchModel

/// Rate, errors and latency of one service out of the usual HTTP server metrics.
struct RequestMetrics: Sendable {
    var name: String
    /// Requests in the range.
    var requests = 0.0
    var errors = 0.0
    /// Requests at most so long, by upper bound in nanoseconds.
    var buckets: [Double: Double] = [:]
    var firstNanos = Int64.max
    var lastNanos = Int64.min

    func fill(_ service: inout ServiceSummary) {
        // Two samples make an increase; the time between the first and the last is what it took.
        let seconds = (Double(lastNanos) - Double(firstNanos)) / 1e9
        guard requests > 0, seconds > 0 else { return }
        service.source = .metrics
        service.requestRate = requests / seconds
        service.errorShare = errors / requests
        service.p95Nanos = p95
    }

    /// The 95th percentile, linear within its bucket; the highest finite bound when it lies above.
    var p95: Double? {
        let sorted = buckets.sorted { $0.key < $1.key }
        guard let total = sorted.last?.value, total > 0 else { return nil }
        let rank = total * 0.95
        var below = (bound: 0.0, count: 0.0)
        for (bound, count) in sorted {
            if count >= rank {
                guard bound.isFinite else { return below.bound > 0 ? below.bound : nil }
                guard count > below.count else { return bound }
                let share = (rank - below.count) / (count - below.count)
                return below.bound + (bound - below.bound) * share
            }
            below = (bound, count)
        }
        return nil
    }
}

extension PageQueries {
    /// The service of a series: the resource's name as OTLP metrics carry it, or Prometheus' job.
    static func service(of labels: Labels) -> String? {
        if let name = labels["service_name"] ?? labels["service.name"] { return name }
        // OTLP's translation makes `job` of namespace and name.
        return labels["job"].map { String($0.split(separator: "/").last ?? "") }
    }

    /// The services of all series with samples in the range.
    func servicesOfMetrics(_ range: TimeRange) async throws(StoreFailure) -> Set<String> {
        var query = SampleQuery(matchers: [], times: range.millis)
        query.labelsOnly = true
        query.seriesLimit = Limits.labelSeriesMax
        var names: Set<String> = []
        var cursor = samples.read(query)
        while let chunk = try await cursor.next() {
            if let name = Self.service(of: chunk.labels), !name.isEmpty { names.insert(name) }
        }
        return names
    }

    /// When a service sent the newest sample of some of its series; nil when none is found.
    func lastSample(of service: String, _ range: TimeRange) async throws(StoreFailure) -> Int64? {
        for label in ["service_name", "service.name", "job"] {
            var query = SampleQuery(
                matchers: [LabelMatcher(label, .equal, service)], times: range.millis)
            query.seriesLimit = 10
            var last: Int64?
            var cursor = samples.read(query)
            while let chunk = try await cursor.next() {
                if let time = chunk.times.last { last = max(last ?? .min, time) }
            }
            if let last { return last &* 1_000_000 }
        }
        return nil
    }

    /// By service; HTTP semantic conventions, current and old names.
    func requestMetrics(_ range: TimeRange) async throws(StoreFailure) -> [RequestMetrics] {
        let families: [(name: String, nanos: Double)] = [
            ("http_server_request_duration_seconds", 1e9),
            ("http_server_duration_milliseconds", 1e6), ("http_request_duration_seconds", 1e9),
        ]
        var found: [String: RequestMetrics] = [:]
        for family in families {
            try await addCounts(family.name, range, &found)
            try await addBuckets(family.name, family.nanos, range, &found)
        }
        return found.values.sorted { $0.name < $1.name }
    }

    private func addCounts(
        _ family: String, _ range: TimeRange, _ found: inout [String: RequestMetrics]
    ) async throws(StoreFailure) {
        var cursor = samples.read(query(family + "_count", range))
        while let chunk = try await cursor.next() {
            guard let name = Self.service(of: chunk.labels), let first = chunk.times.first,
                let last = chunk.times.last
            else { continue }
            var metrics = found[name] ?? RequestMetrics(name: name)
            let increase = Counter.increase(chunk.values)
            metrics.requests += increase
            let status =
                chunk.labels["http_response_status_code"] ?? chunk.labels["http_status_code"]
                ?? chunk.labels["status"]
            if status?.hasPrefix("5") == true { metrics.errors += increase }
            metrics.firstNanos = min(metrics.firstNanos, first &* 1_000_000)
            metrics.lastNanos = max(metrics.lastNanos, last &* 1_000_000)
            found[name] = metrics
        }
    }

    private func addBuckets(
        _ family: String, _ nanos: Double, _ range: TimeRange,
        _ found: inout [String: RequestMetrics]
    ) async throws(StoreFailure) {
        var cursor = samples.read(query(family + "_bucket", range))
        while let chunk = try await cursor.next() {
            guard let name = Self.service(of: chunk.labels),
                let bound = chunk.labels["le"].flatMap(Double.init), !bound.isNaN
            else { continue }
            found[name]?.buckets[bound * nanos, default: 0] += Counter.increase(chunk.values)
        }
    }

    private func query(_ metric: String, _ range: TimeRange) -> SampleQuery {
        var query = SampleQuery(
            matchers: [LabelMatcher("__name__", .equal, metric)], times: range.millis)
        query.seriesLimit = Limits.chartSeriesMax
        return query
    }
}

/// Arithmetic of counters, which only grow, and begin again at zero when their process does.
enum Counter {
    /// How much a counter grew; a fall is a reset, after which it counts from zero.
    static func increase(_ values: some Sequence<Double>) -> Double {
        var sum = 0.0
        var last: Double?
        for value in values where !value.isNaN {
            if let last { sum += value >= last ? value - last : value }
            last = value
        }
        return sum
    }
}

extension TimeRange {
    /// The range as sample stores take it, inclusive at both ends.
    var millis: ClosedRange<Int64> {
        let low = nanos.lowerBound / 1_000_000
        return low...max(low, (nanos.upperBound - 1) / 1_000_000)
    }
}
