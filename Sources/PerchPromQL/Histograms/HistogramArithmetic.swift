import PerchModel

/// What is to be said about two histograms that were put together.
struct HistogramOutcome: Sendable, Hashable {
    /// One says that the counter was reset, the other that it was not.
    var hasResetCollision = false
    /// Their custom bounds differed, so that only common ones are left.
    var hasReconciledBounds = false
}

extension NativeHistogram {
    /// Multiplies all counts and the sum.
    mutating func multiply(by factor: Double) {
        isInteger = false
        zeroCount *= factor
        count *= factor
        sum *= factor
        for index in positiveCounts.indices { positiveCounts[index] *= factor }
        for index in negativeCounts.indices { negativeCounts[index] *= factor }
        if factor < 0 { resetHint = .gauge }
    }

    /// Divides all counts and the sum; a division by zero leaves no buckets.
    mutating func divide(by divisor: Double) {
        isInteger = false
        zeroCount /= divisor
        count /= divisor
        sum /= divisor
        guard divisor != 0 else {
            (positiveSpans, positiveCounts, negativeSpans, negativeCounts) = ([], [], [], [])
            return
        }
        for index in positiveCounts.indices { positiveCounts[index] /= divisor }
        for index in negativeCounts.indices { negativeCounts[index] /= divisor }
        if divisor < 0 { resetHint = .gauge }
    }

    /// Adds another histogram; nil, and nothing is changed, where one has custom bounds and the
    /// other has not.
    mutating func add(_ other: NativeHistogram) -> HistogramOutcome? {
        combine(other, isNegative: false)
    }

    /// Subtracts another histogram, as ``add(_:)`` adds it.
    mutating func subtract(_ other: NativeHistogram) -> HistogramOutcome? {
        combine(other, isNegative: true)
    }

    private mutating func combine(
        _ other: NativeHistogram, isNegative: Bool
    ) -> HistogramOutcome? {
        var sum = HistogramSum(self)
        guard let outcome = sum.add(other, isNegative: isNegative, isCompensated: false) else {
            return nil
        }
        self = sum.value
        return outcome
    }

    /// Takes over what is known of resets; true when the two contradict each other.
    mutating func adoptResetHint(of other: NativeHistogram) -> Bool {
        switch (resetHint, other.resetHint) {
        case let (own, theirs) where own == theirs: return false
        case (.gauge, _): return false
        case (_, .gauge): resetHint = .gauge
        case (.unknown, _): return false
        case (_, .unknown): resetHint = .unknown
        default:
            resetHint = .unknown
            return true
        }
        return false
    }

    /// The same histogram with buckets of a coarser schema.
    func reduced(to target: Int32) -> NativeHistogram {
        guard !usesCustomBounds, target < schema else { return self }
        var result = self
        let shift = Int(schema) - Int(target)
        result.positive = positive.reduced(by: shift)
        result.negative = negative.reduced(by: shift)
        result.schema = target
        return result
    }

    /// What would be in the zero bucket with a larger threshold, and the threshold, which grows to
    /// the end of a bucket that it would cut.
    func zeroCount(forThreshold wanted: Double) -> (count: Double, threshold: Double) {
        guard wanted > zeroThreshold else { return (zeroCount, zeroThreshold) }
        let positive = buckets(isPositive: true)
        let negative = buckets(isPositive: false)
        var threshold = wanted
        while true {
            var total = KahanSum(zeroCount)
            for bucket in positive {
                if bucket.lower >= threshold { break }
                total.add(bucket.count)
                if bucket.upper > threshold {
                    if bucket.count != 0 { threshold = bucket.upper }
                    break
                }
            }
            var isAgain = false
            for bucket in negative {
                if bucket.upper <= -threshold { break }
                total.add(bucket.count)
                if bucket.lower < -threshold {
                    // The positive side was counted with a threshold that is too small now.
                    if bucket.count != 0 {
                        threshold = -bucket.lower
                        isAgain = true
                    }
                    break
                }
            }
            if !isAgain { return (total.sum, threshold) }
        }
    }

    /// Widens the zero bucket to a threshold that is the end of a bucket.
    mutating func widenZeroBucket(to threshold: Double, count: Double) {
        zeroThreshold = threshold
        zeroCount = count
        positive = Self.dropping(positive) {
            Self.exponentialBound($0 - 1, schema: schema) < threshold
        }
        negative = Self.dropping(negative) {
            Self.exponentialBound($0 - 1, schema: schema) < threshold
        }
    }

    private static func dropping(
        _ list: BucketList, _ isInZeroBucket: (Int) -> Bool
    ) -> BucketList {
        let first = list.indexes.firstIndex { !isInZeroBucket($0) } ?? list.indexes.count
        return BucketList(
            indexes: Array(list.indexes[first...]), counts: Array(list.counts[first...])
        ).compacted
    }

    /// Whether a count or the sum is too large for a double.
    var hasOverflow: Bool {
        zeroCount.isInfinite || count.isInfinite || sum.isInfinite
            || positiveCounts.contains { $0.isInfinite }
            || negativeCounts.contains { $0.isInfinite }
    }

    /// The bounds that both have.
    static func commonBounds(_ left: [Double], _ right: [Double]) -> [Double] {
        var common: [Double] = []
        var (l, r) = (0, 0)
        while l < left.count, r < right.count {
            if left[l] == right[r] {
                common.append(left[l])
                (l, r) = (l + 1, r + 1)
            } else if left[l] < right[r] {
                l += 1
            } else {
                r += 1
            }
        }
        return common
    }

    /// The bucket among `bounds` into which each of this histogram's custom buckets falls.
    func customTargets(_ bounds: [Double]) -> [Int] {
        var target = 0
        return positive.indexes.map { index in
            guard (0..<customBounds.count).contains(index) else { return bounds.count }
            while target < bounds.count, bounds[target] < customBounds[index] { target += 1 }
            return target
        }
    }
}
