import PerchModel

/// Requests and durations by service, name, kind and status: what OpenTelemetry's span metrics
/// connector makes, under the names its metrics get in Prometheus.
///
/// Source: opentelemetry-collector-contrib, connector/spanmetricsconnector.
struct SpanCounts: Sendable {
    static let callsFamily = "traces_span_metrics_calls"
    static let calls = callsFamily + "_total"
    static let duration = HistogramNames(
        "traces_span_metrics_duration_milliseconds", unitNanos: 1_000_000)
    static let metadata = [
        MetricMetadata(
            family: callsFamily, type: .counter, unit: "",
            help: "Spans by service, name, kind and status, counted before any sampling."),
        MetricMetadata(
            family: duration.family, type: .histogram, unit: "milliseconds",
            help: "Durations of spans by service, name, kind and status."),
    ]

    /// By a tag of kind and status.
    ///
    /// The services are those of `names`.
    private(set) var keys: SpanKeyTable
    private(set) var series = SpanSeries()
    private var schedule = WriteSchedule()

    init(countMax: Int, nameByteCountMax: Int) {
        keys = SpanKeyTable(countMax: countMax, nameByteCountMax: nameByteCountMax)
        // Row 0 is for what has no row of its own.
        addRow()
    }

    /// The row of a combination; 0 when there is no room for it.
    @inline(__always)
    mutating func row(
        service: UInt32, kind: UInt32, status: UInt32, _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> Int {
        let tag = kind &<< 2 | status
        guard let index = keys.index(service: service, tag: tag, bytes, range) else { return 0 }
        if index &+ 1 == series.rowCount { addRow() }
        return index &+ 1
    }

    private mutating func addRow() {
        series.grow(to: series.rowCount + 1)
        schedule.grow(to: series.rowCount)
    }

    @inline(__always)
    mutating func count(_ row: Int, _ durationNanos: Int64) -> UInt32? {
        series.count(row, durationNanos)
    }

    mutating func add(_ example: SpanSeries.Example) {
        series.add(example)
    }

    mutating func restore(_ row: Int, buckets: [UInt64], sumNanos: Double, nowMillis: Int64) {
        series.restore(row, buckets: buckets, sumNanos: sumNanos)
        schedule.restore(row, nowMillis: nowMillis)
    }

    /// Writes what is due.
    mutating func write(to writer: inout SpanSampleWriter, services: SpanKeyTable) {
        let now = writer.timeMillis
        var examples: [UInt32: [SpanSeries.Example]] = [:]
        for example in series.examples { examples[example.row, default: []].append(example) }
        for row in 0..<series.rowCount {
            let isNew = schedule.write(
                row, isChanged: series.touched[row] != 0, nowMillis: now)
            guard let isNew else { continue }
            let labels = labels(row, services)
            let counts = series.cumulative(row)
            writer.counter(Self.calls, labels, Double(counts.last ?? 0), isNew: isNew)
            let buckets = writer.histogram(
                Self.duration, labels, cumulative: counts, sumNanos: series.sumNanos[row],
                isNew: isNew)
            for example in examples[UInt32(row)] ?? [] {
                writer.exemplar(
                    series: buckets[Int(example.bucket)], timeMillis: now,
                    value: Double(example.durationNanos) / Self.duration.unitNanos,
                    traceID: Self.hex(example.traceHigh) + Self.hex(example.traceLow),
                    spanID: Self.hex(example.spanID))
            }
        }
        series.written()
    }

    private func labels(_ row: Int, _ services: SpanKeyTable) -> SpanSampleWriter.LabelPairs {
        guard row > 0 else { return [("otel_metric_overflow", "true")] }
        let key = keys.keys[row - 1]
        return [
            ("service_name", services.name(at: Int(key.service))),
            ("span_kind", Self.kinds[Int(key.tag >> 2)]),
            ("span_name", keys.name(at: row - 1)),
            ("status_code", Self.statuses[Int(key.tag & 3)]),
        ]
    }

    static let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
        .map { "SPAN_KIND_" + $0 }
    static let statuses = ["UNSET", "OK", "ERROR"].map { "STATUS_CODE_" + $0 }

    private static func hex(_ value: UInt64) -> String {
        Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) })
    }
}
