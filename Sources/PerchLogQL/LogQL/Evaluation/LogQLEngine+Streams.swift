package import PerchModel

extension LogQLEngine {
    /// What is counted of streams.
    package enum Count: Sendable {
        case lines
        case bytes
    }

    /// Lines or bytes of these times by some labels; by all of the stream's without.
    ///
    /// With a step, the time of each point is the end of its stretch.
    package func count(
        _ count: Count, _ matchers: [LabelMatcher], times: Range<Int64>, by labels: [String]?,
        step: Int64? = nil
    ) async throws(LogQLFailure) -> (table: SeriesTable, times: LogQLTimes) {
        let (span, isTooLong) = times.upperBound.subtractingReportingOverflow(times.lowerBound)
        guard !isTooLong, span > 0 else {
            throw .badRequest("end timestamp must not be before or equal to start time")
        }
        let last = times.upperBound - 1
        let range = min(step ?? span, span)
        var points = LogQLTimes.instant(last)
        if let step {
            guard step > 0, span / step < Limits.pointsPerSeriesMax else {
                throw .badRequest(
                    "exceeded maximum resolution of 11,000 points per time series. Try increasing "
                        + "the value of the step parameter")
            }
            points = .range(times.lowerBound &+ range - 1, last, step: step)
        }
        let aggregation = RangeAggregation(
            function: count == .lines ? .countOverTime : .bytesOverTime,
            selector: LogSelector(matchers: matchers), rangeNanos: range)
        let catalog = try await catalog(times)
        var evaluation = MetricEvaluation(engine: self, times: points, catalog: catalog)
        let grouping = labels.map { LabelGrouping(labels: $0, isWithout: false) }
        return (try await evaluation.range(aggregation, grouping: grouping), points)
    }

    /// The values of a label, sorted.
    package func values(
        of label: String, _ matchers: [LabelMatcher], times: Range<Int64>
    ) async throws(LogQLFailure) -> [String] {
        let table = try await count(.lines, matchers, times: times, by: [label]).table
        // Byte by byte: letters may be alike and not the same.
        var values = TextTable()
        for series in 0..<table.count {
            if let value = table.labels(series)[label] { _ = values.intern(value) }
        }
        return (0..<values.count).map { values.text(of: UInt32($0)) }.sorted()
    }

    /// The label sets of the streams that one of the selectors finds.
    package func streams(
        _ selectors: [[LabelMatcher]], times: Range<Int64>
    ) async throws(LogQLFailure) -> [Labels] {
        var found: Set<Labels> = []
        for matchers in selectors {
            let table = try await count(.lines, matchers, times: times, by: nil).table
            for series in 0..<table.count { found.insert(table.labels(series)) }
        }
        return found.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}
