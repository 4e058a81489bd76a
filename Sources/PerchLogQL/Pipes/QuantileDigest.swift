/// The values of one group, for quantiles of them.
///
/// Up to a number of values they are kept and the answer is exact. Beyond, values that differ by
/// less than one in a hundred count as one.
struct QuantileDigest: Sendable, Hashable {
    /// Kept values with how many each stands for.
    private var values: [Double] = []
    private var weights: [Int64] = []
    /// Counts by the order of magnitude, once there were too many values to keep.
    private var buckets: [Int32: Int64]?
    private(set) var count: Int64 = 0

    /// The bounds of a bucket differ by this factor.
    private static let base = 1.01

    /// Values kept one by one.
    var keptCount: Int { values.count }

    mutating func add(_ value: Double, weight: Int64) {
        count &+= weight
        guard buckets == nil else {
            buckets?[Self.bucket(value), default: 0] &+= weight
            return
        }
        values.append(value)
        weights.append(weight)
        if values.count > Limits.exactValuesMax { coarsen() }
    }

    mutating func merge(_ other: QuantileDigest) {
        if let added = other.buckets {
            coarsen()
            for (bucket, weight) in added { buckets?[bucket, default: 0] &+= weight }
            count &+= other.count
        } else {
            for (value, weight) in zip(other.values, other.weights) { add(value, weight: weight) }
        }
    }

    /// Gives up the values for counts of their magnitudes.
    mutating func coarsen() {
        guard buckets == nil else { return }
        var counts: [Int32: Int64] = [:]
        for (value, weight) in zip(values, weights) {
            counts[Self.bucket(value), default: 0] &+= weight
        }
        (buckets, values, weights) = (counts, [], [])
    }

    /// The value below which this part of all values is, between two values in proportion; nil
    /// without values.
    func quantile(_ part: Double) -> Double? {
        guard count > 0 else { return nil }
        let sorted: [(value: Double, weight: Int64)] =
            if let buckets {
                buckets.map { (Self.value($0.key), $0.value) }.sorted { $0.0 < $1.0 }
            } else {
                zip(values, weights).map { ($0, $1) }.sorted { $0.0 < $1.0 }
            }
        let rank = part * Double(count - 1)
        let low = rank.rounded(.down)
        let first = Self.value(atRank: Int64(low), sorted)
        let share = rank - low
        guard share > 0 else { return first }
        let second = Self.value(atRank: Int64(low) + 1, sorted)
        return first + (second - first) * share
    }

    private static func value(
        atRank rank: Int64, _ sorted: [(value: Double, weight: Int64)]
    ) -> Double {
        var seen: Int64 = 0
        for entry in sorted {
            seen &+= entry.weight
            if seen > rank { return entry.value }
        }
        return sorted.last?.value ?? .nan
    }

    // Bucket 0 is zero; magnitudes of 1e-300 to 1e300 stay within 70,000 on either side of it.
    private static func bucket(_ value: Double) -> Int32 {
        guard value != 0 else { return 0 }
        let size = min(max(abs(value), 1e-300), 1e300)
        let power =
            Int32((Mathematics.logarithm(size) / Mathematics.logarithm(base)).rounded(.down))
            + 100_000
        return value < 0 ? -power : power
    }

    private static func value(_ bucket: Int32) -> Double {
        guard bucket != 0 else { return 0 }
        let size = Mathematics.power(base, Double(abs(bucket) - 100_000) + 0.5)
        return bucket < 0 ? -size : size
    }
}
