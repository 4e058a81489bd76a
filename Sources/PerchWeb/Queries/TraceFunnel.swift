package import PerchModel

/// How many traces reach each of some steps, one after the other.
package struct TraceFunnel: Sendable, Hashable {
    /// One step.
    package struct Step: Sendable, Hashable {
        /// Traces that reached it, and every step before it in time.
        package var traceCount = 0
        /// The median of the time since the step before; nil for the first, and without traces.
        package var medianNanos: Double?
        /// Some traces that reached the step before, but not this one; the newest first.
        package var lost: [String] = []

        package init() {}
    }

    package var steps: [Step] = []
    /// Whether only the newest spans of a step were looked at.
    package var isPartial = false

    package init() {}
}

/// The traces that came as far as a step, each with when it got there.
struct FunnelProgress {
    private(set) var arrivals: [[UInt8]: Int64] = [:]

    /// The spans of the next step: by trace, their starts in any order.
    ///
    /// Answers how long each trace took since the step before.
    mutating func advance(_ spans: [[UInt8]: [Int64]], isFirst: Bool) -> (
        gaps: [Int64], lost: [[UInt8]]
    ) {
        var next: [[UInt8]: Int64] = [:]
        var gaps: [Int64] = []
        if isFirst {
            arrivals = spans.compactMapValues { $0.min() }
            return ([], [])
        }
        var lost: [([UInt8], Int64)] = []
        for (id, arrival) in arrivals {
            guard let time = spans[id]?.filter({ $0 >= arrival }).min() else {
                lost.append((id, arrival))
                continue
            }
            next[id] = time
            gaps.append(time &- arrival)
        }
        arrivals = next
        return (gaps, lost.sorted { $0.1 > $1.1 }.prefix(5).map(\.0))
    }
}

extension PageQueries {
    /// How many traces of the range pass the steps in their order.
    ///
    /// Steps after the first are looked for an hour beyond the range.
    package func funnel(
        _ steps: [EventPredicate], _ range: TimeRange
    ) async throws(StoreFailure) -> TraceFunnel {
        var funnel = TraceFunnel()
        var progress = FunnelProgress()
        let (late, overflow) = range.nanos.upperBound.addingReportingOverflow(3_600_000_000_000)
        for (index, predicate) in steps.prefix(Limits.funnelStepsMax).enumerated() {
            let times =
                index == 0 ? range.nanos : range.nanos.lowerBound..<(overflow ? .max : late)
            let wanted = index == 0 ? nil : progress.arrivals
            let (spans, isPartial) = try await starts(predicate, times, of: wanted)
            funnel.isPartial = funnel.isPartial || isPartial
            let (gaps, lost) = progress.advance(spans, isFirst: index == 0)
            var step = TraceFunnel.Step()
            step.traceCount = progress.arrivals.count
            step.lost = lost.map { Hex.encode($0) }
            if !gaps.isEmpty {
                let sorted = gaps.sorted()
                step.medianNanos = Double(sorted[(sorted.count - 1) / 2])
            }
            funnel.steps.append(step)
        }
        return funnel
    }

    /// When the spans that fit begin, by trace; of the traces in `wanted`.
    private func starts(
        _ predicate: EventPredicate, _ times: Range<Int64>, of wanted: [[UInt8]: Int64]?
    ) async throws(StoreFailure) -> (spans: [[UInt8]: [Int64]], isPartial: Bool) {
        var query = EventQuery(dataset: .spans, times: times)
        query.predicate = predicate
        query.projection = .fields([FieldReference(RecordField.traceID, space: .record)])
        query.limit = Limits.funnelSpansMax
        var found: [[UInt8]: [Int64]] = [:]
        var rows = 0
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            rows += batch.rowCount
            var ids = ColumnScan(batch, RecordField.traceID, .id)
            for row in 0..<batch.rowCount {
                guard let id = ids.bytes(row).map(Array.init), wanted.map({ $0[id] != nil }) ?? true
                else { continue }
                found[id, default: []].append(batch.times[row])
            }
        }
        return (found, rows >= Limits.funnelSpansMax)
    }
}
