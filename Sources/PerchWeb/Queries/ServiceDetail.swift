import PerchLogQL
package import PerchModel

/// One kind of call that a service answers or makes.
package struct Operation: Sendable, Hashable {
    package var name: String
    /// As span metrics write it: `SPAN_KIND_SERVER`.
    package var kind: String
    package var health: ServiceHealth
    /// Requests a step.
    package var requests: [Double] = []

    package var isEntry: Bool { kind == "SPAN_KIND_SERVER" || kind == "SPAN_KIND_CONSUMER" }
    package var isOutgoing: Bool { kind == "SPAN_KIND_CLIENT" || kind == "SPAN_KIND_PRODUCER" }
}

/// Calls from one service to another, or to a database or a place that sends nothing.
package struct ServiceCall: Sendable, Hashable {
    package var client: String
    package var server: String
    /// Empty for a call between two services; `database`, `messaging_system`, `virtual_node`.
    package var connection: String
    package var requests: Double
    package var failures: Double
    package var p95Nanos: Double?

    package var errorShare: Double { requests > 0 ? min(1, failures / requests) : 0 }

    /// What it is, in a word for its badge.
    var kind: String {
        connection == "virtual_node"
            ? (client == "user" ? "from outside" : "outside")
            : connection.split(separator: "_").joined(separator: " ")
    }
}

/// Failures of one type.
package struct ErrorType: Sendable, Hashable {
    package var name: String
    package var message: String
    package var count: Int
    package var newestNanos: Int64
    package var traceID: String?
}

/// A process that runs a service.
package struct ServiceInstance: Sendable, Hashable {
    package var name: String
    package var version: String
    package var host: String
    package var lastSeenNanos: Int64
}

/// What the page of a service shows.
package struct ServiceDetail: Sendable, Hashable {
    package var name: String
    package var summary: ServiceSummary?
    /// What rates are divided by.
    package var seconds: Double
    package var steps: Steps
    /// Requests a second by operation, the busiest first; then everything else.
    package var rates: [TimeChart.Line] = []
    /// Between 0 and 1.
    package var errorShares: [Double?] = []
    /// Milliseconds at 50, 95 and 99 of 100 requests.
    package var durations: [TimeChart.Line] = []
    package var operations: [Operation] = []
    package var calls: [ServiceCall] = []
    package var errors: [ErrorType] = []
    package var messages: [ErrorGroup] = []
    package var instances: [ServiceInstance] = []
    package var deploys: [Deploy] = []

    package var isEmpty: Bool {
        operations.isEmpty && calls.isEmpty && instances.isEmpty && summary == nil
    }
}

extension PageQueries {
    private static let detailSteps = 120

    /// All of one service.
    package func service(
        _ name: String, _ range: TimeRange, overview: ServiceOverview
    ) async throws(StoreFailure) -> ServiceDetail {
        let end = range.nanos.upperBound
        var detail = ServiceDetail(
            name: name, seconds: overview.seconds, steps: range.steps(Self.detailSteps))
        detail.summary = overview.services.first { $0.name == name }
        detail.messages = overview.errors.filter { $0.service == name }
        detail.deploys = await deploys(range.nanos, service: name)
        detail.operations = try await operations(name, end, Int64(range.seconds), detail.steps)
        try await addCharts(&detail, range)
        detail.calls = try await calls(end, Int64(range.seconds)).filter {
            $0.client == name || $0.server == name
        }
        detail.errors = try await errorTypes(name, range)
        detail.instances = try await instances(name, range)
        return detail
    }

    // MARK: Operations

    private func operations(
        _ name: String, _ end: Int64, _ seconds: Int64, _ steps: Steps
    ) async throws(StoreFailure) -> [Operation] {
        let service = "service_name=\(MetricAnswers.quoted(name))"
        let window = "[\(max(1, seconds))s] anchored"
        struct Key: Hashable {
            var name: String
            var kind: String
        }
        func key(_ labels: Labels) -> Key {
            Key(name: labels["span_name"] ?? "", kind: labels["span_kind"] ?? "")
        }
        var found: [Key: Operation] = [:]
        let counts = try await answers.values(
            "sum by (span_name, span_kind, status_code) "
                + "(increase(traces_span_metrics_calls_total{\(service)}\(window)))", at: end)
        for value in counts where value.value > 0 {
            let key = key(value.labels)
            var operation =
                found[key]
                ?? Operation(name: key.name, kind: key.kind, health: ServiceHealth(source: .spans))
            operation.health.requests += value.value
            if value.labels["status_code"] == "STATUS_CODE_ERROR" {
                operation.health.failures += value.value
            }
            found[key] = operation
        }
        let buckets = try await answers.values(
            "sum by (span_name, span_kind, le) (increase("
                + "traces_span_metrics_duration_milliseconds_bucket{\(service)}\(window)))",
            at: end)
        for value in buckets {
            let bound = value.labels["le"].flatMap(Double.init).map { $0 * 1e6 }
            found[key(value.labels)]?.health.buckets.add(bound, value.value)
        }
        let step = "[\(max(1, steps.size / 1_000_000_000))s] anchored"
        let lines = try await answers.lines(
            "sum by (span_name, span_kind) "
                + "(increase(traces_span_metrics_calls_total{\(service)}\(step)))", steps)
        for line in lines { found[key(line.labels)]?.requests = line.values.map { $0 ?? 0 } }
        return found.values.sorted {
            ($1.health.requests, $0.name, $0.kind) < ($0.health.requests, $1.name, $1.kind)
        }
    }

