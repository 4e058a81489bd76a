import PerchModel

/// Adds up native histograms of delta temporality.
enum DeltaHistogram {
    /// Adds two histograms of one scale, or of the same bounds.
    ///
    /// A sender that changes them begins a new sum, which readers see as a reset.
    static func sum(_ old: NativeHistogram, _ new: NativeHistogram) -> NativeHistogram {
        guard old.schema == new.schema, old.zeroThreshold == new.zeroThreshold,
            old.customBounds == new.customBounds
        else { return new }
        let positive = NativeHistogram.merged(
            (old.positiveSpans, old.positiveCounts), (new.positiveSpans, new.positiveCounts), +)
        let negative = NativeHistogram.merged(
            (old.negativeSpans, old.negativeCounts), (new.negativeSpans, new.negativeCounts), +)
        // A sender whose buckets move on and on must not make the sum grow with them.
        guard positive.counts.count + negative.counts.count <= Limits.deltaHistogramBucketsMax
        else { return new }
        var sum = new
        sum.count = old.count + new.count
        sum.zeroCount = old.zeroCount + new.zeroCount
        sum.sum = old.sum + new.sum
        (sum.positiveSpans, sum.positiveCounts) = positive
        (sum.negativeSpans, sum.negativeCounts) = negative
        return sum
    }
}
