import PerchModel

/// Native histograms and descriptions of families.
extension RemoteWriteDecoder {
    /// A side of a histogram as it stands in the message: integers as differences, or floats.
    private struct Buckets {
        var spans: [NativeHistogram.Span] = []
        var deltas: [Int64] = []
        var counts: [Double] = []

        /// The count of each bucket, or nil when a sum of differences overflows.
        func values(isInteger: Bool) -> [Double]? {
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
    }

    mutating func histogram(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var histogram = NativeHistogram()
        var positive = Buckets()
        var negative = Buckets()
        var time: Int64 = 0
        histogram.isInteger = true
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: histogram.count = Double(try cursor.varint(bytes))
            case 2 << 3 | 1:
                histogram.count = try cursor.double(bytes)
                histogram.isInteger = false
            case 3 << 3 | 1: histogram.sum = try cursor.double(bytes)
            case 4 << 3: histogram.schema = Self.signed32(try cursor.varint(bytes))
            case 5 << 3 | 1: histogram.zeroThreshold = try cursor.double(bytes)
            case 6 << 3: histogram.zeroCount = Double(try cursor.varint(bytes))
            case 7 << 3 | 1:
                histogram.zeroCount = try cursor.double(bytes)
                histogram.isInteger = false
            case 8 << 3 | 2: try span(bytes, try cursor.range(bytes), to: &negative.spans)
            case 9 << 3 | 2, 9 << 3: try deltas(bytes, tag, &cursor, to: &negative.deltas)
            case 10 << 3 | 2, 10 << 3 | 1: try doubles(bytes, tag, &cursor, to: &negative.counts)
            case 11 << 3 | 2: try span(bytes, try cursor.range(bytes), to: &positive.spans)
            case 12 << 3 | 2, 12 << 3: try deltas(bytes, tag, &cursor, to: &positive.deltas)
            case 13 << 3 | 2, 13 << 3 | 1: try doubles(bytes, tag, &cursor, to: &positive.counts)
            case 14 << 3:
                histogram.resetHint = Self.resetHint(try cursor.varint(bytes))
            case 15 << 3: time = Int64(bitPattern: try cursor.varint(bytes))
            case 16 << 3 | 2, 16 << 3 | 1:
                try doubles(bytes, tag, &cursor, to: &histogram.customBounds)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard let series else { return reject() }
        histogram.positiveSpans = positive.spans
        histogram.negativeSpans = negative.spans
        if let message = Self.fill(&histogram, positive, negative) {
            return reject("a histogram with \(message)")
        }
        try addRow()
        result.batch.histograms.append(
            HistogramSample(series: series, timeMillis: time, histogram: histogram))
    }

    /// Puts the counts in, and answers what is wrong with the histogram.
    ///
    /// The checks of Prometheus (model/histogram, `Validate`), on top of those of the model.
    private static func fill(
        _ histogram: inout NativeHistogram, _ positive: Buckets, _ negative: Buckets
    ) -> String? {
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

    private mutating func span(
        _ bytes: Span<UInt8>, _ range: Range<Int>, to spans: inout [NativeHistogram.Span]
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
        try addBucket(at: range.lowerBound)
        spans.append(span)
    }

    /// Signed integers, packed or one by one.
    private mutating func deltas(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor, to values: inout [Int64]
    ) throws(WireFailure) {
        guard tag & 7 == 2 else {
            try addBucket(at: cursor.position)
            values.append(Self.signed(try cursor.varint(bytes)))
            return
        }
        var packed = ProtoCursor(try cursor.range(bytes))
        while packed.position < packed.end {
            try addBucket(at: packed.position)
            values.append(Self.signed(try packed.varint(bytes)))
        }
    }

    /// Doubles, packed or one by one.
    private mutating func doubles(
        _ bytes: Span<UInt8>, _ tag: UInt32, _ cursor: inout ProtoCursor,
        to values: inout [Double]
    ) throws(WireFailure) {
        guard tag & 7 == 2 else {
            try addBucket(at: cursor.position)
            values.append(try cursor.double(bytes))
            return
        }
        var packed = ProtoCursor(try cursor.range(bytes))
        while packed.position < packed.end {
            try addBucket(at: packed.position)
            values.append(try packed.double(bytes))
        }
    }

    private mutating func addBucket(at position: Int) throws(WireFailure) {
        bucketCount += 1
        guard bucketCount <= PrometheusLimits.maxBuckets else {
            throw .tooLarge("over \(PrometheusLimits.maxBuckets) buckets in one request")
        }
    }

    private static func signed(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private static func signed32(_ value: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: signed(value))
    }

    private static func resetHint(_ value: UInt64) -> NativeHistogram.ResetHint {
        switch value {
        case 1: .reset
        case 2: .notReset
        case 3: .gauge
        default: .unknown
        }
    }

    /// One `MetricMetadata`.
    mutating func metadata(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var entry = MetricMetadata(family: "", type: .unknown, unit: "", help: "")
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: entry.type = Self.type(try cursor.varint(bytes))
            case 2 << 3 | 2: entry.family = LabelList.text(bytes, try cursor.range(bytes))
            case 4 << 3 | 2: entry.help = LabelList.text(bytes, try cursor.range(bytes))
            case 5 << 3 | 2: entry.unit = LabelList.text(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard !entry.family.isEmpty else { return }
        guard result.batch.metadata.count < PrometheusLimits.maxMetadata else {
            throw .tooLarge("over \(PrometheusLimits.maxMetadata) descriptions in one request")
        }
        result.batch.metadata.append(entry)
    }

    /// The types of `MetricMetadata.MetricType`.
    static func type(_ value: UInt64) -> MetricType {
        switch value {
        case 1: .counter
        case 2: .gauge
        case 3: .histogram
        case 4: .gaugeHistogram
        case 5: .summary
        case 6: .info
        case 7: .stateSet
        default: .unknown
        }
    }
}
