import PerchModel

/// Reads OTLP's `Resource`, or the attributes of a scope.
struct ResourceReader: AttributeSink {
    private(set) var attributes: [Resource.Attribute] = []
    var taken = 0
    var dropped = 0

    /// The resource in `range`; an absent one has no attributes.
    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> Resource {
        var reader = ResourceReader()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try reader.read(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return Resource(reader.attributes)
    }

    mutating func take(
        _ bytes: Span<UInt8>, name: Span<UInt8>, value: AnyValue
    ) throws(WireFailure) {
        let key = String(decoding: Array(name), as: UTF8.self)
        let field: FieldValue
        switch value {
        case .none: return
        case .string(let range):
            field = .string(String(decoding: Array(bytes.extracting(range)), as: UTF8.self))
        case .bool(let value): field = .bool(value)
        case .int(let value): field = .int(value)
        case .double(let value): field = .double(value)
        case .bytes(let range): field = .bytes(Array(bytes.extracting(range)))
        case .array, .map:
            var text: [UInt8] = []
            try AnyValueJSON.append(bytes, value, to: &text)
            field = .json(String(decoding: text, as: UTF8.self))
        }
        attributes.append(Resource.Attribute(key: key, value: field))
    }
}

/// OTLP's `InstrumentationScope`.
struct Scope {
    var name = 0..<0
    var version = 0..<0
    /// Named `scope.` and the sender's key, as each record gets them.
    var attributes: [Resource.Attribute] = []
    /// What a record takes up because of this scope, roughly.
    var repeatedBytes = 0

    static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireFailure) -> Scope {
        var scope = Scope()
        var reader = ResourceReader()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: scope.name = try cursor.range(bytes)
            case 0x12: scope.version = try cursor.range(bytes)
            case 0x1a: try reader.read(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        scope.attributes = Resource(reader.attributes).attributes.map {
            Resource.Attribute(key: "scope." + $0.key, value: $0.value)
        }
        // Values of scopes are short; a nested one counts by the bytes it came in.
        scope.repeatedBytes = range.count + 16 * scope.attributes.count
        return scope
    }
}

/// The levels that all three signals share: resources, in them scopes, in them records.
enum Envelope {
    /// Where the last field with `tag` stands in the message in `range`, or an empty range.
    ///
    /// Senders write a resource before its scopes, but neither protobuf nor JSON promises an order.
    static func find(
        _ wanted: UInt32, _ bytes: Span<UInt8>, in range: Range<Int>
    ) throws(WireFailure) -> Range<Int> {
        var cursor = ProtoCursor(range)
        var found = range.lowerBound..<range.lowerBound
        while let tag = try cursor.tag(bytes) {
            if tag == wanted {
                found = try cursor.range(bytes)
            } else {
                try cursor.skip(bytes, tag: tag)
            }
        }
        return found
    }
}
