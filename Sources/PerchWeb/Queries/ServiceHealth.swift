import PerchModel

/// What a service did in a stretch of time: requests, failures, durations.
package struct ServiceHealth: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case spans
        case metrics
    }

    package var source: Source
    /// Requests in the stretch.
    package var requests = 0.0
    package var failures = 0.0
    var buckets = BucketCounts()

    init(source: Source) { self.source = source }

    /// Between 0 and 1; nil without requests.
    package var errorShare: Double? {
        requests > 0 ? min(1, failures / requests) : nil
    }

    /// A quantile of durations in nanoseconds.
    func durationNanos(_ share: Double) -> Double? { buckets.quantile(share) }
}

/// A histogram with which HTTP servers count their requests.
struct RequestFamily: Sendable {
    var name: String
    /// Of the histogram's unit.
    var nanos: Double

    func countsQuestion(_ window: String) -> String {
        "sum by (service_name, job, http_response_status_code, http_status_code, status) "
            + "(increase(\(name)_count\(window)))"
    }

    func bucketsQuestion(_ window: String) -> String {
        "sum by (service_name, job, le) (increase(\(name)_bucket\(window)))"
    }

    static func isFailure(_ labels: Labels) -> Bool {
        let status =
            labels["http_response_status_code"] ?? labels["http_status_code"] ?? labels["status"]
        return status?.hasPrefix("5") == true
    }
}

extension PageQueries {
    /// Spans in which a service answers someone: those are its requests.
    static let entryKinds = #"span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER""#

    /// Families of HTTP servers, current and old names.
    static let requestFamilies = [
        RequestFamily(name: "http_server_request_duration_seconds", nanos: 1e9),
        RequestFamily(name: "http_server_duration_milliseconds", nanos: 1e6),
        RequestFamily(name: "http_request_duration_seconds", nanos: 1e9),
    ]

    /// `only` is a matcher with a comma behind it, or empty.
    static func callsQuestion(_ only: String, _ window: String) -> String {
        "sum by (service_name, status_code) "
            + "(increase(traces_span_metrics_calls_total{\(only)\(entryKinds)}\(window)))"
    }

    static func bucketsQuestion(_ only: String, _ window: String) -> String {
        "sum by (service_name, le) (increase("
            + "traces_span_metrics_duration_milliseconds_bucket{\(only)\(entryKinds)}"
            + "\(window)))"
    }

    /// By service, in the `seconds` before `end`: from what spans counted, or from HTTP metrics of a
    /// service that sends no spans.
    ///
    /// Counts are exact: `anchored` takes the sample before the stretch into account, and the
    /// counters of spans begin with a zero.
    func health(
        end: Int64, seconds: Int64, service: String? = nil, withDurations: Bool = true
    ) async throws(StoreFailure) -> [String: ServiceHealth] {
        let window = "[\(max(1, seconds))s] anchored"
        let only = service.map { "service_name=\(MetricAnswers.quoted($0))," } ?? ""
        var result: [String: ServiceHealth] = [:]
        let calls = try await answers.values(Self.callsQuestion(only, window), at: end)
        for value in calls {
            let name = value.labels["service_name"] ?? ""
            var health = result[name] ?? ServiceHealth(source: .spans)
            health.requests += value.value
            if value.labels["status_code"] == "STATUS_CODE_ERROR" { health.failures += value.value }
            result[name] = health
        }
        let buckets =
            withDurations
            ? try await answers.values(Self.bucketsQuestion(only, window), at: end) : []
        for value in buckets {
            let bound = value.labels["le"].flatMap(Double.init).map { $0 * 1e6 }
            result[value.labels["service_name"] ?? ""]?.buckets.add(bound, value.value)
        }
        for family in Self.requestFamilies {
            try await addHealth(family, end, window, withDurations, &result)
        }
        if let service { result = result.filter { $0.key == service } }
        return result
    }

