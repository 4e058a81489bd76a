import PerchLogQL
package import PerchModel

/// The rows of one service around one of them, newest first.
package struct LogContext: Sendable, Hashable {
    package var service: String
    package var timeNanos: Int64
    /// How many were asked for on each side.
    package var count: Int
    package var newer: [LogRow] = []
    /// Rows of that very time, then older ones.
    package var older: [LogRow] = []

    package init(service: String, timeNanos: Int64, count: Int) {
        self.service = service
        self.timeNanos = timeNanos
        self.count = count
    }
}

extension PageQueries {
    /// The `count` rows of a service before a time, and those after it; each within a day.
    package func context(
        of service: String, at time: Int64, count: Int
    ) async throws(StoreFailure) -> LogContext {
        let count = max(1, min(count, Limits.logContextMax))
        var context = LogContext(service: service, timeNanos: time, count: count)
        let day: Int64 = 86_400_000_000_000
        let (first, isEarly) = time.subtractingReportingOverflow(day)
        let (last, isLate) = time.addingReportingOverflow(day)
        guard !isEarly, !isLate else { return context }
        context.older = try await rows(service, first..<time + 1, .newestFirst, count + 1)
        context.newer = try await rows(service, time + 1..<last, .oldestFirst, count).reversed()
        return context
    }

    private func rows(
        _ service: String, _ times: Range<Int64>, _ order: EventQuery.Order, _ limit: Int
    ) async throws(StoreFailure) -> [LogRow] {
        var query = EventQuery(dataset: .logs, times: times)
        query.predicate = ofService(service)
        query.order = order
        query.limit = limit
        var rows: [LogRow] = []
        var cursor = events.read(query)
        while let batch = try await cursor.next() { rows += Self.rows(batch) }
        return rows
    }
}
