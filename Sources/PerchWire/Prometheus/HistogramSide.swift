import PerchModel

/// How many buckets one body has brought; a bucket takes a byte of it at least and eight of memory.
struct BucketBudget {
    private var count = 0

    mutating func spend() throws(WireFailure) {
        count += 1
        guard count <= PrometheusLimits.maxBuckets else {
            throw .tooLarge("over \(PrometheusLimits.maxBuckets) buckets in one request")
        }
    }
}

/// A side of a native histogram as it stands in messages of Prometheus: spans, and integers as
/// differences or floats.
struct HistogramSide {
    private(set) var spans: [NativeHistogram.Span] = []
    private var deltas: [Int64] = []
    private var counts: [Double] = []

    /// Adds the `BucketSpan` in `range`.
    mutating func addSpan(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ budget: inout BucketBudget
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var span = NativeHistogram.Span(offset: 0, length: 0)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: span.offset = Self.signed32(try cursor.varint(bytes))
            case 2 << 3: span.length = UInt32(truncatingIfNeeded: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        try budget.spend()
        spans.append(span)
    }

    /// Adds signed integers, packed or one by one.
    mutating func addDeltas(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor,
        _ budget: inout BucketBudget
    ) throws(WireFailure) {
        guard tag & 7 == 2 else {
            try budget.spend()
            deltas.append(ZigZag.decode(try cursor.varint(bytes)))
            return
        }
        var packed = ProtoCursor(try cursor.range(bytes))
        while packed.position < packed.end {
            try budget.spend()
            deltas.append(ZigZag.decode(try packed.varint(bytes)))
        }
    }

    /// Adds floats, packed or one by one.
    mutating func addCounts(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor,
        _ budget: inout BucketBudget
    ) throws(WireFailure) {
        try Self.doubles(bytes, tag, &cursor, &budget, to: &counts)
    }

    static func doubles(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor,
        _ budget: inout BucketBudget, to values: inout [Double]
    ) throws(WireFailure) {
        guard tag & 7 == 2 else {
            try budget.spend()
            values.append(try cursor.double(bytes))
            return
        }
        var packed = ProtoCursor(try cursor.range(bytes))
        while packed.position < packed.end {
            try budget.spend()
            values.append(try packed.double(bytes))
        }
    }

    static func signed32(_ value: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: ZigZag.decode(value))
    }

    /// The count of each bucket, or nil when a sum of differences overflows.
    private func values(isInteger: Bool) -> [Double]? {
        guard isInteger else { return counts }
        var count: Int64 = 0
        var result: [Double] = []
        result.reserveCapacity(deltas.count)
        for delta in deltas {
            let (sum, overflow) = count.addingReportingOverflow(delta)
            guard !overflow else { return nil }
            count = sum
            result.append(Double(sum))
        }
        return result
    }

    /// Puts both sides into a histogram, and answers what is wrong with it.
    ///
    /// The checks of Prometheus (model/histogram, `Validate`), on top of those of the model.
    static func fill(
        _ histogram: inout NativeHistogram, _ positive: HistogramSide, _ negative: HistogramSide
    ) -> String? {
        histogram.positiveSpans = positive.spans
        histogram.negativeSpans = negative.spans
        guard let up = positive.values(isInteger: histogram.isInteger),
            let down = negative.values(isInteger: histogram.isInteger)
        else { return "a bucket's count over 64 bits" }
        histogram.positiveCounts = up
        histogram.negativeCounts = down
        if let defect = histogram.defect { return defect }
        guard histogram.isInteger, !histogram.isStaleMarker else { return nil }
        let sum = up.reduce(0, +) + down.reduce(0, +) + histogram.zeroCount
        // With a NaN among the observations, which is in no bucket, the count is larger.
        let fits = histogram.sum.isNaN ? sum <= histogram.count : sum == histogram.count
        return fits ? nil : "\(sum) observations in its buckets and a count of \(histogram.count)"
    }
}
