/// A native histogram at one time.
///
/// Source: Prometheus' native histograms. With `schema` s from -4 to 8, bucket `i` of the positive
/// side covers (2^((i-1)·2^-s), 2^(i·2^-s)], and the negative side mirrors it: the bucket that OTLP
/// calls `i` is `i + 1` here. With ``customBoundsSchema``, bucket `i` covers
/// (customBounds[i-1], customBounds[i]], the last one everything above, and there are only
/// positive buckets.
package struct NativeHistogram: Sendable, Hashable {
    /// What is known of a counter reset between the sample before and this one.
    package enum ResetHint: UInt8, Sendable, CaseIterable {
        /// Readers compare the buckets to find out.
        case unknown = 0
        case reset = 1
        case notReset = 2
        /// A gauge: there are no resets.
        case gauge = 3
    }

    /// A run of buckets next to each other.
    package struct Span: Sendable, Hashable {
        /// Of the first span, the index of its first bucket; of the others, how many buckets are
        /// left out between the span before and this one.
        package var offset: Int32
        /// How many buckets.
        package var length: UInt32

        package init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// The schema that says that bucket bounds are listed.
    package static let customBoundsSchema: Int32 = -53

    package var schema: Int32 = 0
    package var resetHint = ResetHint.unknown
    /// Whether the sender counts in integers.
    ///
    /// Counts are doubles in either case, exact up to 2^53.
    package var isInteger = false
    package var zeroThreshold: Double = 0
    package var zeroCount: Double = 0
    package var count: Double = 0
    package var sum: Double = 0
    package var positiveSpans: [Span] = []
    /// One a bucket of `positiveSpans`: how many observations are in it.
    package var positiveCounts: [Double] = []
    package var negativeSpans: [Span] = []
    /// One a bucket of `negativeSpans`: how many observations are in it.
    package var negativeCounts: [Double] = []
    /// The upper bounds for ``customBoundsSchema``, ascending, without infinity.
    package var customBounds: [Double] = []

    package init() {}

    package var usesCustomBounds: Bool { schema == Self.customBoundsSchema }

    /// Whether this is the mark that the series ended.
    package var isStaleMarker: Bool { sum.bitPattern == SampleBatch.staleMarkerBits }
}

extension NativeHistogram {
    /// The schemas whose buckets are powers of two.
    package static let exponentialSchemas: ClosedRange<Int32> = -4...8

    /// What is wrong with it, or nil.
    ///
    /// For the doors: what comes from outside must be checked before it is stored.
    package var defect: String? {
        if usesCustomBounds {
            guard negativeSpans.isEmpty, negativeCounts.isEmpty, zeroCount == 0, zeroThreshold == 0
            else { return "custom buckets beside negative or zero buckets" }
            guard zip(customBounds, customBounds.dropFirst()).allSatisfy({ $0 < $1 }),
                customBounds.allSatisfy({ $0.isFinite })
            else { return "custom bounds that do not ascend" }
        } else {
            guard Self.exponentialSchemas.contains(schema) else {
                return "the unknown schema \(schema)"
            }
            guard customBounds.isEmpty else { return "custom bounds with schema \(schema)" }
        }
        guard zeroThreshold >= 0 else { return "a zero threshold of \(zeroThreshold)" }
        guard zeroCount >= 0, count >= 0 else { return "a count below 0" }
        return Self.defect(positiveSpans, positiveCounts, indexMax: indexMax)
            ?? Self.defect(negativeSpans, negativeCounts, indexMax: indexMax)
    }

    private var indexMax: ClosedRange<Int> {
        // At schema 8 the largest double is in bucket 262,144.
        usesCustomBounds ? 0...customBounds.count : -600_000...600_000
    }

    private static func defect(
        _ spans: [Span], _ counts: [Double], indexMax: ClosedRange<Int>
    ) -> String? {
        var index = 0
        var length = 0
        for (number, span) in spans.enumerated() {
            guard number == 0 || span.offset >= 0 else { return "spans that overlap" }
            index += Int(span.offset)
            guard span.length == 0 || indexMax.contains(index),
                span.length == 0 || indexMax.contains(index + Int(span.length) - 1)
            else { return "a bucket out of reach" }
            index += Int(span.length)
            length += Int(span.length)
        }
        guard length == counts.count else {
            return "\(counts.count) buckets in spans of \(length)"
        }
        return counts.allSatisfy { $0 >= 0 } ? nil : "a bucket's count below 0"
    }
}

extension NativeHistogram {
    /// The spans of `count` buckets in a row from `firstIndex`.
    package static func spans(firstIndex: Int32, count: Int) -> [Span] {
        count == 0 ? [] : [Span(offset: firstIndex, length: UInt32(clamping: count))]
    }

    /// The index of each bucket.
    ///
    /// At most `count`, whatever the spans say.
    package static func indexes(_ spans: [Span], count: Int) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(count)
        var index = 0
        for span in spans {
            index += Int(span.offset)
            let room = min(Int(span.length), count - result.count)
            result.append(contentsOf: index..<(index + room))
            index += Int(span.length)
        }
        return result
    }

    /// The spans of buckets with these indexes, which ascend.
    package static func spans(indexes: some Sequence<Int>) -> [Span] {
        var spans: [Span] = []
        var next = 0
        for index in indexes {
            if !spans.isEmpty, index == next {
                spans[spans.count - 1].length += 1
            } else {
                spans.append(Span(offset: Int32(clamping: index - next), length: 1))
            }
            next = index + 1
        }
        return spans
    }

    /// One side of two histograms put together bucket by bucket; a bucket that one of them does
    /// not have counts 0 there.
    package static func merged(
        _ left: (spans: [Span], counts: [Double]), _ right: (spans: [Span], counts: [Double]),
        _ combine: (Double, Double) -> Double
    ) -> (spans: [Span], counts: [Double]) {
        if left.spans == right.spans, left.counts.count == right.counts.count {
            return (left.spans, zip(left.counts, right.counts).map(combine))
        }
        let leftIndexes = indexes(left.spans, count: left.counts.count)
        let rightIndexes = indexes(right.spans, count: right.counts.count)
        var indexes: [Int] = []
        var counts: [Double] = []
        indexes.reserveCapacity(max(leftIndexes.count, rightIndexes.count))
        counts.reserveCapacity(indexes.capacity)
        var (l, r) = (0, 0)
        while l < leftIndexes.count || r < rightIndexes.count {
            let leftIndex = l < leftIndexes.count ? leftIndexes[l] : .max
            let rightIndex = r < rightIndexes.count ? rightIndexes[r] : .max
            indexes.append(min(leftIndex, rightIndex))
            counts.append(
                combine(
                    leftIndex <= rightIndex ? left.counts[l] : 0,
                    rightIndex <= leftIndex ? right.counts[r] : 0))
            if leftIndex <= rightIndex { l += 1 }
            if rightIndex <= leftIndex { r += 1 }
        }
        return (spans(indexes: indexes), counts)
    }
}