    private func addHealth(
        _ family: RequestFamily, _ end: Int64, _ window: String, _ withDurations: Bool,
        _ result: inout [String: ServiceHealth]
    ) async throws(StoreFailure) {
        let counts = try await answers.values(family.countsQuestion(window), at: end)
        var found: [String: ServiceHealth] = [:]
        for value in counts {
            guard let name = Self.service(of: value.labels), result[name] == nil else { continue }
            var health = found[name] ?? ServiceHealth(source: .metrics)
            health.requests += value.value
            if RequestFamily.isFailure(value.labels) { health.failures += value.value }
            found[name] = health
        }
        guard !found.isEmpty else { return }
        let buckets =
            withDurations ? try await answers.values(family.bucketsQuestion(window), at: end) : []
        for value in buckets {
            guard let name = Self.service(of: value.labels) else { continue }
            let bound = value.labels["le"].flatMap(Double.init).map { $0 * family.nanos }
            found[name]?.buckets.add(bound, value.value)
        }
        result.merge(found) { first, _ in first }
    }

    /// Requests of each step, by service.
    func requestLines(
        _ steps: Steps
    ) async throws(StoreFailure) -> [String: [Double?]] {
        let window = "[\(max(1, steps.size / 1_000_000_000))s] anchored"
        var result: [String: [Double?]] = [:]
        let spans = try await answers.lines(
            "sum by (service_name) "
                + "(increase(traces_span_metrics_calls_total{\(Self.entryKinds)}\(window)))", steps)
        for line in spans { result[line.labels["service_name"] ?? ""] = line.values }
        for family in Self.requestFamilies {
            let lines = try await answers.lines(
                "sum by (service_name, job) (increase(\(family.name)_count\(window)))", steps)
            for line in lines {
                guard let name = Self.service(of: line.labels), result[name] == nil else {
                    continue
                }
                result[name] = line.values
            }
        }
        return result
    }

    /// The service of a series: the resource's name as OTLP metrics carry it, or Prometheus' job.
    static func service(of labels: Labels) -> String? {
        if let name = labels["service_name"] ?? labels["service.name"] { return name }
        // OTLP's translation makes `job` of namespace and name.
        return labels["job"].map { String($0.split(separator: "/").last ?? "") }
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
}

/// How full something is that a service needs: its database pool, its disk.
package struct Saturation: Sendable, Hashable {
    /// Between 0 and 1.
    package var share: Double
    package var words: String
    /// Which tells it, in PromQL.
    package var question: String

    package init(share: Double, words: String, question: String = "") {
        self.share = share
        self.words = words
        self.question = question
    }

    /// What tells how full something is, in PromQL; each gives a share by service.
    static let questions: [(words: String, query: String)] = [
        ("database pool", "max by (service_name, job) (db_pool_utilization_ratio)"),
        (
            "database connections",
            "max by (service_name, job) (db_client_connection_count{state=\"used\"} "
                + "/ on (service_name, job, pool_name) group_left db_client_connection_max)"
        ),
        ("processor", "max by (service_name, job) (process_cpu_utilization)"),
        (
            "open files",
            "max by (service_name, job) (process_open_fds / process_max_fds)"
        ),
        (
            "memory of the container",
            "max by (service_name, job) (container_memory_working_set_bytes "
                + "/ (container_spec_memory_limit_bytes > 0))"
        ),
        (
            "memory",
            "max by (service_name, job) "
                + "(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"
        ),
        (
            "disk",
            "max by (service_name, job) (1 - node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs\"} "
                + "/ (node_filesystem_size_bytes{fstype!~\"tmpfs|ramfs\"} > 0))"
        ),
    ]
}

extension PageQueries {
    /// What is fullest of each service just before `end`.
    func saturation(end: Int64) async throws(StoreFailure) -> [String: Saturation] {
        var result: [String: Saturation] = [:]
        for question in Saturation.questions {
            for value in try await answers.values(question.query, at: end) {
                guard let name = Self.service(of: value.labels), value.value.isFinite,
                    value.value >= 0,
                    value.value > (result[name]?.share ?? -1)
                else { continue }
                result[name] = Saturation(
                    share: value.value, words: question.words, question: question.query)
            }
        }
        return result
    }
}

extension TimeRange {
    /// The range as sample stores take it, inclusive at both ends.
    var millis: ClosedRange<Int64> {
        let low = nanos.lowerBound / 1_000_000
        return low...max(low, (nanos.upperBound - 1) / 1_000_000)
    }
}
