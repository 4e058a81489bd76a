/// The bounds of queries.
package enum Limits {
    /// Bytes of a query's text.
    ///
    /// Generated dashboards reach some 20 KB.
    static let queryByteCountMax = 256 << 10
    /// Expressions within each other: each takes some frames of the stack.
    static let nestingMax = 200
    /// Expressions within each other in a tree, which a row of operators makes as high as it is long:
    /// some 800 exhaust a stack of 8 MB in a debug build.
    static let heightMax = 500
    /// Seconds of a duration: what 64 bits of nanoseconds hold, as Prometheus counts them.
    static let durationSecondsMax = 9.2e9
    /// Milliseconds from 1970 to the farthest time of evaluation, as exact as a double.
    static let timeMillisMax: UInt64 = 1 << 53
    /// Points of each series of an answer, as Prometheus limits them.
    package static let pointsPerSeriesMax = 11_000
    /// Samples that a query may hold at once, as Prometheus has it.
    package static let samplesMax = 50_000_000
    /// Series that a query may touch.
    package static let seriesMax = 1_000_000
    /// Bytes of series that a query may hold at once.
    package static let byteCountMax = 1 << 30
    /// How far back an instant vector looks for a sample: Prometheus' default.
    package static let lookbackMillis: Int64 = 300_000
    /// How long a query may run: Prometheus' default.
    package static let timeoutNanos: Int64 = 120_000_000_000
    /// The step of a subquery that names none: Prometheus' default interval of rules.
    package static let subqueryStepMillis: Int64 = 60_000
    /// Warnings, and as many infos, that an answer carries.
    package static let annotationsMax = 10
    /// Points that take as long as the reading of a series does.
    static let pointsPerRead = 64
    /// Points from which on several tasks make them: some 0.3 ms of work.
    static let parallelPointsMin = 6_000
    /// Points that are made wherever the query began: less than 0.1 ms of work.
    static let shortWorkPointsMax = 1_500
    /// Series that a task reads before it looks for the next ones, and how often it looks at least.
    static let batchSeriesMax = 48
    static let batchesPerTaskMin = 3
    /// Points of the results that a task makes at once: half a megabyte.
    static let batchPointsMax = 65_536
    /// Steps of a subquery or a range.
    static let stepsMax = 10_000_000
}
