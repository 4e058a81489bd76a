/// The times at which an expression is evaluated.
struct StepGrid: Sendable, Hashable {
    /// Milliseconds since 1970.
    var start: Int64
    var step: Int64
    var count: Int

    init(start: Int64, step: Int64, count: Int) {
        self.start = start
        self.step = step
        self.count = count
    }

    /// The times from `start` to at most `end`.
    init(start: Int64, end: Int64, step: Int64) {
        let (span, isTooLong) = end.subtractingReportingOverflow(start)
        let count = isTooLong ? Int.max : Int(span / step) + 1
        self.init(start: start, step: step, count: end < start ? 0 : count)
    }

    func time(_ index: Int) -> Int64 { start &+ step &* Int64(index) }

    var end: Int64 { time(max(0, count - 1)) }

    /// The first time only.
    var first: StepGrid { StepGrid(start: start, step: step, count: min(1, count)) }
}
