package import PerchModel

/// How often services called each other, from the series of the service graph.
package struct ServiceCalls: Sendable {
    /// A service that calls and one that it calls.
    package struct Edge: Sendable, Hashable {
        package var client: String
        package var server: String

        package init(client: String, server: String) {
            self.client = client
            self.server = server
        }
    }

    private let samples: any SampleSource
    private let metrics: SpanMetrics

    package init(samples: any SampleSource, metrics: SpanMetrics) {
        self.samples = samples
        self.metrics = metrics
    }

    /// The calls between services that send spans, from one time to another, in milliseconds.
    ///
    /// What was counted since the last write is in it when the end is no earlier than that.
    package func count(
        _ times: ClosedRange<Int64>
    ) async throws(StoreFailure) -> [Edge: Double] {
        // The counts so far come first: a write between them and the series is then not missed,
        // and a sum that is lower than the series' last adds nothing.
        let live = metrics.requestTotals
        // The last sample before the time says where its counter stood.
        let (earlier, isBelow) = times.lowerBound.subtractingReportingOverflow(
            2 * Limits.spanRepeatMillis)
        var calls: [Edge: Double] = [:]
        for connection in [ServiceGraph.Connection.direct, .messaging] {
            let query = SampleQuery(
                matchers: [
                    LabelMatcher("__name__", .equal, ServiceGraph.requests),
                    LabelMatcher("connection_type", .equal, connection.label),
                ], times: (isBelow ? .min : earlier)...times.upperBound)
            var last: [Edge: Double] = [:]
            var cursor = samples.read(query)
            while let series = try await cursor.next() {
                guard let client = series.labels["client"], let server = series.labels["server"]
                else { continue }
                let edge = Edge(client: client, server: server)
                calls[edge, default: 0] += Self.increase(series, from: times.lowerBound)
                last[edge] = series.values.last
            }
            guard times.upperBound >= live.writtenMillis else { continue }
            for (edge, total) in live.totals[connection] ?? [:] {
                calls[edge, default: 0] += max(0, total - (last[edge] ?? 0))
            }
        }
        return calls.filter { $0.value > 0 }
    }

    /// How much a counter grew from `start` on; where it falls it began anew.
    static func increase(_ series: SeriesChunk, from start: Int64) -> Double {
        var sum = 0.0
        for index in series.values.indices.dropFirst() where series.times[index] >= start {
            let (before, value) = (series.values[index - 1], series.values[index])
            sum += value < before ? value : value - before
        }
        return sum.isFinite ? sum : 0
    }
}
