import PerchModel

/// A histogram to which others are added, with what rounding loses kept beside it.
struct HistogramSum {
    private(set) var value: NativeHistogram
    /// Of each bucket in the layout of `value`.
    private var positiveRest: [Double]
    private var negativeRest: [Double]
    private var zeroRest = 0.0
    private var countRest = 0.0
    private var sumRest = 0.0

    init(_ value: NativeHistogram) {
        self.value = value
        positiveRest = [Double](repeating: 0, count: value.positiveCounts.count)
        negativeRest = [Double](repeating: 0, count: value.negativeCounts.count)
    }

    /// Adds or subtracts; nil, and nothing is changed, where the buckets do not go together.
    mutating func add(
        _ other: NativeHistogram, isNegative: Bool = false, isCompensated: Bool = true
    ) -> HistogramOutcome? {
        guard value.usesCustomBounds == other.usesCustomBounds else { return nil }
        var outcome = HistogramOutcome()
        outcome.hasResetCollision = value.adoptResetHint(of: other)
        value.isInteger = value.isInteger && other.isInteger && !isNegative
        let sign = isNegative ? -1.0 : 1.0
        if value.usesCustomBounds {
            outcome.hasReconciledBounds = addCustom(other, sign, isCompensated)
        } else {
            addExponential(other, sign, isCompensated)
        }
        Self.add(sign * other.count, to: &value.count, &countRest, isCompensated)
        Self.add(sign * other.sum, to: &value.sum, &sumRest, isCompensated)
        return outcome
    }

    private static func add(
        _ addend: Double, to total: inout Double, _ rest: inout Double, _ isCompensated: Bool
    ) {
        guard isCompensated else {
            total += addend
            return
        }
        var sum = KahanSum(total, compensation: rest)
        sum.add(addend)
        (total, rest) = (sum.sum, sum.compensation)
    }

    private mutating func addCustom(
        _ other: NativeHistogram, _ sign: Double, _ isCompensated: Bool
    ) -> Bool {
        if value.customBounds == other.customBounds {
            Self.add(
                other.positive, sign, to: &value.positiveSpans, &value.positiveCounts,
                &positiveRest, isCompensated)
            return false
        }
        let bounds = NativeHistogram.commonBounds(value.customBounds, other.customBounds)
        var counts = [Double](repeating: 0, count: bounds.count + 1)
        var rest = counts
        for (position, target) in value.customTargets(bounds).enumerated() {
            Self.add(value.positiveCounts[position], to: &counts[target], &rest[target], true)
            Self.add(positiveRest[position], to: &counts[target], &rest[target], true)
        }
        for (position, target) in other.customTargets(bounds).enumerated() {
            Self.add(
                sign * other.positiveCounts[position], to: &counts[target], &rest[target], true)
        }
        let kept = counts.indices.filter { counts[$0] != 0 || rest[$0] != 0 }
        value.positive = BucketList(indexes: kept, counts: kept.map { counts[$0] })
        positiveRest = kept.map { rest[$0] }
        value.customBounds = bounds
        return true
    }

    private mutating func addExponential(
        _ other: NativeHistogram, _ sign: Double, _ isCompensated: Bool
    ) {
        var other = other
        if other.zeroThreshold != value.zeroThreshold { reconcileZeroBuckets(&other) }
        Self.add(sign * other.zeroCount, to: &value.zeroCount, &zeroRest, isCompensated)
        if other.schema < value.schema { reduce(to: other.schema) }
        other = other.reduced(to: value.schema)
        Self.add(
            other.positive, sign, to: &value.positiveSpans, &value.positiveCounts, &positiveRest,
            isCompensated)
        Self.add(
            other.negative, sign, to: &value.negativeSpans, &value.negativeCounts, &negativeRest,
            isCompensated)
    }

    /// Finds a threshold that cuts no bucket that is not empty, and gives it to both.
    private mutating func reconcileZeroBuckets(_ other: inout NativeHistogram) {
        settle()
        while other.zeroThreshold != value.zeroThreshold {
            if value.zeroThreshold > other.zeroThreshold {
                let (count, threshold) = other.zeroCount(forThreshold: value.zeroThreshold)
                other.widenZeroBucket(to: threshold, count: count)
            }
            if other.zeroThreshold > value.zeroThreshold {
                let (count, threshold) = value.zeroCount(forThreshold: other.zeroThreshold)
                value.widenZeroBucket(to: threshold, count: count)
            }
        }
        self = HistogramSum(value)
    }

    /// Puts what was kept aside into the counts, before the layout changes.
    private mutating func settle() {
        for index in value.positiveCounts.indices {
            value.positiveCounts[index] += positiveRest[index]
        }
        for index in value.negativeCounts.indices {
            value.negativeCounts[index] += negativeRest[index]
        }
        value.zeroCount += zeroRest
        value.count += countRest
        value.sum += sumRest
    }

    private mutating func reduce(to schema: Int32) {
        let shift = Int(value.schema) - Int(schema)
        positiveRest =
            BucketList(indexes: value.positive.indexes, counts: positiveRest).reduced(by: shift)
            .counts
        negativeRest =
            BucketList(indexes: value.negative.indexes, counts: negativeRest).reduced(by: shift)
            .counts
        value = value.reduced(to: schema)
    }

    /// Adds buckets of the same schema; those that are missing are made.
    private static func add(
        _ other: BucketList, _ sign: Double, to spans: inout [NativeHistogram.Span],
        _ counts: inout [Double], _ rest: inout [Double], _ isCompensated: Bool
    ) {
        guard !other.indexes.isEmpty else { return }
        let own = BucketList(spans, counts)
        guard own.indexes != other.indexes else {
            for index in other.counts.indices {
                add(sign * other.counts[index], to: &counts[index], &rest[index], isCompensated)
            }
            return
        }
        var result = BucketList(indexes: [], counts: [])
        var resultRest: [Double] = []
        var (l, r) = (0, 0)
        while l < own.indexes.count || r < other.indexes.count {
            let left = l < own.indexes.count ? own.indexes[l] : .max
            let right = r < other.indexes.count ? other.indexes[r] : .max
            var total = left <= right ? own.counts[l] : 0
            var totalRest = left <= right ? rest[l] : 0
            if right <= left {
                add(sign * other.counts[r], to: &total, &totalRest, isCompensated)
                r += 1
            }
            if left <= right { l += 1 }
            result.indexes.append(min(left, right))
            result.counts.append(total)
            resultRest.append(totalRest)
        }
        (spans, counts, rest) = (result.spans, result.counts, resultRest)
    }

    // MARK: Means

    /// Multiplies the sum and what was kept aside.
    mutating func multiply(by factor: Double) {
        value.multiply(by: factor)
        scaleRest { $0 * factor }
    }

    /// Divides the sum and what was kept aside.
    mutating func divide(by divisor: Double) {
        value.divide(by: divisor)
        scaleRest { $0 / divisor }
        if divisor == 0 { (positiveRest, negativeRest) = ([], []) }
    }

    private mutating func scaleRest(_ scale: (Double) -> Double) {
        positiveRest = positiveRest.map(scale)
        negativeRest = negativeRest.map(scale)
        zeroRest = scale(zeroRest)
        countRest = scale(countRest)
        sumRest = scale(sumRest)
    }

    /// The sum with what was kept aside.
    var total: NativeHistogram {
        var copy = self
        copy.settle()
        return copy.value
    }
}
