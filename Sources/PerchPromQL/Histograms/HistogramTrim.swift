import PerchModel

extension NativeHistogram {
    /// Drops the observations above a value, or below it; of the bucket that it cuts, a part.
    func trimmed(at value: Double, keepsLower: Bool) -> NativeHistogram {
        var result = self
        var isTrimmed = false
        var total = 0.0
        var newSum = 0.0
        var hasObservations = (positive: false, negative: false)
        for isPositive in [true, false] {
            let buckets = buckets(isPositive: isPositive)
            var counts = isPositive ? positiveCounts : negativeCounts
            for (index, bucket) in buckets.enumerated() where bucket.count != 0 {
                if isPositive {
                    hasObservations.positive = true
                } else {
                    hasObservations.negative = true
                }
                let (kept, middle) = trim(
                    bucket, at: value, keepsLower: keepsLower, isPositive: isPositive)
                if kept != bucket.count {
                    counts[index] = kept
                    isTrimmed = true
                }
                total += kept
                newSum += middle * kept
            }
            if isPositive { result.positiveCounts = counts } else { result.negativeCounts = counts }
        }
        if zeroCount > 0 {
            let (kept, middle) = trimZero(
                at: value, keepsLower: keepsLower, hasObservations.positive,
                hasObservations.negative)
            if kept != zeroCount {
                result.zeroCount = kept
                isTrimmed = true
            }
            total += kept
            newSum += middle * kept
        }
        guard isTrimmed else { return self }
        result.isInteger = false
        result.count = total
        result.sum = newSum
        result.compact()
        return result
    }

    /// How much of a bucket stays, and where its middle lies.
    private func trim(
        _ bucket: HistogramBucket, at value: Double, keepsLower: Bool, isPositive: Bool
    ) -> (kept: Double, middle: Double) {
        func middle(_ lower: Double, _ upper: Double) -> Double {
            Self.middle(lower, upper, isPositive: isPositive, isLinear: usesCustomBounds)
        }
        let isWhole = keepsLower ? bucket.upper <= value : bucket.lower >= value
        if isWhole { return (bucket.count, middle(bucket.lower, bucket.upper)) }
        let isCut = keepsLower ? bucket.lower < value : bucket.upper > value
        guard isCut else { return (0, 0) }
        if bucket.lower == -.infinity || bucket.upper == .infinity {
            return Self.trimEndless(bucket, at: value, keepsLower: keepsLower)
        }
        let below: Double
        if value <= bucket.lower {
            below = 0
        } else if value >= bucket.upper {
            below = bucket.count
        } else {
            below = bucket.count * bucket.fraction(below: value, isLinear: usesCustomBounds)
        }
        return keepsLower
            ? (below, middle(bucket.lower, value))
            : (bucket.count - below, middle(value, bucket.upper))
    }

    /// Of a bucket without end it is not known how much lies where.
    private static func trimEndless(
        _ bucket: HistogramBucket, at value: Double, keepsLower: Bool
    ) -> (kept: Double, middle: Double) {
        func finite(_ bound: Double) -> Double { bound.isInfinite ? 0 : bound }
        if bucket.lower == -.infinity {
            if keepsLower {
                if value >= bucket.upper { return (bucket.count, 0) }
                if value > 0, bucket.upper > 0, bucket.upper != .infinity {
                    return (bucket.count * value / bucket.upper, value / 2)
                }
                return bucket.upper <= 0 ? (bucket.count, value) : (0, finite(bucket.upper))
            }
            if value <= bucket.lower { return (bucket.count, 0) }
            if value >= 0, bucket.upper > value, bucket.upper != .infinity {
                return (bucket.count * (1 - value / bucket.upper), (value + bucket.upper) / 2)
            }
            return (0, finite(bucket.upper))
        }
        if !keepsLower, value >= bucket.lower { return (bucket.count, value) }
        return (0, finite(bucket.lower))
    }

    private func trimZero(
        at value: Double, keepsLower: Bool, _ hasPositive: Bool, _ hasNegative: Bool
    ) -> (kept: Double, middle: Double) {
        let upper = hasNegative && !hasPositive ? 0 : zeroThreshold
        let lower = hasPositive && !hasNegative ? 0 : -zeroThreshold
        if keepsLower {
            if value <= lower { return (0, 0) }
            if value >= upper { return (zeroCount, (lower + upper) / 2) }
            return (zeroCount * ((value - lower) / (upper - lower)), (lower + value) / 2)
        }
        if value <= lower { return (zeroCount, (lower + upper) / 2) }
        if value >= upper { return (0, 0) }
        return (zeroCount * ((upper - value) / (upper - lower)), (value + upper) / 2)
    }

    private static func middle(
        _ lower: Double, _ upper: Double, isPositive: Bool, isLinear: Bool
    ) -> Double {
        if lower.isInfinite {
            if upper.isInfinite { return 0 }
            return upper > 0 ? upper / 2 : upper
        }
        if upper.isInfinite { return lower }
        if isLinear { return (lower + upper) / 2 }
        let root = (lower * upper).magnitude.squareRoot()
        return isPositive ? root : -root
    }
}
