/// What makes one number of the events of a stretch of time.
package enum RangeFunction: String, Sendable, CaseIterable {
    case rate
    case countOverTime = "count_over_time"
    case bytesRate = "bytes_rate"
    case bytesOverTime = "bytes_over_time"
    case absentOverTime = "absent_over_time"
    case rateCounter = "rate_counter"
    case sumOverTime = "sum_over_time"
    case averageOverTime = "avg_over_time"
    case minOverTime = "min_over_time"
    case maxOverTime = "max_over_time"
    case varianceOverTime = "stdvar_over_time"
    case deviationOverTime = "stddev_over_time"
    case quantileOverTime = "quantile_over_time"
    case firstOverTime = "first_over_time"
    case lastOverTime = "last_over_time"

    /// Whether it makes sense only over values that `unwrap` gives.
    var needsUnwrap: Bool {
        switch self {
        case .rate, .countOverTime, .bytesRate, .bytesOverTime, .absentOverTime: false
        case .rateCounter, .sumOverTime, .averageOverTime, .minOverTime, .maxOverTime,
            .varianceOverTime, .deviationOverTime, .quantileOverTime, .firstOverTime,
            .lastOverTime:
            true
        }
    }

    /// Whether values may be unwrapped for it.
    var takesUnwrap: Bool { needsUnwrap || self == .rate || self == .absentOverTime }

    /// Whether `by` and `without` may stand behind it.
    var takesGrouping: Bool {
        switch self {
        case .averageOverTime, .minOverTime, .maxOverTime, .varianceOverTime, .deviationOverTime,
            .quantileOverTime, .firstOverTime, .lastOverTime:
            true
        case .rate, .countOverTime, .bytesRate, .bytesOverTime, .absentOverTime, .rateCounter,
            .sumOverTime:
            false
        }
    }
}

/// What makes series of many series.
package enum VectorFunction: String, Sendable, CaseIterable {
    case sum
    case average = "avg"
    case minimum = "min"
    case maximum = "max"
    case count
    case deviation = "stddev"
    case variance = "stdvar"
    case topK = "topk"
    case bottomK = "bottomk"
    case sort
    case sortDescending = "sort_desc"
    case approximateTopK = "approx_topk"

    /// Whether it picks a number of series.
    var takesParameter: Bool {
        self == .topK || self == .bottomK || self == .approximateTopK
    }
}

/// How an unwrapped text becomes a number.
package enum UnwrapConversion: String, Sendable, CaseIterable {
    case bytes
    case duration
    case durationSeconds = "duration_seconds"
}

/// What stands between two expressions.
package enum BinaryOperator: String, Sendable, CaseIterable {
    case or
    case and
    case unless
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"

    /// How tightly it binds.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .greater, .greaterOrEqual, .less, .lessOrEqual: 3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo: 5
        case .power: 6
        }
    }

    var isSet: Bool { precedence <= 2 }
    var isComparison: Bool { precedence == 3 }
}
