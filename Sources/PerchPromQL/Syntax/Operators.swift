/// The operators between two expressions.
package enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case arcTangent = "atan2"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// Cuts off a histogram's observations above a value.
    case trimUpper = "</"
    /// Cuts off a histogram's observations below a value.
    case trimLower = ">/"
    case and
    case or
    case unless

    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        default: false
        }
    }

    var isSet: Bool { self == .and || self == .or || self == .unless }

    var isTrim: Bool { self == .trimUpper || self == .trimLower }

    /// Whether the result is no longer a value of the metric that it came from.
    var changesMeaning: Bool {
        switch self {
        case .add, .subtract, .multiply, .divide, .power, .modulo, .arcTangent: true
        default: false
        }
    }

    /// Higher binds tighter.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimUpper,
            .trimLower:
            3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .arcTangent: 5
        case .power: 6
        }
    }
}

/// The operators over the series of a vector.
package enum AggregateOperator: String, Sendable, Hashable, CaseIterable {
    case sum
    case avg
    case count
    case min
    case max
    case group
    case stddev
    case stdvar
    case topk
    case bottomk
    case countValues = "count_values"
    case quantile
    case limitk
    case limitRatio = "limit_ratio"

    /// What the parameter before the vector is, if there is one.
    var parameterType: ValueType? {
        switch self {
        case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
        case .countValues: .string
        default: nil
        }
    }

    /// Whether it picks series instead of putting them together.
    var picksSeries: Bool {
        switch self {
        case .topk, .bottomk, .limitk, .limitRatio: true
        default: false
        }
    }
}
