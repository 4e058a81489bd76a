import PerchModel

/// The places in the log of events up to which metrics of spans were counted when they were written.
struct SpanPositions {
    /// A write.
    struct Written {
        var timeMillis: Int64
        var position: EventPosition
    }

    static let name = "traces_span_metrics_log_position"
    static let metadata = [
        MetricMetadata(
            family: name, type: .gauge, unit: "",
            help: "The file of the log of events, and the record in it, up to which spans are "
                + "counted.")
    ]
    private static let parts = ["file", "record"]

    /// The last writes, oldest first.
    private(set) var written: [Written] = []

    static func write(_ position: EventPosition, to writer: inout SpanSampleWriter) {
        for (part, value) in zip(parts, [position.file, position.record]) {
            writer.counter(name, [("part", part)], Double(value), isNew: false)
        }
    }

    /// Reads them back.
    ///
    /// The greatest, and not the newest, are the last ones: places only grow, and clocks may go
    /// back.
    init(
        from samples: any SampleSource, newestFile: UInt64, nowMillis: Int64
    ) async throws(StoreFailure) {
        let (recent, isBelow) = nowMillis.subtractingReportingOverflow(
            2 * Limits.spanPositionMillis)
        for start in [isBelow ? .min : recent, .min] where written.isEmpty {
            var values = [[Int64: UInt64]](repeating: [:], count: Self.parts.count)
            for (index, part) in Self.parts.enumerated() {
                let query = SampleQuery(
                    matchers: [
                        LabelMatcher("__name__", .equal, Self.name),
                        LabelMatcher("part", .equal, part),
                    ], times: start ... .max)
                var cursor = samples.read(query)
                // Of others that have more labels, as those of another server, none is ours.
                while let series = try await cursor.next() {
                    guard series.labels.pairs.count == 2 else { continue }
                    for (time, value) in zip(series.times, series.values) {
                        values[index][time] = UInt64(exactly: value)
                    }
                }
            }
            written = values[0].compactMap { time, file in
                guard file <= newestFile else { return nil }
                return values[1][time].map {
                    Written(timeMillis: time, position: EventPosition(file: file, record: $0))
                }
            }
        }
        written.sort { ($0.position, $0.timeMillis) < ($1.position, $1.timeMillis) }
        written = written.suffix(Limits.spanPositionsKept)
    }
}
