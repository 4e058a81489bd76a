import PerchModel

/// Rewrites OTLP/JSON as protobuf, so that both have one reader.
///
/// Source: OTLP specification, "JSON Protobuf Encoding"; protobuf.dev/programming-guides/json.
struct Transcoder {
    private var reader: JSONReader
    private var writer = ProtoWriter()
    private var schema = Schema.otlp
    /// Values of protobuf's JSON mapping nest three deep for one level of an `AnyValue`.
    private static let maxDepth = Limits.maxDepth * 3 + 16

    /// The protobuf form of a request.
    static func transcode(
        _ body: [UInt8], as message: Schema.Message
    ) throws(WireFailure) -> [UInt8] {
        var transcoder = Transcoder(reader: JSONReader(body))
        transcoder.writer.bytes.reserveCapacity(body.count)
        try transcoder.message(message, depth: 0)
        try transcoder.reader.finish()
        return transcoder.writer.bytes
    }

    private init(reader: JSONReader) {
        self.reader = reader
    }

    private mutating func message(
        _ message: Schema.Message, depth: Int
    ) throws(WireFailure) {
        guard depth <= Self.maxDepth else { throw reader.failure("values nest too deep") }
        try reader.beginObject()
        var first = true
        while let key = try reader.nextKey(&first) {
            if try reader.peek() == .null {
                try reader.null()
            } else if let index = find(key, in: message) {
                try field(message, index, depth: depth)
            } else {
                try reader.skipValue()
            }
        }
    }

    private func find(_ key: JSONString, in message: Schema.Message) -> Int? {
        // A name that needs escapes is none of ours.
        guard key.isPlain else { return nil }
        return schema.fields[message.rawValue].firstIndex {
            $0.name.count == key.range.count && $0.name.elementsEqual(reader.bytes[key.range])
        }
    }

    private mutating func field(
        _ message: Schema.Message, _ index: Int, depth: Int
    ) throws(WireFailure) {
        let field = schema.fields[message.rawValue][index]
        guard field.isRepeated else {
            try value(field, depth: depth)
            return
        }
        try reader.beginArray()
        var first = true
        while try reader.nextElement(&first) { try value(field, depth: depth) }
    }

    private mutating func value(_ field: Schema.Field, depth: Int) throws(WireFailure) {
        switch field.kind {
        case .message(let inner):
            let start = writer.open(field: field.number)
            try message(inner, depth: depth + 1)
            writer.close(start)
        case .string:
            let text = try reader.string()
            let start = writer.open(field: field.number)
            JSONUnescape.append(text, of: reader.bytes, to: &writer.bytes)
            writer.close(start)
        case .bytes: writer.bytes(field: field.number, try base64())
        case .id: writer.bytes(field: field.number, try id(isOptional: false))
        case .optionalID: writer.bytes(field: field.number, try id(isOptional: true))
        case .bool: writer.varint(field: field.number, try bool() ? 1 : 0)
        case .double: writer.fixed64(field: field.number, try double().bitPattern)
        case .int64: writer.varint(field: field.number, UInt64(bitPattern: try int()))
        case .sfixed64: writer.fixed64(field: field.number, UInt64(bitPattern: try int()))
        case .uint64: writer.varint(field: field.number, try unsigned())
        case .fixed64: writer.fixed64(field: field.number, try unsigned())
        case .fixed32:
            writer.fixed32(field: field.number, UInt32(truncatingIfNeeded: try unsigned()))
        case .sint32:
            let value = try int()
            writer.varint(field: field.number, UInt64(bitPattern: value << 1 ^ value >> 63))
        case .enumeration(let names):
            writer.varint(field: field.number, UInt64(bitPattern: try enumeration(names)))
        }
    }

    /// The bytes of a number that may stand in quotes.
    private mutating func numeral() throws(WireFailure) -> Range<Int> {
        try reader.peek() == .string ? try reader.string().range : try reader.number()
    }

    private mutating func int() throws(WireFailure) -> Int64 {
        let range = try numeral()
        // Fast path: digits only. Otherwise 1.0 and 1e3 are integers too, as protobuf has it.
        if let value = JSONNumber.int(reader.bytes, range) { return value }
        guard let double = JSONNumber.double(reader.bytes, range),
            let value = Int64(exactly: double)
        else { throw .malformed("not a 64-bit integer", atByte: range.lowerBound) }
        return value
    }

    private mutating func unsigned() throws(WireFailure) -> UInt64 {
        let range = try numeral()
        if let value = JSONNumber.unsigned(reader.bytes, range) { return value }
        guard let double = JSONNumber.double(reader.bytes, range),
            let value = UInt64(exactly: double)
        else { throw .malformed("not an unsigned 64-bit integer", atByte: range.lowerBound) }
        return value
    }

    private mutating func double() throws(WireFailure) -> Double {
        let range = try numeral()
        guard let value = JSONNumber.double(reader.bytes, range) else {
            throw .malformed("not a number", atByte: range.lowerBound)
        }
        return value
    }

    private mutating func bool() throws(WireFailure) -> Bool {
        guard try reader.peek() == .bool else { throw reader.failure("true or false belongs here") }
        return try reader.bool()
    }

    private mutating func enumeration(_ names: [String]) throws(WireFailure) -> Int64 {
        guard try reader.peek() == .string else { return try int() }
        let string = try reader.string()
        if let value = JSONNumber.int(reader.bytes, string.range) { return value }
        let text = String(decoding: reader.bytes[string.range], as: UTF8.self)
        guard let index = names.firstIndex(of: text) else {
            throw .malformed("not a name of this enumeration", atByte: string.range.lowerBound)
        }
        return Int64(index)
    }

    private mutating func id(isOptional: Bool) throws(WireFailure) -> [UInt8] {
        let string = try reader.string()
        if let id = Hex.decode(reader.bytes[string.range]) { return id }
        guard isOptional else {
            throw .malformed("id is not hex", atByte: string.range.lowerBound)
        }
        return [0]
    }

    private mutating func base64() throws(WireFailure) -> [UInt8] {
        let string = try reader.string()
        var text: [UInt8] = []
        JSONUnescape.append(string, of: reader.bytes, to: &text)
        guard let bytes = Base64Reader.decode(text) else {
            throw .malformed("not base64", atByte: string.range.lowerBound)
        }
        return bytes
    }
}

/// Reads base64 (RFC 4648) in the standard or the URL alphabet, with or without padding, as
/// protobuf's JSON mapping asks.
enum Base64Reader {
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        var digits = text[...]
        while digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard text.count - digits.count <= 2, digits.count % 4 != 1 else { return nil }
        var output: [UInt8] = []
        var group: UInt32 = 0
        var bits = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return output
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
