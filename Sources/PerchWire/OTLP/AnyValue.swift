/// OTLP's `AnyValue`, read one level deep: what is nested stays a range of the body.
enum AnyValue {
    case none
    case string(Range<Int>)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case array(Range<Int>)
    case map(Range<Int>)
    case bytes(Range<Int>)

    /// Reads the message in `range`; of several members of the oneof the last counts.
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> AnyValue {
        var cursor = ProtoCursor(range)
        var value = AnyValue.none
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: value = .string(try cursor.range(bytes))
            case 0x10: value = .bool(try cursor.varint(bytes) != 0)
            case 0x18: value = .int(Int64(bitPattern: try cursor.varint(bytes)))
            case 0x21: value = .double(try cursor.double(bytes))
            case 0x2a: value = .array(try cursor.range(bytes))
            case 0x32: value = .map(try cursor.range(bytes))
            case 0x3a: value = .bytes(try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return value
    }
}

/// OTLP's `KeyValue`, one level deep.
struct KeyValue {
    var key = 0..<0
    var value = AnyValue.none

    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> KeyValue {
        var cursor = ProtoCursor(range)
        var result = KeyValue()
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: result.key = try cursor.range(bytes)
            case 0x12: result.value = try AnyValue.read(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return result
    }
}
