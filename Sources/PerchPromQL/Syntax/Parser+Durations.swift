extension Parser {
    /// The milliseconds of a number of seconds, cut where Prometheus cuts them.
    private static func millis(_ seconds: Double) -> Int64 {
        Int64(((seconds * 1e9).rounded() / 1e6).rounded(.towardZero))
    }

    /// Reads the duration of a range or a step.
    mutating func positiveDuration(isStep: Bool = false) throws(ParseFailure) -> TimeSpan {
        guard startsDuration else {
            throw isStep
                ? unexpected(
                    "subquery selector", expected: "number, duration, step(), range(), or \"]\"")
                : unexpected(
                    "subquery or range selector",
                    expected: "number, duration, step(), or range()")
        }
        let expression = try durationExpression(minPrecedence: 1)
        if case .number(let literal) = expression {
            guard literal.value > 0 else {
                throw failure("duration must be greater than 0", literal.range)
            }
            return TimeSpan(millis: Self.millis(literal.value))
        }
        return TimeSpan(millis: 0, expression: expression)
    }

    /// Reads the duration of an offset, which ends before an operator outside of parentheses.
    mutating func offsetDuration() throws(ParseFailure) -> TimeSpan {
        guard startsDuration else {
            throw unexpected("offset", expected: "number, duration, step(), or range()")
        }
        let expression = try durationOperand(isAlone: true)
        if case .number(let literal) = expression {
            return TimeSpan(millis: Self.millis(literal.value))
        }
        return TimeSpan(millis: 0, expression: expression)
    }

    private var startsDuration: Bool {
        switch current.kind {
        case .number, .duration, .leftParen, .operation(.add), .operation(.subtract),
            .keyword(.step), .keyword(.range), .keyword(.minOf), .keyword(.maxOf):
            true
        default: false
        }
    }

    private mutating func durationExpression(
        minPrecedence: Int
    ) throws(ParseFailure) -> DurationExpression {
        try nested { (parser) throws(ParseFailure) in
            var left = try parser.durationOperand()
            while case .operation(let token) = parser.current.kind,
                let operation = DurationExpression.Operation(rawValue: token.rawValue),
                token.precedence >= minPrecedence
            {
                let place = parser.current.range
                parser.advance()
                let next = token.precedence + (token == .power ? 0 : 1)
                let right = try parser.durationExpression(minPrecedence: next)
                if case .number(let literal) = right, literal.value == 0 {
                    if operation == .divide { throw parser.failure("division by zero", place) }
                    if operation == .modulo { throw parser.failure("modulo by zero", place) }
                }
                left = .binary(operation, left, right, .spanning(left.place, right.place))
            }
            return left
        }
    }

    /// With `isAlone` a sign binds to the next number only, so that what follows an offset is not
    /// taken for a part of it.
    private mutating func durationOperand(
        isAlone: Bool = false
    ) throws(ParseFailure) -> DurationExpression {
        let token = current
        switch token.kind {
        case .number, .duration:
            let literal = try numberLiteral()
            try check(literal, token.range)
            return .number(literal)
        case .operation(.add), .operation(.subtract):
            advance()
            let operand = try nested { (parser) throws(ParseFailure) in
                isAlone
                    ? try parser.durationOperand(isAlone: true)
                    : try parser.durationExpression(
                        minPrecedence: BinaryOperator.power.precedence)
            }
            if case .number(var literal) = operand {
                if token.kind == .operation(.subtract) { literal.value = -literal.value }
                literal.range.start = token.range.start
                try check(literal, token.range)
                return .number(literal)
            }
            return token.kind == .operation(.subtract)
                ? .negated(operand, start: token.range.start) : operand
        case .keyword(.step), .keyword(.range):
            advance()
            guard take(.leftParen), take(.rightParen) else { throw unexpected() }
            let place = SourceRange(start: token.range.start, end: lastClosing)
            return token.kind == .keyword(.step) ? .step(place) : .range(place)
        case .keyword(.minOf), .keyword(.maxOf):
            advance()
            guard take(.leftParen) else { throw unexpected() }
            let left = try durationExpression(minPrecedence: 1)
            guard take(.comma) else { throw unexpected() }
            let right = try durationExpression(minPrecedence: 1)
            guard take(.rightParen) else { throw unexpected() }
            return .binary(
                token.kind == .keyword(.minOf) ? .minimum : .maximum, left, right,
                SourceRange(start: token.range.start, end: lastClosing))
        case .leftParen:
            advance()
            let content = try durationExpression(minPrecedence: 1)
            guard take(.rightParen) else { throw unexpected() }
            return .parenthesized(
                content, SourceRange(start: token.range.start, end: lastClosing))
        default: throw unexpected()
        }
    }

    private func check(_ literal: NumberLiteral, _ range: SourceRange) throws(ParseFailure) {
        guard literal.value.magnitude <= Limits.durationSecondsMax else {
            throw failure("duration out of range", range)
        }
    }
}
