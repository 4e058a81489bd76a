package import PerchModel

/// One service of the start page.
package struct ServiceSummary: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case spans
        case metrics
    }

    package var name: String
    /// Requests a second; nil when neither spans nor metrics tell.
    package var requestRate: Double?
    /// Between 0 and 1.
    package var errorShare: Double?
    package var p95Nanos: Double?
    package var source: Source?
    /// Requests a step, for the small chart.
    package var requests: [Double] = []
    package var levels = LevelCounts()
    package var lastSeenNanos: Int64?

    package init(name: String) {
        self.name = name
    }
}

/// What the start page shows.
package struct ServiceOverview: Sendable, Hashable {
    package var services: [ServiceSummary] = []
    /// What rates are divided by: the part of the range that has data, at least a minute.
    package var seconds: Double = 60
    package var notices: [String] = []

    package init() {}
}

extension PageQueries {
    /// Every service that sent something in the range, by name.
    package func overview(_ range: TimeRange) async throws(StoreFailure) -> ServiceOverview {
        var tally = OverviewTally(range)
        try await tallyEntrySpans(range, &tally)
        try await tallyLogs(range, &tally)
        tally.see(try await servicesSeen(range))
        var overview = tally.overview()
        let metrics = try await requestMetrics(range)
        for metric in metrics {
            if let index = overview.services.firstIndex(where: { $0.name == metric.name }) {
                let seen = max(overview.services[index].lastSeenNanos ?? .min, metric.lastNanos)
                overview.services[index].lastSeenNanos = seen
                guard overview.services[index].source == nil else { continue }
                metric.fill(&overview.services[index])
            } else {
                var service = ServiceSummary(name: metric.name)
                service.lastSeenNanos = metric.lastNanos
                metric.fill(&service)
                overview.services.append(service)
            }
        }
        try await addServicesOfMetrics(range, &overview)
        overview.services.sort { $0.name < $1.name }
        return overview
    }

    /// Services that sent nothing but metrics, and none of HTTP requests.
    private func addServicesOfMetrics(
        _ range: TimeRange, _ overview: inout ServiceOverview
    ) async throws(StoreFailure) {
        let known = Set(overview.services.map(\.name))
        let names = try await servicesOfMetrics(range).subtracting(known).sorted()
        for (index, name) in names.enumerated() {
            var service = ServiceSummary(name: name)
            if index < Limits.metricServicesMax {
                service.lastSeenNanos = try await lastSample(of: name, range)
            }
            overview.services.append(service)
        }
    }

    /// Spans in which a service answers someone: those are its requests.
    private func tallyEntrySpans(
        _ range: TimeRange, _ tally: inout OverviewTally
    ) async throws(StoreFailure) {
        let kind = FieldReference(RecordField.kind, space: .record)
        var query = EventQuery(dataset: .spans, times: range.nanos)
        query.predicate = .or([.equals(kind, "2"), .equals(kind, "5")])
        query.projection = .fields([
            FieldReference(RecordField.duration, space: .record),
            FieldReference(RecordField.statusCode, space: .record),
        ])
        query.limit = Limits.overviewSpansMax
        var cursor = events.read(query)
        var seen = 0
        while let batch = try await cursor.next() {
            tally.addRequests(batch)
            seen += batch.rowCount
        }
        if seen >= Limits.overviewSpansMax {
            tally.notices.append(
                "Rates and latencies are of the newest \(Units.count(seen)) requests.")
        }
    }

    private func tallyLogs(
        _ range: TimeRange, _ tally: inout OverviewTally
    ) async throws(StoreFailure) {
        var query = EventQuery(dataset: .logs, times: range.nanos)
        query.projection = .fields(LevelScan.fields)
        query.limit = Limits.countedRecordsMax
        var cursor = events.read(query)
        var seen = 0
        while let batch = try await cursor.next() {
            tally.addLogs(batch)
            seen += batch.rowCount
        }
        if seen >= Limits.countedRecordsMax {
            tally.notices.append(
                "Log volumes are of the newest \(Units.count(seen)) records.")
        }
    }
}

