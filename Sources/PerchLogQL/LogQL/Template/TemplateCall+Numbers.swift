extension TemplateCall {
    func number(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(Failure) -> TemplateValue {
        let ints = arguments.map(\.int)
        let doubles = arguments.map(\.double)
        switch function {
        case .int: return .int(ints[0])
        case .float64: return .double(doubles[0])
        case .add: return .int(ints.reduce(0, &+))
        case .sub: return .int(ints[0] &- ints[1])
        case .mul: return .int(ints.reduce(1, &*))
        case .div, .mod:
            guard ints[1] != 0 else { throw Self.failure(function, "integer divide by zero") }
            let result =
                function == .div
                ? ints[0].dividedReportingOverflow(by: ints[1])
                : ints[0].remainderReportingOverflow(dividingBy: ints[1])
            return .int(result.partialValue)
        case .addf: return .double(doubles.reduce(0, +))
        case .subf: return .double(doubles.dropFirst().reduce(doubles.first ?? 0, -))
        case .mulf: return .double(doubles.reduce(1, *))
        case .divf: return .double(doubles.dropFirst().reduce(doubles.first ?? 0, /))
        case .modf: return .double(doubles[0].truncatingRemainder(dividingBy: doubles[1]))
        case .max: return .int(ints.max() ?? 0)
        case .min: return .int(ints.min() ?? 0)
        case .maxf: return .double(doubles.max() ?? 0)
        case .minf: return .double(doubles.min() ?? 0)
        case .ceil: return .double(doubles[0].rounded(.up))
        case .floor: return .double(doubles[0].rounded(.down))
        case .round: return .double(Self.rounded(doubles[0], places: ints.count > 1 ? ints[1] : 0))
        case .bytes:
            guard let count = LogQLNumber.byteCount(arguments[0].text) else {
                throw Self.failure(function, "not a size: \(arguments[0].text)")
            }
            return .double(count)
        case .duration, .durationSeconds:
            guard let nanos = LogQLNumber.durationNanos(arguments[0].text) else {
                throw Self.failure(
                    function, "time: invalid duration \(LogQLText.quote(arguments[0].text))")
            }
            return .double(nanos / 1e9)
        default: return try time(function, arguments)
        }
    }

    private static func rounded(_ value: Double, places: Int64) -> Double {
        let digits = Int(max(-300, min(300, places)))
        var scale = 1.0
        for _ in 0..<abs(digits) { scale *= 10 }
        return digits >= 0
            ? (value * scale).rounded(.toNearestOrAwayFromZero) / scale
            : (value / scale).rounded(.toNearestOrAwayFromZero) * scale
    }

    private func time(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(Failure) -> TemplateValue {
        func nanos(_ index: Int) -> Int64 {
            switch arguments[index] {
            case .time(let nanos): nanos
            case .int(let seconds): seconds &* 1_000_000_000
            default: 0
            }
        }
        switch function {
        case .now: return .time(now)
        case .timestamp: return .time(row.time)
        case .date: return .text(GoTime.text(nanos(1), layout: arguments[0].text))
        case .toDate, .toDateInZone:
            guard let last = arguments.last?.text,
                let nanos = GoTime.nanos(last, layout: arguments[0].text)
            else { throw Self.failure(function, "cannot parse the time") }
            return .time(nanos)
        case .unixEpoch: return .text(String(nanos(0).flooredQuotient(1_000_000_000)))
        case .unixEpochMillis: return .text(String(nanos(0).flooredQuotient(1_000_000)))
        case .unixEpochNanos: return .text(String(nanos(0)))
        case .unixToTime:
            let digits = arguments[0].text
            guard let value = Int64(digits) else {
                throw Self.failure(function, "unable to parse time '\(digits)'")
            }
            let factor: Int64
            switch digits.utf8.count {
            case 5: factor = 86_400_000_000_000
            case 10: factor = 1_000_000_000
            case 13: factor = 1_000_000
            case 16: factor = 1_000
            case 19: factor = 1
            default: throw Self.failure(function, "unable to parse time '\(digits)'")
            }
            return .time(value &* factor)
        default: return .none
        }
    }
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        self >= 0 || self % divisor == 0 ? self / divisor : self / divisor - 1
    }
}
