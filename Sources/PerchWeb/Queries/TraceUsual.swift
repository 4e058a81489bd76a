package import PerchModel

/// What an operation of a service usually takes.
package struct UsualDuration: Sendable, Hashable {
    package var count: Int
    package var p50Nanos: Double
    package var p95Nanos: Double

    package init(count: Int, p50Nanos: Double, p95Nanos: Double) {
        self.count = count
        self.p50Nanos = p50Nanos
        self.p95Nanos = p95Nanos
    }

    /// Nil for too few durations to say what is usual.
    init?(_ durations: [Int64]) {
        guard durations.count >= Limits.usualSpansMin else { return nil }
        let sorted = durations.sorted()
        count = sorted.count
        p50Nanos = Double(sorted[(sorted.count - 1) / 2])
        p95Nanos = Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * 0.95))])
    }

    /// How many times longer than usual a duration is; nil when that is nothing to tell.
    package func slowness(_ nanos: Int64) -> Double? {
        let ratio = Double(nanos) / max(1, p50Nanos)
        return Double(nanos) > p95Nanos && ratio >= 1.5 ? ratio : nil
    }
}

/// An operation: a span's name in a service.
package struct TraceOperation: Sendable, Hashable {
    package var service: String
    package var name: String

    package init(service: String, name: String) {
        self.service = service
        self.name = name
    }
}

extension PageQueries {
    /// What the operations of some spans took in the hour up to `end`.
    ///
    /// Of the operations with the longest spans, and of the newest spans where there are many.
    package func usualDurations(
        _ spans: [SpanRow], upTo end: Int64
    ) async throws(StoreFailure) -> [TraceOperation: UsualDuration] {
        var wanted: [TraceOperation] = []
        for span in spans.sorted(by: { $0.durationNanos > $1.durationNanos }) {
            let operation = TraceOperation(service: span.service, name: span.name)
            guard !wanted.contains(operation) else { continue }
            wanted.append(operation)
            if wanted.count == Limits.usualOperationsMax { break }
        }
        guard !wanted.isEmpty else { return [:] }
        let (start, overflow) = end.subtractingReportingOverflow(3_600_000_000_000)
        guard !overflow, start < end else { return [:] }
        let name = FieldReference(RecordField.name, space: .record)
        var query = EventQuery(dataset: .spans, times: start..<end)
        query.predicate = .or(Set(wanted.map(\.name)).sorted().map { .equals(name, $0) })
        query.projection = .fields([
            name, FieldReference(RecordField.duration, space: .record),
        ])
        query.limit = Limits.usualSpansMax
        let known = Set(wanted)
        var durations: [TraceOperation: [Int64]] = [:]
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            var names = ColumnScan(batch, RecordField.name, .string)
            var lengths = ColumnScan(batch, RecordField.duration, .int)
            let services = batch.resources.map(\.service)
            for row in 0..<batch.rowCount {
                guard let name = names.text(row), let length = lengths.int(row) else { continue }
                let operation = TraceOperation(
                    service: services[Int(batch.resourceIndexes[row])], name: name)
                if known.contains(operation) { durations[operation, default: []].append(length) }
            }
        }
        return durations.compactMapValues { UsualDuration($0) }
    }
}
