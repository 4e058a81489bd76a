/// What stands between two operators: numbers, or lines that a function takes.
enum ParsedExpression {
    /// A selector, and what of a range aggregation was read with it.
    struct Selection {
        var selector: LogSelector
        var rangeNanos: Int64?
        var rangeToken: LogQLToken?
        var offsetNanos: Int64 = 0
        var unwrap: Unwrap?

        init(_ selector: LogSelector) {
            self.selector = selector
        }
    }

    case lines(Selection)
    case metric(MetricExpression)

    /// The whole query.
    func query() throws(LogQLFailure) -> LogQLExpression {
        switch self {
        case .metric(let expression): return .metric(expression)
        case .lines(let selection):
            if let token = selection.rangeToken {
                throw .parse(
                    message: "syntax error: unexpected RANGE", line: token.line,
                    column: token.column)
            }
            guard selection.unwrap == nil else {
                throw .parse("syntax error: unexpected unwrap outside of an aggregation over time")
            }
            return .lines(selection.selector)
        }
    }
}
