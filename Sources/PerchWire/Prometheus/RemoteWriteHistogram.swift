import PerchModel

/// Native histograms and descriptions of families.
extension RemoteWriteDecoder {
    mutating func histogram(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ series: UInt32?
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        var histogram = NativeHistogram()
        var positive = HistogramSide()
        var negative = HistogramSide()
        var time: Int64 = 0
        histogram.isInteger = true
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 1 << 3: histogram.count = Double(try cursor.varint(bytes))
            case 2 << 3 | 1:
                histogram.count = try cursor.double(bytes)
                histogram.isInteger = false
            case 3 << 3 | 1: histogram.sum = try cursor.double(bytes)
            case 4 << 3: histogram.schema = HistogramSide.signed32(try cursor.varint(bytes))
            case 5 << 3 | 1: histogram.zeroThreshold = try cursor.double(bytes)
            case 6 << 3: histogram.zeroCount = Double(try cursor.varint(bytes))
            case 7 << 3 | 1:
                histogram.zeroCount = try cursor.double(bytes)
                histogram.isInteger = false
            case 8 << 3 | 2: try negative.addSpan(bytes, try cursor.range(bytes), &budget)
            case 9 << 3 | 2, 9 << 3: try negative.addDeltas(bytes, tag, &cursor, &budget)
            case 10 << 3 | 2, 10 << 3 | 1:
                try negative.addCounts(bytes, tag, &cursor, &budget)
            case 11 << 3 | 2: try positive.addSpan(bytes, try cursor.range(bytes), &budget)
            case 12 << 3 | 2, 12 << 3: try positive.addDeltas(bytes, tag, &cursor, &budget)
            case 13 << 3 | 2, 13 << 3 | 1:
                try positive.addCounts(bytes, tag, &cursor, &budget)
            case 14 << 3:
                histogram.resetHint = Self.resetHint(try cursor.varint(bytes))
            case 15 << 3: time = Int64(bitPattern: try cursor.varint(bytes))
            case 16 << 3 | 2, 16 << 3 | 1:
                try HistogramSide.doubles(
                    bytes, tag, &cursor, &budget, to: &histogram.customBounds)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        guard let series else { return reject() }
        if let message = HistogramSide.fill(&histogram, positive, negative) {
            return reject("a histogram with \(message)")
        }
        try addRow()
        result.batch.histograms.append(
            HistogramSample(series: series, timeMillis: time, histogram: histogram))
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
