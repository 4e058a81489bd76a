import PerchModel

/// Reads OTLP's `Exemplar`.
enum ExemplarReader {
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ style: LabelStyle
    ) throws(WireFailure) -> (time: UInt64, value: Double, labels: Labels) {
        var cursor = ProtoCursor(range)
        var time: UInt64 = 0
        var value = 0.0
        var pairs: [(name: String, value: String)] = []
        var attributes = ResourceReader()
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x11: time = try cursor.fixed64(bytes)
            case 0x19: value = try cursor.double(bytes)
            case 0x31: value = Double(Int64(bitPattern: try cursor.fixed64(bytes)))
            case 0x22:
                let range = try cursor.range(bytes)
                if Identifier.isValid(bytes.extracting(range), count: Identifier.spanBytes) {
                    pairs.append(("span_id", Hex.encode(Array(bytes.extracting(range)))))
                }
            case 0x2a:
                let range = try cursor.range(bytes)
                if Identifier.isValid(bytes.extracting(range), count: Identifier.traceBytes) {
                    pairs.append(("trace_id", Hex.encode(Array(bytes.extracting(range)))))
                }
            case 0x3a: try attributes.read(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        for attribute in attributes.attributes {
            let key = Array(attribute.key.utf8)
            var name: [UInt8] = []
            MetricName.appendLabel(key.span, style, to: &name)
            pairs.append((String(decoding: name, as: UTF8.self), attribute.value.text))
        }
        return (time, value, Labels(pairs))
    }
}

/// Reads OTLP's `SummaryDataPoint.ValueAtQuantile`.
enum Quantile {
    /// All of a point, or nil when they are more than the limit.
    static func readAll(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> [(quantile: Double, value: Double)]? {
        var cursor = ProtoCursor(range)
        var quantiles: [(quantile: Double, value: Double)] = []
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x32 else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            guard quantiles.count < Limits.maxBuckets else { return nil }
            quantiles.append(try read(bytes, try cursor.range(bytes)))
        }
        return quantiles
    }

    private static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> (quantile: Double, value: Double) {
        var cursor = ProtoCursor(range)
        var quantile = 0.0
        var value = 0.0
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x09: quantile = try cursor.double(bytes)
            case 0x11: value = try cursor.double(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return (quantile, value)
    }
}
