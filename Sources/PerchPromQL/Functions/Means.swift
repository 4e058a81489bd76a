import PerchModel

/// A mean of numbers one after the other.
///
/// Sums up as long as the sum is finite, since that is the most exact; then goes on with the mean
/// itself.
struct RunningMean: Sendable {
    private var sum = KahanSum()
    private var count = 0.0
    private var isIncremental = false

    init() {}

    mutating func add(_ value: Double) {
        count += 1
        if count == 1 {
            sum.sum = value
            return
        }
        if !isIncremental {
            var next = sum
            next.add(value)
            if !next.sum.isInfinite {
                sum = next
                return
            }
            isIncremental = true
            sum.sum /= count - 1
            sum.compensation /= count - 1
        }
        let part = (count - 1) / count
        sum = KahanSum(part * sum.sum, compensation: part * sum.compensation)
        sum.add(value / count)
    }

    var value: Double {
        isIncremental
            ? sum.sum + sum.compensation : sum.sum / count + sum.compensation / count
    }
}

/// A mean of histograms one after the other, as ``RunningMean`` is one of numbers.
struct HistogramMean {
    private var sum: HistogramSum
    private var count = 1.0
    private var isIncremental = false

    init(_ first: NativeHistogram) { sum = HistogramSum(first) }

    /// Adds a histogram; nil where the buckets do not go together.
    mutating func add(_ histogram: NativeHistogram) -> HistogramOutcome? {
        count += 1
        if !isIncremental {
            var next = sum
            guard let outcome = next.add(histogram) else { return nil }
            if !next.value.hasOverflow {
                sum = next
                return outcome
            }
            isIncremental = true
            sum.divide(by: count - 1)
        }
        sum.multiply(by: (count - 1) / count)
        var part = histogram
        part.divide(by: count)
        return sum.add(part)
    }

    var value: NativeHistogram {
        var result = sum
        if !isIncremental { result.divide(by: count) }
        return result.total
    }
}
