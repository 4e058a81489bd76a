import PerchModel

/// Writes a span's events and links as the JSON text that ``RecordField`` describes.
enum SpanJSON {
    /// Replaces `output` by the events of the span in `span`.
    static func appendEvents(
        _ bytes: Span<UInt8>, _ span: Range<Int>, to output: inout [UInt8]
    ) throws(WireFailure) {
        try appendEach(bytes, span, tag: 0x5a, to: &output) {
            (bytes, range, output) throws(WireFailure) in
            var cursor = ProtoCursor(range)
            var time: UInt64 = 0
            var name = 0..<0
            var dropped: UInt64 = 0
            while let tag = try cursor.tag(bytes) {
                switch tag {
                case 0x09: time = try cursor.fixed64(bytes)
                case 0x12: name = try cursor.range(bytes)
                case 0x20: dropped = try cursor.varint(bytes)
                default: try cursor.skip(bytes, tag: tag)
                }
            }
            output.append(contentsOf: #"{"time":"#.utf8)
            output.append(contentsOf: Int64(clamping: time).description.utf8)
            output.append(contentsOf: #","name":"#.utf8)
            JSONText.appendString(bytes.extracting(name), to: &output)
            try appendEnd(bytes, range, attributes: 0x1a, dropped: dropped, to: &output)
        }
    }

    /// Replaces `output` by the links of the span in `span`.
    static func appendLinks(
        _ bytes: Span<UInt8>, _ span: Range<Int>, to output: inout [UInt8]
    ) throws(WireFailure) {
        try appendEach(bytes, span, tag: 0x6a, to: &output) {
            (bytes, range, output) throws(WireFailure) in
            var cursor = ProtoCursor(range)
            var traceID = 0..<0
            var spanID = 0..<0
            var state = 0..<0
            var dropped: UInt64 = 0
            while let tag = try cursor.tag(bytes) {
                switch tag {
                case 0x0a: traceID = try cursor.range(bytes)
                case 0x12: spanID = try cursor.range(bytes)
                case 0x1a: state = try cursor.range(bytes)
                case 0x28: dropped = try cursor.varint(bytes)
                default: try cursor.skip(bytes, tag: tag)
                }
            }
            output.append(contentsOf: #"{"trace_id":""#.utf8)
            output.append(contentsOf: Hex.encode(Array(bytes.extracting(traceID))).utf8)
            output.append(contentsOf: #"","span_id":""#.utf8)
            output.append(contentsOf: Hex.encode(Array(bytes.extracting(spanID))).utf8)
            output.append(UInt8(ascii: "\""))
            if !state.isEmpty {
                output.append(contentsOf: #","trace_state":"#.utf8)
                JSONText.appendString(bytes.extracting(state), to: &output)
            }
            try appendEnd(bytes, range, attributes: 0x22, dropped: dropped, to: &output)
        }
    }

    private static func appendEach(
        _ bytes: Span<UInt8>, _ span: Range<Int>, tag wanted: UInt32, to output: inout [UInt8],
        _ append: (Span<UInt8>, Range<Int>, inout [UInt8]) throws(WireFailure) -> Void
    ) throws(WireFailure) {
        output.removeAll(keepingCapacity: true)
        var cursor = ProtoCursor(span)
        var separator = UInt8(ascii: "[")
        while let tag = try cursor.tag(bytes) {
            guard tag == wanted else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            output.append(separator)
            separator = UInt8(ascii: ",")
            try append(bytes, try cursor.range(bytes), &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// Appends the members that events and links share, and the closing brace.
    private static func appendEnd(
        _ bytes: Span<UInt8>, _ range: Range<Int>, attributes: UInt32, dropped: UInt64,
        to output: inout [UInt8]
    ) throws(WireFailure) {
        output.append(contentsOf: #","attributes":"#.utf8)
        try AnyValueJSON.appendMap(bytes, range, tag: attributes, depth: 1, to: &output)
        if dropped != 0 {
            output.append(contentsOf: #","dropped_attributes_count":\#(dropped)"#.utf8)
        }
        output.append(UInt8(ascii: "}"))
    }
}
