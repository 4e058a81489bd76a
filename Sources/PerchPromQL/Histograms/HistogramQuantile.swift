import PerchModel

/// A remark that a calculation over a histogram's buckets makes.
enum HistogramRemark: Sendable, Hashable {
    case quantileIsNaN
    case quantileIsSkewed
    case fractionLeavesOutNaN
}

extension NativeHistogram {
    /// The value below which the part `quantile` of all observations lies.
    func quantile(_ quantile: Double) -> (value: Double, remark: HistogramRemark?) {
        if quantile < 0 { return (-.infinity, nil) }
        if quantile > 1 { return (.infinity, nil) }
        guard count != 0, !quantile.isNaN else { return (.nan, nil) }
        // Observations of NaN are in no bucket, so that ranks hold only from below.
        let isForward = sum.isNaN || quantile < 0.5
        var rank = isForward ? quantile * count : (1 - quantile) * count
        var buckets = allBuckets
        if !isForward { buckets.reverse() }
        var bucket = HistogramBucket(
            lower: 0, upper: 0, includesLower: false, includesUpper: false, count: 0)
        var seen = 0.0
        var next = 0
        while next < buckets.count {
            bucket = buckets[next]
            next += 1
            if bucket.count == 0 { continue }
            seen += bucket.count
            if seen >= rank { break }
        }
        if let value = adjust(&bucket) { return (value, nil) }
        seen = min(seen, count)
        if seen < rank {
            return sum.isNaN ? (.nan, .quantileIsNaN) : (bucket.upper, nil)
        }
        rank = isForward ? rank - (seen - bucket.count) : seen - rank
        var remark: HistogramRemark?
        if sum.isNaN, buckets[next...].reduce(seen, { $0 + $1.count }) < count {
            remark = .quantileIsSkewed
        }
        let fraction = rank / bucket.count
        if usesCustomBounds || (bucket.lower <= 0 && bucket.upper >= 0) {
            return (bucket.lower + (bucket.upper - bucket.lower) * fraction, remark)
        }
        // Bounds grow by a factor, so the interpolation is linear in their logarithms.
        let logLower = Mathematics.logarithm2(bucket.lower.magnitude)
        let logUpper = Mathematics.logarithm2(bucket.upper.magnitude)
        return bucket.lower > 0
            ? (Mathematics.powerOfTwo(logLower + (logUpper - logLower) * fraction), remark)
            : (-Mathematics.powerOfTwo(logUpper + (logLower - logUpper) * (1 - fraction)), remark)
    }

    /// Narrows a bucket whose one bound says nothing; a value when that is the quantile.
    private func adjust(_ bucket: inout HistogramBucket) -> Double? {
        if usesCustomBounds {
            if bucket.lower == -.infinity {
                if bucket.upper <= 0 { return bucket.upper }
                bucket.lower = 0
            } else if bucket.upper == .infinity {
                return bucket.lower
            }
        } else if bucket.lower < 0, bucket.upper > 0 {
            narrowZero(&bucket)
        }
        return nil
    }

    /// With observations on one side only, the zero bucket lies on that side.
    private func narrowZero(_ bucket: inout HistogramBucket) {
        if negativeCounts.isEmpty, !positiveCounts.isEmpty {
            bucket.lower = 0
        } else if positiveCounts.isEmpty, !negativeCounts.isEmpty {
            bucket.upper = 0
        }
    }

    /// The part of all observations that lies between two values.
    func fraction(from lower: Double, to upper: Double) -> (
        value: Double, remark: HistogramRemark?
    ) {
        guard count != 0, !lower.isNaN, !upper.isNaN else { return (.nan, nil) }
        guard lower < upper else { return (0, nil) }
        var rank = 0.0
        var lowerRank: Double?
        var upperRank: Double?
        let buckets = allBuckets
        for var bucket in buckets {
            let isZero = bucket.lower <= 0 && bucket.upper >= 0
            if isZero { narrowZero(&bucket) }
            if lowerRank == nil, bucket.lower >= lower { lowerRank = rank }
            if upperRank == nil, bucket.lower >= upper { upperRank = rank }
            if lowerRank != nil, upperRank != nil { break }
            func within(_ value: Double) -> Double? {
                guard bucket.lower < value, bucket.upper > value else { return nil }
                let isLinear = usesCustomBounds || isZero
                if isLinear, bucket.lower == -.infinity { return bucket.count }
                return rank + bucket.count * bucket.fraction(below: value, isLinear: isLinear)
            }
            if lowerRank == nil { lowerRank = within(lower) }
            if upperRank == nil { upperRank = within(upper) }
            if lowerRank != nil, upperRank != nil { break }
            rank += bucket.count
        }
        var total = count
        var remark: HistogramRemark?
        if sum.isNaN {
            total = buckets.reduce(0) { $0 + $1.count }
            if total < count { remark = .fractionLeavesOutNaN }
        }
        let from = min(lowerRank ?? total, total)
        let to = min(upperRank ?? total, total)
        return ((to - from) / count, remark)
    }

    /// The variance, each observation taken to lie in the middle of its bucket.
    var variance: Double {
        let mean = sum / count
        var total = KahanSum()
        for bucket in allBuckets where bucket.count != 0 {
            let middle: Double
            if usesCustomBounds {
                middle = (bucket.upper + bucket.lower) / 2
            } else if bucket.lower <= 0, bucket.upper >= 0 {
                middle = 0
            } else {
                let root = (bucket.upper * bucket.lower).squareRoot()
                middle = bucket.upper < 0 ? -root : root
            }
            let delta = middle - mean
            total.add(bucket.count * delta * delta)
        }
        return (total.sum + total.compensation) / count
    }
}
