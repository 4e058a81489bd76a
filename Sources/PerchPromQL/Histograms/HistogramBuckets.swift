import PerchModel

/// One bucket of a histogram.
struct HistogramBucket: Sendable, Hashable {
    var lower: Double
    var upper: Double
    var includesLower: Bool
    var includesUpper: Bool
    var count: Double

    /// How much of the bucket lies at or below a value within it, from 0 to 1.
    ///
    /// Observations are taken to lie evenly, on a linear or on a logarithmic scale.
    func fraction(below value: Double, isLinear: Bool) -> Double {
        if isLinear { return (value - lower) / (upper - lower) }
        let logLower = Mathematics.logarithm2(lower.magnitude)
        let logUpper = Mathematics.logarithm2(upper.magnitude)
        let logValue = Mathematics.logarithm2(value.magnitude)
        if value > 0 { return (logValue - logLower) / (logUpper - logLower) }
        return 1 - (logValue - logUpper) / (logLower - logUpper)
    }
}

/// The buckets of one side: where they are and what is in them.
struct BucketList: Sendable, Hashable {
    /// Ascending.
    var indexes: [Int]
    var counts: [Double]

    init(indexes: [Int], counts: [Double]) {
        self.indexes = indexes
        self.counts = counts
    }

    init(_ spans: [NativeHistogram.Span], _ counts: [Double]) {
        indexes = NativeHistogram.indexes(spans, count: counts.count)
        self.counts = counts
        if indexes.count < counts.count { self.counts.removeLast(counts.count - indexes.count) }
    }

    var spans: [NativeHistogram.Span] { NativeHistogram.spans(indexes: indexes) }

    /// The buckets that are not empty.
    var compacted: BucketList {
        guard counts.contains(0) else { return self }
        let kept = counts.indices.filter { counts[$0] != 0 }
        return BucketList(indexes: kept.map { indexes[$0] }, counts: kept.map { counts[$0] })
    }

    /// The same observations in buckets 2^`shift` times as wide.
    func reduced(by shift: Int) -> BucketList {
        guard shift > 0 else { return self }
        var result = BucketList(indexes: [], counts: [])
        for (index, count) in zip(indexes, counts) {
            let target = ((index - 1) >> shift) + 1
            if result.indexes.last == target {
                result.counts[result.counts.count - 1] += count
            } else {
                result.indexes.append(target)
                result.counts.append(count)
            }
        }
        return result
    }
}

extension NativeHistogram {
    var positive: BucketList {
        get { BucketList(positiveSpans, positiveCounts) }
        set { (positiveSpans, positiveCounts) = (newValue.spans, newValue.counts) }
    }

    var negative: BucketList {
        get { BucketList(negativeSpans, negativeCounts) }
        set { (negativeSpans, negativeCounts) = (newValue.spans, newValue.counts) }
    }

    /// How many samples a histogram counts for where samples are limited.
    var sampleCount: Int {
        10 + (positiveCounts.count + negativeCounts.count + customBounds.count) / 2
    }

    /// The upper bound of a bucket with powers of two.
    static func exponentialBound(_ index: Int, schema: Int32) -> Double {
        // The bound of the last finite bucket would come out as infinity.
        guard schema >= 0 else {
            let exponent = index << -Int(schema)
            if exponent == 1024 { return .greatestFiniteMagnitude }
            return Double(sign: .plus, exponent: exponent, significand: 1)
        }
        let shift = Int(schema)
        let part = index & ((1 << shift) - 1)
        let exponent = index >> shift
        if part == 0, exponent == 1024 { return .greatestFiniteMagnitude }
        return Double(
            sign: .plus, exponent: exponent,
            significand: Mathematics.powerOfTwo(Double(part) / Double(1 << shift)))
    }

    /// The upper bound of a bucket.
    func bound(_ index: Int) -> Double {
        guard usesCustomBounds else { return Self.exponentialBound(index, schema: schema) }
        if index < 0 { return -.infinity }
        return index < customBounds.count ? customBounds[index] : .infinity
    }

    func bucket(_ index: Int, _ count: Double, isPositive: Bool) -> HistogramBucket {
        let (near, far) = (bound(index - 1), bound(index))
        let (lower, upper) = isPositive ? (near, far) : (-far, -near)
        return HistogramBucket(
            lower: lower, upper: upper,
            includesLower: usesCustomBounds ? index == 0 : lower < 0,
            includesUpper: usesCustomBounds || upper > 0, count: count)
    }

    var zeroBucket: HistogramBucket {
        HistogramBucket(
            lower: -zeroThreshold, upper: zeroThreshold, includesLower: true, includesUpper: true,
            count: zeroCount)
    }

    /// The positive or the negative buckets, the one next to zero first.
    func buckets(isPositive: Bool) -> [HistogramBucket] {
        let list = isPositive ? positive : negative
        return zip(list.indexes, list.counts).map { bucket($0, $1, isPositive: isPositive) }
    }

    /// All buckets from the lowest to the highest; those that overlap the zero bucket begin or end
    /// where it does.
    var allBuckets: [HistogramBucket] {
        var result = buckets(isPositive: false)
        result.reverse()
        let middle = result.count
        result.append(contentsOf: buckets(isPositive: true))
        for index in result.indices {
            if result[index].upper < 0, result[index].upper > -zeroThreshold {
                result[index].upper = -zeroThreshold
            } else if result[index].lower > 0, result[index].lower < zeroThreshold {
                result[index].lower = zeroThreshold
            }
        }
        if zeroCount > 0, !usesCustomBounds { result.insert(zeroBucket, at: middle) }
        return result
    }

    /// Drops empty buckets.
    mutating func compact() {
        if positiveCounts.contains(0) || positiveSpans.count > 1 { positive = positive.compacted }
        if negativeCounts.contains(0) || negativeSpans.count > 1 { negative = negative.compacted }
    }

    func compacted() -> NativeHistogram {
        var result = self
        result.compact()
        return result
    }

    /// Whether both hold the same data, bit by bit.
    func isSame(as other: NativeHistogram) -> Bool {
        schema == other.schema && count.bitPattern == other.count.bitPattern
            && sum.bitPattern == other.sum.bitPattern && customBounds == other.customBounds
            && zeroThreshold == other.zeroThreshold
            && zeroCount.bitPattern == other.zeroCount.bitPattern
            && Self.isSame(positive, other.positive) && Self.isSame(negative, other.negative)
    }

    private static func isSame(_ left: BucketList, _ right: BucketList) -> Bool {
        left.indexes == right.indexes
            && left.counts.elementsEqual(right.counts) { $0.bitPattern == $1.bitPattern }
    }
}
