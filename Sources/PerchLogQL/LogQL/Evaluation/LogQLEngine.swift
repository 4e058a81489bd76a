package import PerchModel

/// Answers questions in LogQL from the events of a store.
package struct LogQLEngine: Sendable {
    let source: any EventSource
    let options: LogQLOptions
    private let deadline: Int64?

    package init(source: any EventSource, options: LogQLOptions) {
        self.source = source
        self.options = options
        deadline = options.clock.map { $0() &+ options.timeoutNanos }
    }

    /// Throws when nobody waits any more or the time is over.
    func check() throws(LogQLFailure) {
        guard !Task.isCancelled else { throw .cancelled }
        if let deadline, let clock = options.clock, clock() > deadline {
            throw .limit("query timed out in expression evaluation")
        }
    }

    /// The answer to a query, and what it cost.
    package func evaluate(
        _ expression: LogQLExpression, _ times: LogQLTimes
    ) async throws(LogQLFailure) -> (result: LogQLResult, stats: LogQLStats) {
        if let step = times.step {
            guard step > 0 else {
                throw .badRequest(
                    "zero or negative query resolution step widths are not accepted. Try a "
                        + "positive integer")
            }
            let (span, isTooLong) = times.end.subtractingReportingOverflow(times.start)
            guard !isTooLong, span >= 0 else {
                throw .badRequest("end timestamp must not be before or equal to start time")
            }
            if case .metric = expression {
                guard span / step < Limits.pointsPerSeriesMax else {
                    throw .badRequest(
                        "exceeded maximum resolution of 11,000 points per time series. Try "
                            + "increasing the value of the step parameter")
                }
            }
        }
        switch expression {
        case .lines(let selector):
            guard times.step != nil else {
                throw .badRequest(
                    "log queries are not supported as an instant query type, please change your "
                        + "query to a range query type")
            }
            return try await lines(selector, times)
        case .metric(let metric):
            let catalog = try await catalog(Self.reach(metric, times))
            var evaluation = MetricEvaluation(engine: self, times: times, catalog: catalog)
            if case .number(let value) = metric, times.step == nil {
                return (.scalar(value, times.start), LogQLStats())
            }
            let table = try await evaluation.table(metric)
            let result: LogQLResult =
                times.step == nil ? .vector(table, times.start) : .matrix(table, times)
            return (result, evaluation.stats)
        }
    }

    /// The times of all rows that a query may look at.
    private static func reach(_ metric: MetricExpression, _ times: LogQLTimes) -> Range<Int64> {
        var low = times.start
        var high = times.end
        for aggregation in metric.ranges {
            let (start, isTooEarly) = times.start.subtractingReportingOverflow(
                aggregation.offsetNanos)
            let (first, isTooLow) = start.subtractingReportingOverflow(aggregation.rangeNanos)
            low = min(low, isTooEarly || isTooLow ? .min : first)
            let (end, isTooLate) = times.end.subtractingReportingOverflow(aggregation.offsetNanos)
            high = max(high, isTooLate ? .max : end)
        }
        return low..<max(low, high == .max ? high : high + 1)
    }

    /// Which fields there are.
    package func catalog(_ times: Range<Int64>) async throws(LogQLFailure) -> LabelCatalog {
        do {
            return LabelCatalog(try await source.fields(of: .logs, times: times))
        } catch {
            throw LogQLFailure(store: error)
        }
    }
}

extension LogQLFailure {
    package init(store failure: StoreFailure) {
        switch failure {
        case .cancelled: self = .cancelled
        case .closed: self = .storage("the server is stopping")
        case .overloaded: self = .storage("the store is overloaded; try again")
        case .noSpace, .failed, .tooLarge:
            self = .storage("the store could not be read; see the server's log")
        }
    }
}

extension MetricExpression {
    /// All range aggregations within.
    var ranges: [RangeAggregation] {
        switch self {
        case .range(let aggregation): [aggregation]
        case .aggregation(_, _, _, let inner): inner.ranges
        case .binary(_, let left, let right, _, _): left.ranges + right.ranges
        case .labelReplace(let inner, _, _, _, _): inner.ranges
        case .number, .vector: []
        }
    }
}
