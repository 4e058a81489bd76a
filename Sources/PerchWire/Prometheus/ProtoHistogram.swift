import PerchModel

/// The message `Histogram` of the protobuf form, classic and native at once.
struct ProtoHistogram {
    struct Bucket {
        var bound = 0.0
        /// Cumulative.
        var count = 0.0
        var exemplar: Range<Int>?
    }

    private(set) var count = 0.0
    private(set) var sum = 0.0
    private(set) var buckets: [Bucket] = []
    /// Where those of the native histogram stand.
    private(set) var exemplars: [Range<Int>] = []
    private var schema: Int32 = 0
    private var zeroThreshold = 0.0
    private var zeroCount = 0.0
    private var isInteger = true
    private var positive = HistogramSide()
    private var negative = HistogramSide()

    /// Whether it is native; a classic one has neither spans nor a zero bucket.
    var isNative: Bool {
        !positive.spans.isEmpty || !negative.spans.isEmpty || zeroThreshold > 0 || zeroCount > 0
    }

    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ budget: inout BucketBudget
    ) throws(WireFailure) -> ProtoHistogram {
        var histogram = ProtoHistogram()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3:
                let count = try cursor.varint(bytes)
                if histogram.isInteger { histogram.count = Double(count) }
            case 2 << 3 | 1: histogram.sum = try cursor.double(bytes)
            case 3 << 3 | 2:
                try budget.spend()
                histogram.buckets.append(try bucket(bytes, try cursor.range(bytes)))
            case 4 << 3 | 1:
                let count = try cursor.double(bytes)
                if count > 0 { (histogram.count, histogram.isInteger) = (count, false) }
            case 5 << 3: histogram.schema = HistogramSide.signed32(try cursor.varint(bytes))
            case 6 << 3 | 1: histogram.zeroThreshold = try cursor.double(bytes)
            case 7 << 3:
                let count = try cursor.varint(bytes)
                if histogram.zeroCount == 0 { histogram.zeroCount = Double(count) }
            case 8 << 3 | 1:
                let count = try cursor.double(bytes)
                if count > 0 { (histogram.zeroCount, histogram.isInteger) = (count, false) }
            case 16 << 3 | 2:
                try budget.spend()
                histogram.exemplars.append(try cursor.range(bytes))
            default: try histogram.side(bytes, tag, &cursor, &budget)
            }
        }
        return histogram
    }

    /// A field of one of the native sides, or one that is not known.
    private mutating func side(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor,
        _ budget: inout BucketBudget
    ) throws(WireFailure) {
        switch tag {
        case 9 << 3 | 2: try negative.addSpan(bytes, try cursor.range(bytes), &budget)
        case 10 << 3, 10 << 3 | 2: try negative.addDeltas(bytes, tag, &cursor, &budget)
        case 11 << 3 | 1, 11 << 3 | 2: try negative.addCounts(bytes, tag, &cursor, &budget)
        case 12 << 3 | 2: try positive.addSpan(bytes, try cursor.range(bytes), &budget)
        case 13 << 3, 13 << 3 | 2: try positive.addDeltas(bytes, tag, &cursor, &budget)
        case 14 << 3 | 1, 14 << 3 | 2: try positive.addCounts(bytes, tag, &cursor, &budget)
        default: try cursor.skip(bytes, tag: tag)
        }
    }

    private static func bucket(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> Bucket {
        var bucket = Bucket()
        var float = 0.0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: bucket.count = Double(try cursor.varint(bytes))
            case 2 << 3 | 1: bucket.bound = try cursor.double(bytes)
            case 3 << 3 | 2: bucket.exemplar = try cursor.range(bytes)
            case 4 << 3 | 1: float = try cursor.double(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        if float > 0 { bucket.count = float }
        return bucket
    }

    /// The native histogram; what is wrong with it refuses the body.
    func native(isGauge: Bool, atByte position: Int) throws(WireFailure) -> NativeHistogram {
        var histogram = NativeHistogram()
        histogram.schema = schema
        histogram.resetHint = isGauge ? .gauge : .unknown
        histogram.isInteger = isInteger
        histogram.zeroThreshold = zeroThreshold
        histogram.zeroCount = zeroCount
        histogram.count = count
        // No NaN of a target is a staleness marker.
        histogram.sum = sum.isNaN ? .nan : sum
        if let message = HistogramSide.fill(&histogram, positive, negative) {
            throw .malformed("a histogram with \(message)", atByte: position)
        }
        return histogram
    }
}
