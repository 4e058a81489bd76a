package import PerchModel

/// Native histograms of one series as buckets with upper bounds, for formats that have no others.
///
/// The bounds are those of all buckets that any of the histograms has, so that each bound is a
/// series throughout. Where a coarser bucket of one histogram spans a bound of another, its
/// observations count above the bound.
package struct ClassicHistogram: Sendable {
    /// Upper bounds, ascending, without infinity.
    package let bounds: [Double]

    package init(_ histograms: some Sequence<NativeHistogram>) {
        var all: Set<Double> = []
        for histogram in histograms {
            for bucket in Self.buckets(histogram) where bucket.bound.isFinite {
                all.insert(bucket.bound)
            }
        }
        bounds = all.sorted()
    }

    /// How many observations are at most each bound.
    package func counts(_ histogram: NativeHistogram) -> [Double] {
        let buckets = Self.buckets(histogram).sorted { $0.bound < $1.bound }
        var counts: [Double] = []
        counts.reserveCapacity(bounds.count)
        var sum = 0.0
        var next = 0
        for bound in bounds {
            while next < buckets.count, buckets[next].bound <= bound {
                sum += buckets[next].count
                next += 1
            }
            counts.append(sum)
        }
        return counts
    }

    private static func buckets(
        _ histogram: NativeHistogram
    ) -> [(bound: Double, count: Double)] {
        var buckets: [(bound: Double, count: Double)] = []
        let positive = NativeHistogram.indexes(
            histogram.positiveSpans, count: histogram.positiveCounts.count)
        for (index, count) in zip(positive, histogram.positiveCounts) {
            buckets.append((histogram.bound(index), count))
        }
        let negative = NativeHistogram.indexes(
            histogram.negativeSpans, count: histogram.negativeCounts.count)
        for (index, count) in zip(negative, histogram.negativeCounts) {
            buckets.append((-histogram.bound(index - 1), count))
        }
        if histogram.zeroCount > 0 {
            buckets.append((histogram.zeroThreshold, histogram.zeroCount))
        }
        return buckets
    }
}
