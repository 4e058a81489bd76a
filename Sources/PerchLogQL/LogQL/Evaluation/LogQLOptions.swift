/// When a query is evaluated; nanoseconds since 1970.
package struct LogQLTimes: Sendable, Hashable {
    package var start: Int64
    package var end: Int64
    /// Nil for a single time.
    package var step: Int64?

    /// A single time.
    package static func instant(_ nanos: Int64) -> LogQLTimes {
        LogQLTimes(start: nanos, end: nanos, step: nil)
    }

    /// Every `step` from `start` to `end`.
    package static func range(_ start: Int64, _ end: Int64, step: Int64) -> LogQLTimes {
        LogQLTimes(start: start, end: end, step: step)
    }

    /// How many times that are.
    var count: Int {
        guard let step, step > 0, end >= start else { return 1 }
        return Int((end &- start) / step) + 1
    }
}

/// How a query is carried out, and what it may use.
package struct LogQLOptions: Sendable {
    /// Lines of an answer.
    package var limit = Limits.linesDefault
    package var isNewestFirst = true
    /// At most one line of a stream in so many nanoseconds.
    package var intervalNanos: Int64 = 0
    /// Whether labels are told apart by where they come from.
    package var categorizesLabels = false
    /// Nanoseconds since 1970, for templates.
    package var now: Int64 = 0
    /// Nanoseconds of a clock that only goes forward; nil for no limit of time.
    package var clock: (@Sendable () -> Int64)?
    package var timeoutNanos = Limits.logQLSeconds * 1_000_000_000

    package init() {}
}