    /// The charts of a service that sends spans are made of them, else of its HTTP metrics.
    private func addCharts(
        _ detail: inout ServiceDetail, _ range: TimeRange
    ) async throws(StoreFailure) {
        let seconds = Double(detail.steps.size) / 1e9
        let entries = detail.operations.filter(\.isEntry)
        for (index, operation) in entries.prefix(7).enumerated() {
            var line = TimeChart.Line(
                name: operation.name, values: operation.requests.map { $0 / seconds },
                colour: String(index))
            line.stack = "requests"
            line.fill = 0.35
            detail.rates.append(line)
        }
        if entries.count > 7 {
            let rest = entries.dropFirst(7)
            let sums = (0..<detail.steps.count).map { step in
                rest.reduce(0) {
                    $0 + (step < $1.requests.count ? $1.requests[step] : 0)
                } / seconds
            }
            var line = TimeChart.Line(name: "\(rest.count) others", values: sums, colour: "7")
            line.stack = "requests"
            line.fill = 0.35
            detail.rates.append(line)
        }
        let (calls, failures, buckets) = chartQueries(detail, hasSpans: !entries.isEmpty)
        let all = try await answers.lines(calls, detail.steps)
        let bad = try await answers.lines(failures, detail.steps)
        if entries.isEmpty, let line = all.first {
            detail.rates = [
                TimeChart.Line(
                    name: "requests", values: line.values.map { $0.map { $0 / seconds } },
                    colour: "0")
            ]
        }
        detail.errorShares = (0..<detail.steps.count).map { step in
            guard let total = all.first?.values[step], total > 0 else { return nil }
            return min(1, (bad.first?.values[step] ?? 0) / total)
        }
        for (share, words, colour) in [
            (0.5, "p50", "0"), (0.95, "p95", "2"), (0.99, "p99", "4"),
        ] {
            let lines = try await answers.lines(
                "histogram_quantile(\(share), \(buckets))", detail.steps)
            guard let line = lines.first else { continue }
            detail.durations.append(
                TimeChart.Line(name: words, values: line.values, colour: colour))
        }
    }

    private func chartQueries(
        _ detail: ServiceDetail, hasSpans: Bool
    ) -> (calls: String, failures: String, buckets: String) {
        let step = "[\(max(1, detail.steps.size / 1_000_000_000))s] anchored"
        let name = MetricAnswers.quoted(detail.name)
        if hasSpans {
            let entry = "service_name=\(name),\(Self.entryKinds)"
            let calls = "traces_span_metrics_calls_total"
            return (
                "sum(increase(\(calls){\(entry)}\(step)))",
                "sum(increase(\(calls){\(entry),status_code=\"STATUS_CODE_ERROR\"}\(step)))",
                "sum by (le) (increase(traces_span_metrics_duration_milliseconds_bucket"
                    + "{\(entry)}\(step)))"
            )
        }
        let family = #"__name__=~"http_(server_)?request_duration_seconds_"#
        let owner = "service_name=\(name)"
        return (
            "sum(increase({\(family)count\",\(owner)}\(step)))",
            "sum(increase({\(family)count\",\(owner),status=~\"5..\"}\(step)))",
            "1000 * sum by (le) (increase({\(family)bucket\",\(owner)}\(step)))"
        )
    }

    // MARK: Calls

