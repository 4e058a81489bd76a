/// The buckets of a classic histogram at one time: how many observations were at most so large.
package struct ClassicBuckets: Sendable {
    struct Bucket: Sendable {
        var upperBound: Double
        var count: Double
    }

    /// What was mended where counts fell.
    struct MonotonicityFix: Sendable {
        var minBucket = Double.infinity
        var maxBucket = -Double.infinity
        var maxDifference = 0.0
    }

    var buckets: [Bucket] = []

    /// Sorts, and puts buckets with the same bound together.
    ///
    /// False without a last bucket that holds everything.
    private mutating func normalize() -> Bool {
        buckets.sort { $0.upperBound < $1.upperBound }
        guard buckets.last?.upperBound == .infinity else { return false }
        var merged: [Bucket] = []
        for bucket in buckets {
            if merged.last?.upperBound == bucket.upperBound {
                merged[merged.count - 1].count += bucket.count
            } else {
                merged.append(bucket)
            }
        }
        buckets = merged
        return true
    }

    /// Raises counts that fall, which rounding or samples of different times can cause.
    private mutating func makeMonotonic() -> MonotonicityFix? {
        var fix: MonotonicityFix?
        var previous = buckets[0].count
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == previous { continue }
            if AlmostEqual.check(previous, count, tolerance: 1e-12) {
                buckets[index].count = previous
            } else if count < previous {
                buckets[index].count = previous
                var now = fix ?? MonotonicityFix()
                now.minBucket = min(now.minBucket, buckets[index].upperBound)
                now.maxBucket = max(now.maxBucket, buckets[index].upperBound)
                now.maxDifference = max(now.maxDifference, previous - count)
                fix = now
            } else {
                previous = count
            }
        }
        return fix
    }

    /// The value below which the part `quantile` of all observations lies.
    mutating func quantile(_ quantile: Double) -> (value: Double, fix: MonotonicityFix?) {
        if quantile.isNaN { return (.nan, nil) }
        if quantile < 0 { return (-.infinity, nil) }
        if quantile > 1 { return (.infinity, nil) }
        guard normalize() else { return (.nan, nil) }
        let fix = makeMonotonic()
        guard buckets.count >= 2 else { return (.nan, fix) }
        let last = buckets.count - 1
        let total = buckets[last].count
        guard total != 0 else { return (.nan, fix) }
        var rank = quantile * total
        let found = (0..<last).first { buckets[$0].count >= rank } ?? last
        if found == last { return (buckets[last - 1].upperBound, fix) }
        if found == 0, buckets[0].upperBound <= 0 { return (buckets[0].upperBound, fix) }
        var start = 0.0
        var count = buckets[found].count
        if found > 0 {
            start = buckets[found - 1].upperBound
            count -= buckets[found - 1].count
            rank -= buckets[found - 1].count
        }
        return (start + (buckets[found].upperBound - start) * (rank / count), fix)
    }

    /// The part of all observations that lies between two values.
    mutating func fraction(from lower: Double, to upper: Double) -> Double {
        guard normalize() else { return .nan }
        let total = buckets.last?.count ?? 0
        guard total != 0, !lower.isNaN, !upper.isNaN else { return .nan }
        guard lower < upper else { return 0 }
        var rank = 0.0
        var lowerRank: Double?
        var upperRank: Double?
        // Buckets that begin above 0 are taken to hold no negative observations.
        var bound = buckets[0].upperBound <= 0 ? -Double.infinity : 0
        for bucket in buckets {
            func within(_ value: Double) -> Double? {
                guard bound < value, bucket.upperBound > value else { return nil }
                if bound == -.infinity { return bucket.count }
                return rank + (bucket.count - rank) * (value - bound)
                    / (bucket.upperBound - bound)
            }
            if lowerRank == nil, bound >= lower { lowerRank = rank }
            if upperRank == nil, bound >= upper { upperRank = rank }
            if lowerRank != nil, upperRank != nil { break }
            if lowerRank == nil { lowerRank = within(lower) }
            if upperRank == nil { upperRank = within(upper) }
            if lowerRank != nil, upperRank != nil { break }
            rank = bucket.count
            bound = bucket.upperBound
        }
        return (min(upperRank ?? total, total) - min(lowerRank ?? total, total)) / total
    }
}

/// Equality of numbers that were calculated.
enum AlmostEqual {
    /// Whether two numbers differ by less than their sum times the tolerance; NaN equals NaN.
    static func check(_ left: Double, _ right: Double, tolerance: Double) -> Bool {
        if StepSeries.isAbsent(left) || StepSeries.isAbsent(right) {
            return StepSeries.isAbsent(left) && StepSeries.isAbsent(right)
        }
        if left.isNaN, right.isNaN { return true }
        if left == right { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        let smallest = Double.leastNormalMagnitude
        if left == 0 || right == 0 || sum < smallest { return difference < tolerance * smallest }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }
}
