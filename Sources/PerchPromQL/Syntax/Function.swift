/// The functions of the language, by name.
package enum Function: String, Sendable, Hashable, CaseIterable {
    case abs, absent, absentOverTime = "absent_over_time"
    case acos, acosh, asin, asinh, atan, atanh
    case avgOverTime = "avg_over_time"
    case ceil, changes, clamp, clampMax = "clamp_max", clampMin = "clamp_min"
    case cos, cosh, countOverTime = "count_over_time"
    case daysInMonth = "days_in_month", dayOfMonth = "day_of_month"
    case dayOfWeek = "day_of_week", dayOfYear = "day_of_year"
    case deg, delta, deriv
    case doubleExponentialSmoothing = "double_exponential_smoothing"
    case end, exp, firstOverTime = "first_over_time", floor
    case histogramAvg = "histogram_avg", histogramCount = "histogram_count"
    case histogramFraction = "histogram_fraction", histogramQuantile = "histogram_quantile"
    case histogramQuantiles = "histogram_quantiles"
    case histogramStddev = "histogram_stddev", histogramStdvar = "histogram_stdvar"
    case histogramSum = "histogram_sum"
    case hour, idelta, increase, info, irate
    case labelJoin = "label_join", labelReplace = "label_replace"
    case lastOverTime = "last_over_time"
    case ln, log10, log2
    case madOverTime = "mad_over_time"
    case maxOf = "max_of", maxOverTime = "max_over_time"
    case minOf = "min_of", minOverTime = "min_over_time"
    case minute, month, pi
    case predictLinear = "predict_linear", presentOverTime = "present_over_time"
    case quantileOverTime = "quantile_over_time"
    case rad, range, rate, resets, round, scalar, sgn, sin, sinh
    case sort, sortDesc = "sort_desc"
    case sortByLabel = "sort_by_label", sortByLabelDesc = "sort_by_label_desc"
    case sqrt, start, startTimestamp = "start_timestamp"
    case stddevOverTime = "stddev_over_time", stdvarOverTime = "stdvar_over_time"
    case step, sumOverTime = "sum_over_time"
    case tan, tanh, time, timestamp
    case tsOfFirstOverTime = "ts_of_first_over_time", tsOfLastOverTime = "ts_of_last_over_time"
    case tsOfMaxOverTime = "ts_of_max_over_time", tsOfMinOverTime = "ts_of_min_over_time"
    case vector, year
}

/// What a function takes and gives.
package struct FunctionSignature: Sendable, Hashable {
    package var arguments: [ValueType]
    /// How often the last argument may stand: 0 exactly once, n at most n times or not at all,
    /// -1 any number of times.
    package var variadic = 0
    package var result = ValueType.vector
    /// Prometheus has it behind a flag.
    package var isExperimental = false

    init(
        _ arguments: [ValueType], variadic: Int = 0, result: ValueType = .vector,
        isExperimental: Bool = false
    ) {
        self.arguments = arguments
        self.variadic = variadic
        self.result = result
        self.isExperimental = isExperimental
    }
}

extension Function {
    package var signature: FunctionSignature {
        switch self {
        case .absentOverTime, .avgOverTime, .changes, .countOverTime, .delta, .deriv,
            .firstOverTime, .idelta, .increase, .irate, .lastOverTime, .maxOverTime, .minOverTime,
            .presentOverTime, .rate, .resets, .stddevOverTime, .stdvarOverTime, .sumOverTime:
            FunctionSignature([.matrix])
        case .madOverTime, .tsOfFirstOverTime, .tsOfLastOverTime, .tsOfMaxOverTime,
            .tsOfMinOverTime:
            FunctionSignature([.matrix], isExperimental: true)
        case .clamp: FunctionSignature([.vector, .scalar, .scalar])
        case .clampMax, .clampMin: FunctionSignature([.vector, .scalar])
        case .round: FunctionSignature([.vector, .scalar], variadic: 1)
        case .daysInMonth, .dayOfMonth, .dayOfWeek, .dayOfYear, .hour, .minute, .month, .year:
            FunctionSignature([.vector], variadic: 1)
        case .doubleExponentialSmoothing:
            FunctionSignature([.matrix, .scalar, .scalar], isExperimental: true)
        case .start, .end, .range, .step:
            FunctionSignature([], result: .scalar, isExperimental: true)
        case .pi, .time: FunctionSignature([], result: .scalar)
        case .maxOf, .minOf:
            FunctionSignature([.scalar, .scalar], result: .scalar, isExperimental: true)
        case .scalar: FunctionSignature([.vector], result: .scalar)
        case .vector: FunctionSignature([.scalar])
        case .histogramFraction: FunctionSignature([.scalar, .scalar, .vector])
        case .histogramQuantile: FunctionSignature([.scalar, .vector])
        case .histogramQuantiles:
            FunctionSignature(
                [.vector, .string, .scalar, .scalar], variadic: 9, isExperimental: true)
        case .info: FunctionSignature([.vector, .vector], variadic: 1, isExperimental: true)
        case .labelJoin: FunctionSignature([.vector, .string, .string, .string], variadic: -1)
        case .labelReplace: FunctionSignature([.vector, .string, .string, .string, .string])
        case .predictLinear: FunctionSignature([.matrix, .scalar])
        case .quantileOverTime: FunctionSignature([.scalar, .matrix])
        case .sortByLabel, .sortByLabelDesc:
            FunctionSignature([.vector, .string], variadic: -1, isExperimental: true)
        case .startTimestamp: FunctionSignature([.vector], isExperimental: true)
        default: FunctionSignature([.vector])
        }
    }

    /// Whether the result can change with the time of evaluation though the arguments do not.
    var dependsOnTime: Bool {
        switch self {
        case .daysInMonth, .dayOfMonth, .dayOfWeek, .dayOfYear, .end, .hour, .minute, .month,
            .year, .predictLinear, .range, .start, .step, .time, .timestamp:
            true
        default: false
        }
    }
}