    /// All edges of the service graph in the `seconds` before `end`.
    package func calls(_ end: Int64, _ seconds: Int64) async throws(StoreFailure) -> [ServiceCall] {
        let window = "[\(max(1, seconds))s] anchored"
        let by = "client, server, connection_type"
        struct Key: Hashable {
            var client: String
            var server: String
            var connection: String

            init(_ labels: Labels) {
                client = labels["client"] ?? ""
                server = labels["server"] ?? ""
                connection = labels["connection_type"] ?? ""
            }
        }
        var found: [Key: ServiceCall] = [:]
        let requests = try await answers.values(
            "sum by (\(by)) (increase(traces_service_graph_request_total\(window)))", at: end)
        for value in requests where value.value > 0 {
            let key = Key(value.labels)
            found[key] = ServiceCall(
                client: key.client, server: key.server, connection: key.connection,
                requests: value.value, failures: 0)
        }
        let failures = try await answers.values(
            "sum by (\(by)) (increase(traces_service_graph_request_failed_total\(window)))",
            at: end)
        for value in failures { found[Key(value.labels)]?.failures += value.value }
        // As the caller sees it: the other end may be one that sends nothing.
        let buckets = try await answers.values(
            "sum by (\(by), le) (increase("
                + "traces_service_graph_request_client_seconds_bucket\(window)))", at: end)
        var durations: [Key: BucketCounts] = [:]
        for value in buckets {
            let bound = value.labels["le"].flatMap(Double.init).map { $0 * 1e9 }
            durations[Key(value.labels), default: BucketCounts()].add(bound, value.value)
        }
        for (key, counts) in durations { found[key]?.p95Nanos = counts.quantile(0.95) }
        return found.values.sorted {
            ($1.requests, $0.client, $0.server) < ($0.requests, $1.client, $1.server)
        }
    }

    // MARK: Errors and instances

    /// Exceptions of the newest failed spans, by type.
    private func errorTypes(
        _ name: String, _ range: TimeRange
    ) async throws(StoreFailure) -> [ErrorType] {
        var query = EventQuery(dataset: .spans, times: range.nanos)
        query.predicate = both([
            ofService(name), .equals(FieldReference(RecordField.statusCode, space: .record), "2"),
        ])
        query.limit = Limits.errorSpansMax
        query.projection = .fields([
            FieldReference(RecordField.events, space: .record),
            FieldReference(RecordField.statusMessage, space: .record),
            FieldReference(RecordField.name, space: .record),
            FieldReference(RecordField.traceID, space: .record),
        ])
        var found: [String: ErrorType] = [:]
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            for row in 0..<batch.rowCount {
                var fields: [String: String] = [:]
                for column in batch.columns where column.space == .record {
                    if let place = column.index(ofRow: row) {
                        fields[column.name] = column.value(at: place).text
                    }
                }
                let told = Self.exception(fields[RecordField.events] ?? "")
                let type = told?.type ?? "failed: " + (fields[RecordField.name] ?? "")
                let message = told?.message ?? fields[RecordField.statusMessage] ?? ""
                var error =
                    found[type]
                    ?? ErrorType(
                        name: type, message: message, count: 0, newestNanos: batch.times[row],
                        traceID: fields[RecordField.traceID])
                error.count += Int(clamping: batch.weights?[row] ?? 1)
                found[type] = error
            }
        }
        return found.values.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// The first exception among a span's events, which are JSON.
    static func exception(_ events: String) -> (type: String, message: String)? {
        guard case .array(let items) = JSONValue(events) else { return nil }
        for item in items {
            guard let attributes = item["attributes"],
                let type = attributes["exception.type"]?.text
            else { continue }
            return (type, attributes["exception.message"]?.text ?? "")
        }
        return nil
    }

    /// The processes that sent spans or logs in the range, those seen last first.
    private func instances(
        _ name: String, _ range: TimeRange
    ) async throws(StoreFailure) -> [ServiceInstance] {
        var found: [String: ServiceInstance] = [:]
        for dataset in Dataset.allCases {
            for slice in range.slices(Limits.serviceSlices) {
                var query = EventQuery(dataset: dataset, times: slice)
                query.predicate = ofService(name)
                query.projection = .fields([])
                query.limit = Limits.instanceRowsPerSlice
                var cursor = events.read(query)
                while let batch = try await cursor.next() {
                    let named = batch.resources.map(Self.instance)
                    for row in 0..<batch.rowCount {
                        var instance = named[Int(batch.resourceIndexes[row])]
                        instance.lastSeenNanos = max(
                            batch.times[row], found[instance.name]?.lastSeenNanos ?? .min)
                        found[instance.name] = instance
                    }
                }
            }
        }
        return found.values.sorted { ($1.lastSeenNanos, $0.name) < ($0.lastSeenNanos, $1.name) }
    }

    private static func instance(_ resource: Resource) -> ServiceInstance {
        func text(_ names: [String]) -> String {
            for name in names {
                if let value = resource.attributes.first(where: { $0.key == name }) {
                    return value.value.text
                }
            }
            return ""
        }
        let host = text(["host.name", "k8s.node.name"])
        let id = text(["service.instance.id", "k8s.pod.name", "container.id", "host.name"])
        return ServiceInstance(
            name: id.isEmpty ? "unnamed" : id, version: text(["service.version"]), host: host,
            lastSeenNanos: .min)
    }
}
