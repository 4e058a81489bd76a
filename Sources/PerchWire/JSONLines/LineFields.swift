import PerchModel

/// A value of a line's object that is not an object itself.
struct LineField {
    enum Value {
        case string(JSONString)
        case number(Range<Int>)
        case bool(Bool)
        case null
        /// An array, or an object that is empty or too deep, as it stands in the line.
        case json(Range<Int>)
    }

    /// The path of keys joined by dots: a range of the body, or of ``LineFields/paths``.
    var name: Range<Int>
    /// Whether the name is one key that stands in the body as it is.
    var isNameInBody: Bool
    /// The number of the name among those that ``LineKeys`` knows, or -1.
    var key: Int32 = -1
    var value: Value
    /// Whether the record has taken this field for something other than an attribute.
    var isConsumed = false
}

/// All fields of one line, flat.
///
/// Reused from line to line.
struct LineFields {
    /// The names that do not stand in the body.
    private(set) var paths: [UInt8] = []
    var fields: [LineField] = []
    /// How many were left out for a limit.
    private(set) var dropped = 0
    private var path: [UInt8] = []
    private var keys = LineKeys()

    /// Reads an object whole.
    mutating func read(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader
    ) throws(WireFailure) {
        paths.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        keys.beginLine()
        dropped = 0
        try object(bytes, &reader, depth: 1)
        try reader.finish(bytes)
    }

    private mutating func object(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, depth: Int
    ) throws(WireFailure) {
        try reader.beginObject(bytes)
        let prefix = path.count
        var first = true
        while let (key, number) = try nextKey(bytes, &reader, &first, depth: depth) {
            // Fast path: the key is the name.
            if prefix == 0, key.isPlain {
                let kind = try reader.peek(bytes)
                if kind != .object {
                    let value = try value(bytes, &reader, kind)
                    add(value, name: key.range, isNameInBody: true, key: number)
                    continue
                }
            }
            if prefix > 0 { path.append(UInt8(ascii: ".")) }
            JSONUnescape.append(key, of: bytes, to: &path)
            if try reader.peek(bytes) == .object, try isFlattened(bytes, reader, depth: depth) {
                try object(bytes, &reader, depth: depth + 1)
            } else {
                let value = try value(bytes, &reader, reader.peek(bytes))
                let start = paths.count
                if add(value, name: start..<start + path.count, isNameInBody: false) {
                    paths.append(contentsOf: path)
                }
            }
            path.removeLast(path.count - prefix)
        }
    }

    /// Whether the object that comes next becomes fields of its own.
    private func isFlattened(
        _ bytes: Span<UInt8>, _ reader: JSONReader, depth: Int
    ) throws(WireFailure) -> Bool {
        guard depth < Limits.maxDepth, path.count <= Limits.maxKeyBytes else { return false }
        var inner = reader
        var first = true
        try inner.beginObject(bytes)
        return try inner.nextKey(bytes, &first) != nil
    }

    /// The next key, and its number where it has one.
    @inline(__always)
    private mutating func nextKey(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, _ first: inout Bool, depth: Int
    ) throws(WireFailure) -> (key: JSONString, number: Int32)? {
        if depth == 1 { return try keys.next(bytes, &reader, &first) }
        guard let key = try reader.nextKey(bytes, &first) else { return nil }
        return (key, -1)
    }

    /// Reads a value, of which `peek` has told the kind.
    @inline(__always)
    private func value(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, _ kind: JSONReader.Kind
    ) throws(WireFailure) -> LineField.Value {
        switch kind {
        case .object, .array: return .json(try reader.skipValue(bytes))
        case .string: return .string(try reader.string(bytes))
        case .number: return .number(try reader.number(bytes))
        case .bool: return .bool(try reader.bool(bytes))
        case .null:
            try reader.null(bytes)
            return .null
        }
    }

    /// Adds a field, unless a limit is reached.
    @discardableResult
    private mutating func add(
        _ value: LineField.Value, name: Range<Int>, isNameInBody: Bool, key: Int32 = -1
    ) -> Bool {
        guard !name.isEmpty, name.count <= Limits.maxKeyBytes, fields.count < Limits.maxAttributes
        else {
            dropped += 1
            return false
        }
        fields.append(
            LineField(name: name, isNameInBody: isNameInBody, key: key, value: value))
        return true
    }
}
