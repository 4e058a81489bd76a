/// Arithmetic in the place of a duration.
package indirect enum DurationExpression: Sendable, Hashable {
    package enum Operation: String, Sendable, Hashable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case power = "^"
        case minimum = "min_of"
        case maximum = "max_of"
    }

    case number(NumberLiteral)
    case step(SourceRange)
    case range(SourceRange)
    case negated(DurationExpression, start: Int)
    case binary(Operation, DurationExpression, DurationExpression, SourceRange)
    case parenthesized(DurationExpression, SourceRange)

    package var place: SourceRange {
        switch self {
        case .number(let node): node.range
        case .step(let place), .range(let place), .binary(_, _, _, let place),
            .parenthesized(_, let place):
            place
        case .negated(let operand, let start):
            SourceRange(start: start, end: operand.place.end)
        }
    }

    /// The seconds it stands for.
    func seconds(step: Double, range: Double) throws(QueryFailure) -> Double {
        switch self {
        case .number(let node): return node.value
        case .step: return step
        case .range: return range
        case .negated(let operand, _): return -(try operand.seconds(step: step, range: range))
        case .parenthesized(let content, _): return try content.seconds(step: step, range: range)
        case .binary(let operation, let left, let right, let place):
            let left = try left.seconds(step: step, range: range)
            let right = try right.seconds(step: step, range: range)
            switch operation {
            case .add: return left + right
            case .subtract: return left - right
            case .multiply: return left * right
            case .divide:
                guard right != 0 else { throw Self.failure(place, "division by zero") }
                return left / right
            case .modulo:
                guard right != 0 else { throw Self.failure(place, "modulo by zero") }
                return Mathematics.remainder(left, right)
            case .power: return Mathematics.power(left, right)
            case .minimum: return Swift.min(left, right)
            case .maximum: return Swift.max(left, right)
            }
        }
    }

    /// Its milliseconds, checked.
    func millis(
        step: Double, range: Double, mayBeNegative: Bool
    ) throws(QueryFailure) -> Int64 {
        let seconds = try seconds(step: step, range: range)
        guard seconds.isFinite else { throw Self.failure(place, "duration is NaN or infinite") }
        guard seconds > 0 || mayBeNegative else {
            throw Self.failure(place, "duration must be greater than 0")
        }
        guard abs(seconds) <= Limits.durationSecondsMax else {
            throw Self.failure(place, "duration is out of range")
        }
        return Int64(seconds * 1_000)
    }

    private static func failure(_ place: SourceRange, _ message: String) -> QueryFailure {
        .execution("\(place.start):\(place.end): \(message)")
    }
}
