import PerchModel

/// Sets fields of a row to values of JSON, whose form has been checked.
struct JSONColumns {
    /// Reused for values that do not stand in the body as they are kept.
    private var text: [UInt8] = []

    mutating func set(
        _ builder: inout EventBatchBuilder, _ space: FieldSpace, _ name: Span<UInt8>,
        _ value: LineField.Value, _ bytes: Span<UInt8>
    ) {
        switch value {
        case .null: return
        case .bool(let value): builder.set(space, name, int: value ? 1 : 0, kind: .bool)
        case .number(let range): Self.setNumber(&builder, space, name, bytes, range)
        case .string(let string) where string.isPlain:
            builder.set(space, name, bytes: bytes.extracting(string.range), kind: .string)
        case .string(let string):
            text.removeAll(keepingCapacity: true)
            JSONUnescape.append(string, of: bytes, to: &text)
            builder.set(space, name, bytes: text.span, kind: .string)
        case .json(let range):
            text.removeAll(keepingCapacity: true)
            JSONCompact.append(bytes, range, to: &text)
            builder.set(space, name, bytes: text.span, kind: .json)
        }
    }

    /// An integer where it is one that fits; a number beyond all doubles stays as text.
    private static func setNumber(
        _ builder: inout EventBatchBuilder, _ space: FieldSpace, _ name: Span<UInt8>,
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) {
        if let value = JSONNumber.int(bytes, range) {
            builder.set(space, name, int: value)
        } else if let value = JSONNumber.double(bytes, range),
            value.isFinite || bytes[range.upperBound - 1] > UInt8(ascii: "9")
        {
            builder.set(space, name, double: value)
        } else {
            builder.set(space, name, bytes: bytes.extracting(range), kind: .string)
        }
    }
}
