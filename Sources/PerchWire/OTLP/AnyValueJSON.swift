import PerchModel

/// Writes OTLP's values as JSON text.
enum AnyValueJSON {
    /// Appends a value.
    ///
    /// Bytes become base64 text, an absent value `null`.
    static func append(
        _ bytes: Span<UInt8>, _ value: AnyValue, depth: Int = 0, to output: inout [UInt8]
    ) throws(WireFailure) {
        switch value {
        case .none: output.append(contentsOf: "null".utf8)
        case .string(let range): JSONText.appendString(bytes.extracting(range), to: &output)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): output.append(contentsOf: value.description.utf8)
        case .double(let value): JSONText.appendDouble(value, to: &output)
        case .bytes(let range):
            JSONText.appendString(Base64.encode(Array(bytes.extracting(range))), to: &output)
        case .array(let range):
            try appendArray(bytes, range, depth: depth + 1, to: &output)
        case .map(let range):
            try appendMap(bytes, range, tag: 0x0a, depth: depth + 1, to: &output)
        }
    }

    /// Appends an object of the repeated `KeyValue` fields with `tag` in a message.
    static func appendMap(
        _ bytes: Span<UInt8>, _ range: Range<Int>, tag wanted: UInt32, depth: Int,
        to output: inout [UInt8]
    ) throws(WireFailure) {
        try check(depth, range)
        var cursor = ProtoCursor(range)
        var separator = UInt8(ascii: "{")
        while let tag = try cursor.tag(bytes) {
            guard tag == wanted else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let pair = try KeyValue.read(bytes, try cursor.range(bytes))
            output.append(separator)
            separator = UInt8(ascii: ",")
            JSONText.appendString(bytes.extracting(pair.key), to: &output)
            output.append(UInt8(ascii: ":"))
            try append(bytes, pair.value, depth: depth, to: &output)
        }
        if separator == UInt8(ascii: "{") { output.append(separator) }
        output.append(UInt8(ascii: "}"))
    }

    private static func appendArray(
        _ bytes: Span<UInt8>, _ range: Range<Int>, depth: Int, to output: inout [UInt8]
    ) throws(WireFailure) {
        try check(depth, range)
        var cursor = ProtoCursor(range)
        var separator = UInt8(ascii: "[")
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x0a else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            let value = try AnyValue.read(bytes, try cursor.range(bytes))
            output.append(separator)
            separator = UInt8(ascii: ",")
            try append(bytes, value, depth: depth, to: &output)
        }
        if separator == UInt8(ascii: "[") { output.append(separator) }
        output.append(UInt8(ascii: "]"))
    }

    private static func check(_ depth: Int, _ range: Range<Int>) throws(WireFailure) {
        guard depth <= Limits.maxDepth else {
            throw .malformed(
                "values nest deeper than \(Limits.maxDepth)", atByte: range.lowerBound)
        }
    }
}
