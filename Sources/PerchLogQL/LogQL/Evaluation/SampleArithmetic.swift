/// What operators do with two numbers.
enum SampleArithmetic {
    /// Two literals, which are one literal; comparisons give 0 or 1.
    static func constant(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        if operation.isComparison { return compare(operation, left, right) ? 1 : 0 }
        return compute(operation, left, right)
    }

    /// The value of an arithmetic operator.
    static func compute(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        // Loki has no infinity here.
        case .divide: right == 0 ? .nan : left / right
        case .modulo: right == 0 ? .nan : Mathematics.remainder(left, right)
        case .power: Mathematics.power(left, right)
        case .or, .and, .unless, .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual:
            left
        }
    }

    /// The verdict of a comparison.
    static func compare(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Bool {
        switch operation {
        case .equal: left == right
        case .notEqual: left != right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .or, .and, .unless, .add, .subtract, .multiply, .divide, .modulo, .power: false
        }
    }
}
