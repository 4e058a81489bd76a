/// How a query is carried out, and what it may use.
package struct QueryOptions: Sendable {
    /// How far back an instant vector looks for a sample.
    package var lookbackMillis = Limits.lookbackMillis
    /// The step of subqueries that name none.
    package var subqueryStepMillis = Limits.subqueryStepMillis
    /// Samples that the query may hold at once.
    package var samplesMax = Limits.samplesMax
    /// Series that the query may touch.
    package var seriesMax = Limits.seriesMax
    /// Bytes that the query may hold at once.
    package var byteCountMax = Limits.byteCountMax
    /// How long the query may run.
    package var timeoutNanos = Limits.timeoutNanos
    /// Nanoseconds of a clock that only goes forward; nil for no limit of time.
    package var clock: (@Sendable () -> Int64)?
    /// Tasks that read series beside the query's own, where there are many; they take the threads
    /// that it prefers.
    package var helperCount = 0
    /// Called once, before work that takes long: moves the query away from a thread that others
    /// wait for.
    package var onLongWork: (@Sendable () async -> Void)?

    package init() {}
}

/// When a query is evaluated.
package struct QueryTimes: Sendable, Hashable {
    /// Milliseconds since 1970.
    package var start: Int64
    package var end: Int64
    /// Nil for a single time.
    package var step: Int64?

    /// A single time.
    package static func instant(_ millis: Int64) -> QueryTimes {
        QueryTimes(start: millis, end: millis, step: nil)
    }

    /// Every `step` milliseconds from `start` to `end`.
    package static func range(_ start: Int64, _ end: Int64, step: Int64) -> QueryTimes {
        QueryTimes(start: start, end: end, step: step)
    }
}
