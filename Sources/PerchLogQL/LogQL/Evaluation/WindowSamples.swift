/// The values of one series, with their times.
struct WindowSamples: Sendable {
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// Nil as long as all are 1.
    private(set) var weights: [Int64]?

    mutating func append(_ time: Int64, _ value: Double, weight: Int64) {
        if weight != 1, weights == nil { weights = [Int64](repeating: 1, count: times.count) }
        times.append(time)
        values.append(value)
        weights?.append(weight)
    }

    mutating func append(_ other: WindowSamples) {
        if other.weights != nil, weights == nil {
            weights = [Int64](repeating: 1, count: times.count)
        }
        if weights != nil {
            weights?.append(
                contentsOf: other.weights ?? [Int64](repeating: 1, count: other.times.count))
        }
        times.append(contentsOf: other.times)
        values.append(contentsOf: other.values)
    }

    /// By time, then by value, so that the order of arrival does not show.
    mutating func sort() {
        let order = times.indices.sorted {
            times[$0] != times[$1] ? times[$0] < times[$1] : values[$0] < values[$1]
        }
        times = order.map { times[$0] }
        values = order.map { values[$0] }
        weights = weights.map { weights in order.map { weights[$0] } }
    }

    /// The result of a function for each step.
    mutating func evaluate(
        _ plan: RangePlan, check: () throws(LogQLFailure) -> Void
    ) throws(LogQLFailure) -> [Double] {
        let window = plan.window
        let needsOrder: Bool
        switch plan.function {
        case .firstOverTime, .lastOverTime, .rateCounter: needsOrder = true
        default: needsOrder = window.count > 1
        }
        if needsOrder { sort() }
        guard needsOrder else {
            return [times.isEmpty ? SeriesTable.absent : value(plan, 0..<times.count)]
        }
        var result: [Double] = []
        var low = 0
        var high = 0
        for step in 0..<window.count {
            let end = window.time(step)
            let (start, isTooEarly) = end.subtractingReportingOverflow(window.range)
            while high < times.count, times[high] <= end { high += 1 }
            while low < high, !isTooEarly, times[low] <= start { low += 1 }
            if step % 64 == 0 || high - low > 10_000 { try check() }
            result.append(low == high ? SeriesTable.absent : value(plan, low..<high))
        }
        return result
    }

    private func weight(_ index: Int) -> Double { Double(weights?[index] ?? 1) }

    private func sum(_ range: Range<Int>) -> Double {
        var sum = 0.0
        for index in range { sum += values[index] * weight(index) }
        return sum
    }

    private func value(_ plan: RangePlan, _ range: Range<Int>) -> Double {
        switch plan.function {
        case .rate: return sum(range) / plan.window.rangeSeconds
        case .sumOverTime: return sum(range)
        case .averageOverTime: return sum(range) / count(range)
        case .minOverTime: return values[range].reduce(.nan) { $1 < $0 || $0.isNaN ? $1 : $0 }
        case .maxOverTime: return values[range].reduce(.nan) { $1 > $0 || $0.isNaN ? $1 : $0 }
        case .varianceOverTime: return variance(range)
        case .deviationOverTime: return variance(range).squareRoot()
        case .firstOverTime: return values[range.lowerBound]
        case .lastOverTime: return values[range.upperBound - 1]
        case .quantileOverTime: return quantile(plan.parameter, range)
        case .rateCounter: return counterRate(plan, range)
        case .countOverTime, .bytesRate, .bytesOverTime, .absentOverTime: return count(range)
        }
    }

    private func count(_ range: Range<Int>) -> Double {
        guard let weights else { return Double(range.count) }
        return range.reduce(0.0) { $0 + Double(weights[$1]) }
    }

    /// Source: Welford's method, with weights.
    private func variance(_ range: Range<Int>) -> Double {
        var count = 0.0
        var mean = 0.0
        var squares = 0.0
        for index in range {
            count += weight(index)
            let distance = values[index] - mean
            mean += distance * weight(index) / count
            squares += weight(index) * distance * (values[index] - mean)
        }
        return squares / count
    }

    /// Between the two nearest ranks, in proportion, as Prometheus' quantiles are.
    private func quantile(_ quantile: Double, _ range: Range<Int>) -> Double {
        if quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        guard weights == nil else { return weightedQuantile(quantile, range) }
        let rank = quantile * Double(range.count - 1)
        let lower = max(0, min(range.count - 1, Int(rank.rounded(.down))))
        let upper = min(range.count - 1, lower + 1)
        var part = Array(values[range])
        let low = Selection.value(at: lower, of: &part)
        let high = upper == lower ? low : part[(lower + 1)...].min() ?? low
        let share = rank - rank.rounded(.down)
        return low * (1 - share) + high * share
    }

    private func weightedQuantile(_ quantile: Double, _ range: Range<Int>) -> Double {
        let order = range.sorted { values[$0] < values[$1] }
        let rank = quantile * (count(range) - 1)
        let lower = rank.rounded(.down)
        func value(at rank: Double) -> Double {
            var seen = 0.0
            for index in order {
                seen += weight(index)
                if rank < seen { return values[index] }
            }
            return order.last.map { values[$0] } ?? .nan
        }
        let share = rank - lower
        return value(at: lower) * (1 - share) + value(at: lower + 1) * share
    }

    /// Source: Prometheus' extrapolation of a counter's rate to its window.
    private func counterRate(_ plan: RangePlan, _ range: Range<Int>) -> Double {
        guard range.count > 1 else { return 0 }
        let first = range.lowerBound
        let last = range.upperBound - 1
        var increase = values[last] - values[first]
        for index in range.dropFirst() where values[index] < values[index - 1] {
            increase += values[index - 1]
        }
        let sampled = Double(times[last] &- times[first]) / 1e9
        guard sampled > 0 else { return 0 }
        // The window of a row's own step ends where the last row is, as Loki has it.
        var toStart = plan.window.rangeSeconds
        let average = sampled / Double(range.count - 1)
        if increase > 0, values[first] >= 0 {
            toStart = min(toStart, sampled * (values[first] / increase))
        }
        let reach = sampled + (toStart < average * 1.1 ? toStart : average / 2)
        return increase * (reach / sampled) / plan.window.rangeSeconds
    }
}

/// Picks the value of a rank without sorting all.
enum Selection {
    /// The value at a rank; those before it are then not larger, those behind it not smaller.
    static func value(at rank: Int, of values: inout [Double]) -> Double {
        var low = 0
        var high = values.count - 1
        var rounds = 0
        while low < high {
            rounds += 1
            if rounds > 64 {
                // An unlucky order: sorting what is left ends it.
                values[low...high].sort()
                break
            }
            let pivot = median(values[low], values[(low + high) / 2], values[high])
            var left = low
            var right = high
            while left <= right {
                while values[left] < pivot { left += 1 }
                while values[right] > pivot { right -= 1 }
                if left <= right {
                    values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if rank <= right {
                high = right
            } else if rank >= left {
                low = left
            } else {
                break
            }
        }
        return values[rank]
    }

    private static func median(_ a: Double, _ b: Double, _ c: Double) -> Double {
        max(min(a, b), min(max(a, b), c))
    }
}
