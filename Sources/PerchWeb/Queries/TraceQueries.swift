package import PerchModel

/// Which traces a page lists: those with a span that fits all of it.
package struct TraceFilter: Sendable, Hashable {
    package var predicate: EventPredicate = .all
    /// Beside the page's own range; all of time when the search names none.
    package var times: Range<Int64> = .min ..< .max
    package var service: String?
    package var minimumNanos: Double?
    package var errorsOnly = false
    /// Only spans that begin a trace.
    package var rootsOnly = false

    package init() {}

    var combined: EventPredicate {
        var parts = [predicate]
        if let service { parts.append(ofService(service)) }
        if let minimumNanos {
            let duration = FieldReference(RecordField.duration, space: .record)
            parts.append(.compares(duration, .greaterOrEqual, minimumNanos))
        }
        if errorsOnly {
            parts.append(.equals(FieldReference(RecordField.statusCode, space: .record), "2"))
        }
        if rootsOnly {
            parts.append(.not(.exists(FieldReference(RecordField.parentSpanID, space: .record))))
        }
        return both(parts)
    }
}

/// A trace in the picture of durations: the longest of its spans that fit.
package struct TracePoint: Sendable, Hashable {
    package var id: String
    package var name: String
    package var service: String
    package var timeNanos: Int64
    package var durationNanos: Int64
    /// Whether one of the spans that fit has an error.
    package var isError: Bool
}

/// One trace of a list.
package struct TraceSummary: Sendable, Hashable {
    package var id: String
    /// The name and service of the root span; of the earliest when the root has not come.
    package var name = ""
    package var service = ""
    package var hasRoot = false
    package var startNanos = Int64.max
    package var endNanos = Int64.min
    package var spanCount = 0
    package var errorCount = 0
    package var services: Set<String> = []

    package init(id: String) {
        self.id = id
    }

    package var durationNanos: Int64 { max(0, endNanos &- startNanos) }
}

/// A list of traces.
package struct TraceList: Sendable, Hashable {
    package var traces: [TraceSummary] = []
    /// These traces and more.
    package var points: [TracePoint] = []
    /// Names of spans that fit.
    package var operations: [String] = []
    /// Where the next older traces may be, when these are not all: spans before this time.
    package var olderNanos: Int64?
    package var notices: [String] = []

    package init() {}
}

extension PageQueries {
    /// The newest traces of the range that fit, or those with the longest spans that fit.
    package func traces(
        _ filter: TraceFilter, _ range: TimeRange, slowestFirst: Bool = false
    ) async throws(StoreFailure) -> TraceList {
        var list = TraceList()
        var scan = TraceScan(isForSlowest: slowestFirst)
        try await find(filter, range, &scan, &list)
        let listed = scan.listed
        let ids = listed.map(\.id)
        list.points = scan.points
        list.operations = scan.operations
        if !slowestFirst, ids.count >= Limits.tracesPerPage, let oldest = listed.last?.firstNanos {
            // Whole milliseconds, as addresses hold them, and the one in which the last one began.
            let millisecond = oldest / 1_000_000 * 1_000_000
            let (older, overflow) = millisecond.addingReportingOverflow(1_000_000)
            if !overflow, older < range.nanos.upperBound {
                list.olderNanos = older
            } else {
                // The whole page began in the last millisecond, so the next one is before it.
                if millisecond > range.nanos.lowerBound, millisecond <= oldest {
                    list.olderNanos = millisecond
                }
                if list.points.count > listed.count {
                    list.notices.append(
                        "These \(listed.count) traces fall within one millisecond; older ones of "
                            + "the same millisecond are not listed.")
                }
            }
        }
        let starts = listed.map(\.timeNanos) + listed.map(\.firstNanos)
        let times = (starts.min() ?? 0)...(starts.max() ?? 0)
        guard !ids.isEmpty else { return list }
        // The rest of a trace lies around what was found of it, by minutes at most in practice:
        // usually a small part of the range.
        let hour: Int64 = 3_600_000_000_000
        let low = max(0, times.lowerBound) - min(hour, max(0, times.lowerBound))
        let (high, overflow) = times.upperBound.addingReportingOverflow(hour)
        var query = EventQuery(dataset: .spans, times: low..<max(low, overflow ? .max : high))
        let field = FieldReference(RecordField.traceID, space: .record)
        query.predicate = .or(ids.map { .equals(field, Hex.encode($0)) })
        query.projection = .fields(Self.summaryFields)
        query.limit = Limits.traceListSpansMax
        var found: [[UInt8]: TraceSummary] = [:]
        var seen = 0
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            Self.summarize(batch, &found)
            seen += batch.rowCount
        }
        if seen >= Limits.traceListSpansMax {
            list.notices.append(
                "Only the newest \(Units.count(seen)) spans were read; some traces are longer.")
        }
        list.traces = ids.compactMap { found[$0] }
        if !slowestFirst { list.traces.sort { $0.startNanos > $1.startNanos } }
        return list
    }

    /// Looks through the spans that fit, from the newest on.
    private func find(
        _ filter: TraceFilter, _ range: TimeRange, _ scan: inout TraceScan, _ list: inout TraceList
    ) async throws(StoreFailure) {
        var query = EventQuery(
            dataset: .spans, times: filter.times.clamped(to: range.nanos))
        query.predicate = filter.combined
        query.projection = .fields(
            [
                RecordField.traceID, RecordField.name, RecordField.duration,
                RecordField.statusCode,
            ].map { FieldReference($0, space: .record) })
        query.limit = Limits.tracesScanMax
        var rows = 0
        var cursor = events.read(query)
        while !scan.isFull, let batch = try await cursor.next() {
            scan.add(batch)
            rows += batch.rowCount
        }
        if rows >= Limits.tracesScanMax {
            list.notices.append("Only the newest \(Units.count(rows)) spans were looked through.")
        }
    }

    private static let summaryFields = [
        RecordField.traceID, RecordField.parentSpanID, RecordField.name, RecordField.duration,
        RecordField.statusCode,
    ].map { FieldReference($0, space: .record) }

    private static func summarize(_ batch: EventBatch, _ found: inout [[UInt8]: TraceSummary]) {
        var ids = ColumnScan(batch, RecordField.traceID, .id)
        var parents = ColumnScan(batch, RecordField.parentSpanID, .id)
        var names = ColumnScan(batch, RecordField.name, .string)
        var durations = ColumnScan(batch, RecordField.duration, .int)
        var status = ColumnScan(batch, RecordField.statusCode, .int)
        let services = batch.resources.map(\.service)
        for row in 0..<batch.rowCount {
            guard let id = ids.bytes(row).map(Array.init) else { continue }
            var trace = found[id] ?? TraceSummary(id: Hex.encode(id))
            let start = batch.times[row]
            let service = services[Int(batch.resourceIndexes[row])]
            let isRoot = parents.bytes(row)?.isEmpty ?? true
            let name = names.text(row)
            if isRoot || (!trace.hasRoot && start < trace.startNanos) {
                trace.name = name ?? ""
                trace.service = service
                trace.hasRoot = trace.hasRoot || isRoot
            }
            let (end, overflow) = start.addingReportingOverflow(max(0, durations.int(row) ?? 0))
            trace.startNanos = min(trace.startNanos, start)
            trace.endNanos = max(trace.endNanos, overflow ? .max : end)
            trace.spanCount += 1
            if status.int(row) == 2 { trace.errorCount += 1 }
            trace.services.insert(service)
            found[id] = trace
        }
    }
}
