import PerchModel
import PerchPromQL

/// Finds single measurements that have a trace behind them.
struct ExemplarFinder {
    var samples: any SampleSource
    /// Bounds the time as it bounds that of a question.
    var options: QueryOptions

    /// Exemplars of the series that a question names, spread over the range; those that were found
    /// in time.
    func exemplars(
        _ expression: QueryExpression, _ millis: ClosedRange<Int64>
    ) async throws(StoreFailure) -> [Exemplar] {
        var found: [Exemplar] = []
        var seen: Set<[LabelMatcher]> = []
        let deadline = options.clock.map { $0() &+ options.timeoutNanos }
        func isLate() -> Bool {
            guard let deadline, let clock = options.clock else { return false }
            return clock() > deadline
        }
        for matchers in expression.selectors
        where seen.count < Limits.exemplarSelectorsMax && seen.insert(matchers).inserted {
            var query = SampleQuery(matchers: matchers, times: millis)
            query.seriesLimit = Limits.exemplarSeriesMax
            var cursor = samples.read(query)
            while found.count < Limits.exemplarsMax * 50, !isLate(),
                let series = try await cursor.next()
            {
                found += series.exemplars.filter { $0.labels["trace_id"] != nil }
            }
        }
        guard found.count > Limits.exemplarsMax else { return found }
        found.sort { $0.timeMillis < $1.timeMillis }
        let stride = Double(found.count) / Double(Limits.exemplarsMax)
        return (0..<Limits.exemplarsMax).map { found[Int(Double($0) * stride)] }
    }
}
