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

/// A `KeyValue` as almost all are: a key and a text of less than 128 bytes each, and nothing else.
struct ShortText {
    let key: Range<Int>
    let text: Range<Int>

    /// Nil where it is written in another way, or is something else.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        let start = range.lowerBound
        let end = range.upperBound
        guard end &- start >= 6, bytes[start] == 0x0a, bytes[start &+ 1] < 0x80 else { return nil }
        let keyEnd = start &+ 2 &+ Int(bytes[start &+ 1])
        guard end &- keyEnd >= 4, bytes[keyEnd] == 0x12, bytes[keyEnd &+ 2] == 0x0a else {
            return nil
        }
        // Both lengths reach to the end, so neither takes more than a byte.
        guard Int(bytes[keyEnd &+ 1]) == end &- keyEnd &- 2, bytes[keyEnd &+ 1] < 0x80,
            Int(bytes[keyEnd &+ 3]) == end &- keyEnd &- 4
        else { return nil }
        key = start &+ 2..<keyEnd
        text = keyEnd &+ 4..<end
    }
}
