import PerchModel

/// Calls between services: what OpenTelemetry's service graph connector makes.
///
/// Source: opentelemetry-collector-contrib, connector/servicegraphconnector.
struct ServiceGraph: Sendable {
    /// How two services are connected, as the label `connection_type` has it.
    enum Connection: UInt32, CaseIterable {
        case direct
        case messaging
        case database
        case virtual

        var label: String {
            switch self {
            case .direct: ""
            case .messaging: "messaging_system"
            case .database: "database"
            case .virtual: "virtual_node"
            }
        }
    }

    static let requests = "traces_service_graph_request_total"
    static let failures = "traces_service_graph_request_failed_total"
    static let unpaired = "traces_service_graph_unpaired_spans_total"
    static let server = HistogramNames(
        "traces_service_graph_request_server_seconds", unitNanos: 1_000_000_000)
    static let client = HistogramNames(
        "traces_service_graph_request_client_seconds", unitNanos: 1_000_000_000)
    static let metadata = [
        MetricMetadata(
            family: "traces_service_graph_request", type: .counter, unit: "",
            help: "Requests between two services."),
        MetricMetadata(
            family: "traces_service_graph_request_failed", type: .counter, unit: "",
            help: "Requests between two services of which one end failed."),
        MetricMetadata(
            family: server.family, type: .histogram, unit: "seconds",
            help: "Durations of requests as the service that is called sees them."),
        MetricMetadata(
            family: client.family, type: .histogram, unit: "seconds",
            help: "Durations of requests as the service that calls sees them."),
        MetricMetadata(
            family: "traces_service_graph_unpaired_spans", type: .counter, unit: "",
            help: "Spans of calls whose other end did not come."),
    ]

    /// By caller, and a tag of who is called and how; the services are those of `names`.
    private(set) var edges: SpanKeyTable
    /// The rows of edges that were looked up last, by a hash: most calls are of few edges.
    private var recent = [(edge: UInt64, row: Int)](repeating: (.max, 0), count: 64)
    private(set) var clientSeries = SpanSeries()
    private(set) var serverSeries = SpanSeries()
    private(set) var failedCounts: [UInt64] = []
    private(set) var unpairedCount: UInt64 = 0
    private var schedule = WriteSchedule()
    private var unpairedSchedule = WriteSchedule()
    private var unpairedWritten: UInt64 = 0

    init(edgesMax: Int) {
        edges = SpanKeyTable(countMax: edgesMax, nameByteCountMax: 0)
        unpairedSchedule.grow(to: 1)
        // Row 0 is for what has no row of its own.
        addRow()
    }

    private mutating func addRow() {
        let count = clientSeries.rowCount + 1
        clientSeries.grow(to: count)
        serverSeries.grow(to: count)
        schedule.grow(to: count)
        failedCounts.append(0)
    }

    /// The row of an edge; 0 when there is no room for it.
    @inline(__always)
    mutating func row(client: UInt32, server: UInt32, _ connection: Connection) -> Int {
        let tag = server &<< 2 | connection.rawValue
        let edge = UInt64(client) &<< 32 | UInt64(tag)
        let slot = Int(truncatingIfNeeded: (edge &* 0x9e37_79b9_7f4a_7c15) &>> 58)
        if recent[slot].edge == edge { return recent[slot].row }
        let row = lookUp(client: client, tag: tag)
        recent[slot] = (edge, row)
        return row
    }

    @inline(never)
    private mutating func lookUp(client: UInt32, tag: UInt32) -> Int {
        let none: [UInt8] = []
        guard let index = edges.index(service: client, tag: tag, none.span, 0..<0) else { return 0 }
        if index + 1 == clientSeries.rowCount { addRow() }
        return index + 1
    }

    /// Counts a request.
    @inline(__always)
    mutating func count(
        client: UInt32, server: UInt32, _ connection: Connection, clientNanos: Int64,
        serverNanos: Int64, isFailed: Bool
    ) {
        let row = row(client: client, server: server, connection)
        _ = clientSeries.count(row, clientNanos)
        _ = serverSeries.count(row, serverNanos)
        if isFailed { failedCounts[row] &+= 1 }
    }

    /// Counts an end whose other end did not come.
    mutating func countUnpaired() { unpairedCount &+= 1 }

    /// What an earlier run of the server had counted of an edge.
    struct Restored {
        var client: [UInt64]
        var clientNanos: Double
        var server: [UInt64]
        var serverNanos: Double
        var failed: UInt64
    }

    mutating func restore(_ row: Int, _ counts: Restored, nowMillis: Int64) {
        clientSeries.restore(row, buckets: counts.client, sumNanos: counts.clientNanos)
        serverSeries.restore(row, buckets: counts.server, sumNanos: counts.serverNanos)
        failedCounts[row] &+= counts.failed
        schedule.restore(row, nowMillis: nowMillis)
    }

    mutating func restore(unpaired count: UInt64, nowMillis: Int64) {
        unpairedCount &+= count
        unpairedWritten = unpairedCount
        unpairedSchedule.restore(0, nowMillis: nowMillis)
    }

    mutating func write(to writer: inout SpanSampleWriter, names: SpanKeyTable) {
        for row in 0..<clientSeries.rowCount {
            let isNew = schedule.write(
                row, isChanged: clientSeries.touched[row] != 0, nowMillis: writer.timeMillis)
            guard let isNew else { continue }
            let labels = labels(row, names)
            let client = clientSeries.cumulative(row)
            writer.counter(Self.requests, labels, Double(client.last ?? 0), isNew: isNew)
            writer.counter(Self.failures, labels, Double(failedCounts[row]), isNew: isNew)
            _ = writer.histogram(
                Self.client, labels, cumulative: client, sumNanos: clientSeries.sumNanos[row],
                isNew: isNew)
            _ = writer.histogram(
                Self.server, labels, cumulative: serverSeries.cumulative(row),
                sumNanos: serverSeries.sumNanos[row], isNew: isNew)
        }
        let isChanged = unpairedCount != unpairedWritten
        if let isNew = unpairedSchedule.write(
            0, isChanged: isChanged, nowMillis: writer.timeMillis)
        {
            writer.counter(Self.unpaired, [], Double(unpairedCount), isNew: isNew)
            unpairedWritten = unpairedCount
        }
        clientSeries.written()
        serverSeries.written()
    }

    /// The requests of each edge, by how it is connected.
    func totals(names: SpanKeyTable) -> [Connection: [ServiceCalls.Edge: Double]] {
        var totals: [Connection: [ServiceCalls.Edge: Double]] = [:]
        for (index, key) in edges.keys.enumerated() {
            guard let connection = Connection(rawValue: key.tag & 3) else { continue }
            let edge = ServiceCalls.Edge(
                client: names.name(at: Int(key.service)), server: names.name(at: Int(key.tag >> 2)))
            totals[connection, default: [:]][edge] =
                Double(clientSeries.cumulative(index + 1).last ?? 0)
        }
        return totals
    }

    private func labels(_ row: Int, _ names: SpanKeyTable) -> SpanSampleWriter.LabelPairs {
        guard row > 0 else { return [("otel_metric_overflow", "true")] }
        let key = edges.keys[row - 1]
        return [
            ("client", names.name(at: Int(key.service))),
            ("connection_type", Connection(rawValue: key.tag & 3)?.label ?? ""),
            ("server", names.name(at: Int(key.tag >> 2))),
        ]
    }
}
