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

    /// The path of keys joined by dots, a range of ``LineFields/names``.
    var name: Range<Int>
    var value: Value
    /// Whether the record has taken this field for something other than an attribute.
    var isConsumed = false
}

/// All fields of one line, flat.
///
/// Reused from line to line.
struct LineFields {
    private(set) var names: [UInt8] = []
    var fields: [LineField] = []
    /// How many were left out for a limit.
    private(set) var dropped = 0
    private var path: [UInt8] = []

    /// Reads an object whole.
    mutating func read(_ reader: inout JSONReader) throws(WireFailure) {
        names.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        path.removeAll(keepingCapacity: true)
        dropped = 0
        try object(&reader, depth: 1)
        try reader.finish()
    }

    private mutating func object(
        _ reader: inout JSONReader, depth: Int
    ) throws(WireFailure) {
        try reader.beginObject()
        let prefix = path.count
        var first = true
        while let key = try reader.nextKey(&first) {
            if prefix > 0 { path.append(UInt8(ascii: ".")) }
            JSONUnescape.append(key, of: reader.bytes, to: &path)
            try value(&reader, depth: depth)
            path.removeLast(path.count - prefix)
        }
    }

    private mutating func value(
        _ reader: inout JSONReader, depth: Int
    ) throws(WireFailure) {
        switch try reader.peek() {
        case .object:
            var inner = reader
            var first = true
            try inner.beginObject()
            let isEmpty = try inner.nextKey(&first) == nil
            if isEmpty || depth >= Limits.maxDepth || path.count > Limits.maxKeyBytes {
                add(.json(try reader.skipValue()))
            } else {
                try object(&reader, depth: depth + 1)
            }
        case .array: add(.json(try reader.skipValue()))
        case .string: add(.string(try reader.string()))
        case .number: add(.number(try reader.number()))
        case .bool: add(.bool(try reader.bool()))
        case .null:
            try reader.null()
            add(.null)
        }
    }

    private mutating func add(_ value: LineField.Value) {
        guard !path.isEmpty, path.count <= Limits.maxKeyBytes,
            fields.count < Limits.maxAttributes
        else {
            dropped += 1
            return
        }
        let start = names.count
        names.append(contentsOf: path)
        fields.append(LineField(name: start..<names.count, value: value))
    }
}