/// Counts chunk by chunk what the start page needs, by service.
private struct OverviewTally {
    struct Service {
        var name: String
        var durations: [(nanos: Int64, weight: Int64)] = []
        var requests: Int64 = 0
        var errors: Int64 = 0
        var steps: [Double]
        var levels = LevelCounts()
        var lastSeen = Int64.min
    }

    static let stepsMax = 40

    var notices: [String] = []
    private let range: TimeRange
    private let steps: Steps
    private var services: [Service] = []
    private var indexes: [String: Int] = [:]
    private var oldest = Int64.max

    init(_ range: TimeRange) {
        self.range = range
        steps = range.steps(Self.stepsMax)
    }

    /// The service behind each resource of a chunk, so that rows need no string.
    private mutating func services(of batch: EventBatch) -> [Int] {
        var result: [Int] = []
        for resource in batch.resources { result.append(index(of: resource.service)) }
        return result
    }

    private mutating func index(of name: String) -> Int {
        if let index = indexes[name] { return index }
        let index = services.count
        indexes[name] = index
        services.append(Service(name: name, steps: [Double](repeating: 0, count: steps.count)))
        return index
    }

    /// Services and when each was seen, whatever it sent.
    mutating func see(_ seen: [String: Int64]) {
        for (name, time) in seen { see(index(of: name), at: time) }
    }

    private mutating func see(_ service: Int, at time: Int64) {
        services[service].lastSeen = max(services[service].lastSeen, time)
        oldest = min(oldest, time)
    }

    private mutating func see(_ batch: EventBatch) -> [Int] {
        let owners = services(of: batch)
        for row in 0..<batch.rowCount {
            see(owners[Int(batch.resourceIndexes[row])], at: batch.times[row])
        }
        return owners
    }

    mutating func addRequests(_ batch: EventBatch) {
        let owners = see(batch)
        var durations = ColumnScan(batch, RecordField.duration, .int)
        var status = ColumnScan(batch, RecordField.statusCode, .int)
        let weights = batch.weights
        for row in 0..<batch.rowCount {
            let service = owners[Int(batch.resourceIndexes[row])]
            let weight = weights?[row] ?? 1
            services[service].durations.append((durations.int(row) ?? 0, weight))
            services[service].requests &+= weight
            if status.int(row) == 2 { services[service].errors &+= weight }
            if let step = steps.index(of: batch.times[row]) {
                services[service].steps[step] += Double(weight)
            }
        }
    }

    mutating func addLogs(_ batch: EventBatch) {
        let owners = see(batch)
        var levels = LevelScan(batch)
        let weights = batch.weights
        for row in 0..<batch.rowCount {
            let service = owners[Int(batch.resourceIndexes[row])]
            services[service].levels[levels.level(row)] += Int(clamping: weights?[row] ?? 1)
        }
    }

    func overview() -> ServiceOverview {
        var overview = ServiceOverview()
        let end = Double(range.nanos.upperBound)
        overview.seconds =
            oldest == Int64.max
            ? range.seconds : min(range.seconds, max(60, (end - Double(oldest)) / 1e9))
        overview.notices = notices
        overview.services = services.map { service in
            var summary = ServiceSummary(name: service.name)
            summary.levels = service.levels
            summary.lastSeenNanos = service.lastSeen == Int64.min ? nil : service.lastSeen
            guard !service.durations.isEmpty else { return summary }
            let count = service.requests
            summary.source = .spans
            summary.requests = service.steps
            summary.requestRate = Double(count) / overview.seconds
            summary.errorShare = Double(service.errors) / Double(count)
            summary.p95Nanos = Double(quantile(service.durations, of: count, 0.95))
            return summary
        }
        return overview
    }
}

/// The smallest value that so large a share of what all values stand for does not exceed.
private func quantile(
    _ values: [(nanos: Int64, weight: Int64)], of count: Int64, _ share: Double
) -> Int64 {
    let sorted = values.sorted { $0.nanos < $1.nanos }
    let rank = Int64((share * Double(count)).rounded(.up))
    var seen: Int64 = 0
    for value in sorted {
        seen &+= value.weight
        if seen >= rank { return value.nanos }
    }
    return sorted.last?.nanos ?? 0
}
