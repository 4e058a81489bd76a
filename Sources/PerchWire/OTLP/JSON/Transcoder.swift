import PerchModel

/// Rewrites OTLP/JSON as protobuf, so that both have one reader.
///
/// Source: OTLP specification, "JSON Protobuf Encoding"; protobuf.dev/programming-guides/json.
struct Transcoder {
    private var reader: JSONReader
    private var writer = ProtoWriter()
    private let schema = Schema.otlp
    private let compact = Literals(space: "")
    /// As Python's JSON writer has it.
    private let spaced = Literals(space: " ")
    /// The entry that followed each entry last time, and after all entries the one that came first
    /// in each message: keys come in the same order in almost every object.
    private var successors: [UInt16]
    /// Values of protobuf's JSON mapping nest three deep for one level of an `AnyValue`.
    private static let maxDepth = Limits.maxDepth * 3 + 16

    /// The protobuf form of a request.
    static func transcode(
        _ body: [UInt8], as message: Schema.Message
    ) throws(WireFailure) -> [UInt8] {
        var transcoder = Transcoder(reader: JSONReader(body.indices))
        // Keys become a byte or two, so the protobuf form is seldom over half of the text.
        transcoder.writer.bytes.reserveCapacity(body.count / 2)
        try transcoder.message(body.span, message, depth: 0)
        try transcoder.reader.finish(body.span)
        return transcoder.writer.bytes
    }

    private init(reader: JSONReader) {
        self.reader = reader
        let last = Schema.otlp.entries.count - 1
        successors = (0...last).map { UInt16(min($0 + 1, last)) }
        successors.append(contentsOf: Schema.otlp.starts.dropLast().map { UInt16($0) })
    }

    private mutating func message(
        _ bytes: Span<UInt8>, _ message: Schema.Message, depth: Int
    ) throws(WireFailure) {
        guard depth <= Self.maxDepth else { throw reader.failure("values nest too deep") }
        try reader.beginObject(bytes)
        var first = true
        var before = schema.entries.count + message.rawValue
        while try reader.nextItem(bytes, &first, closer: UInt8(ascii: "}")) {
            guard let index = try key(bytes, message, after: before) else {
                try reader.skipValue(bytes)
                continue
            }
            if try reader.isNull(bytes) {
                try reader.null(bytes)
            } else {
                try field(bytes, schema.entries[index], depth: depth)
            }
            before = index
        }
    }

    /// Reads a key with its colon and answers its entry, or nil when it is none of ours.
    @inline(__always)
    private mutating func key(
        _ bytes: Span<UInt8>, _ message: Schema.Message, after before: Int
    ) throws(WireFailure) -> Int? {
        // Fast path: the key that came here last time, written without spaces.
        let guess = Int(successors[before])
        let range = schema.starts[message.rawValue]..<schema.starts[message.rawValue + 1]
        if range.contains(guess), take(bytes, schema.entries[guess].key) { return guess }
        for index in range where take(bytes, schema.entries[index].key) {
            successors[before] = UInt16(index)
            return index
        }
        // A key with space behind it, one that nobody reads, or one at the end of the body. A name
        // that needs escapes is none of ours.
        let name = try reader.string(bytes)
        try reader.expect(bytes, UInt8(ascii: ":"), "a colon belongs here")
        guard name.isPlain else { return nil }
        var quoted = [UInt8(ascii: "\"")]
        quoted.append(bytes.extracting(name.range))
        quoted.append(contentsOf: "\":".utf8)
        let count = quoted.count
        for _ in count..<max(count, 8) { quoted.append(0) }
        for index in range {
            let known = schema.entries[index].key
            if known.count == count, known.stands(in: quoted.span, at: 0) { return index }
        }
        return nil
    }

    /// Moves past a text when it stands exactly here.
    @inline(__always)
    private mutating func take(_ bytes: Span<UInt8>, _ text: ByteLiteral) -> Bool {
        guard text.stands(in: bytes, at: reader.position) else { return false }
        reader.skip(text.count)
        return true
    }

    private mutating func field(
        _ bytes: Span<UInt8>, _ entry: Schema.Entry, depth: Int
    ) throws(WireFailure) {
        guard entry.isRepeated else {
            try value(bytes, entry, depth: depth)
            return
        }
        try reader.beginArray(bytes)
        var first = true
        while try reader.nextElement(bytes, &first) { try value(bytes, entry, depth: depth) }
    }

    private mutating func value(
        _ bytes: Span<UInt8>, _ entry: Schema.Entry, depth: Int
    ) throws(WireFailure) {
        let number = entry.number
        switch entry.kind {
        case .message(.keyValue) where try attribute(bytes, number): return
        case .message(let inner):
            let start = writer.open(field: number)
            try message(bytes, inner, depth: depth + 1)
            writer.close(start)
        case .string:
            let text = try reader.string(bytes)
            // Fast path: the bytes are the text.
            if text.isPlain {
                writer.bytes(field: number, bytes.extracting(text.range))
                return
            }
            let start = writer.open(field: number)
            JSONUnescape.append(text, of: bytes, to: &writer.bytes)
            writer.close(start)
        case .bytes: writer.bytes(field: number, try base64(bytes))
        case .id: try id(bytes, number, isOptional: false)
        case .optionalID: try id(bytes, number, isOptional: true)
        case .bool: writer.varint(field: number, try bool(bytes) ? 1 : 0)
        case .double: writer.fixed64(field: number, try double(bytes).bitPattern)
        case .int64: writer.varint(field: number, UInt64(bitPattern: try int(bytes)))
        case .sfixed64: writer.fixed64(field: number, UInt64(bitPattern: try int(bytes)))
        case .uint64: writer.varint(field: number, try unsigned(bytes))
        case .fixed64: writer.fixed64(field: number, try unsigned(bytes))
        case .fixed32:
            writer.fixed32(field: number, UInt32(truncatingIfNeeded: try unsigned(bytes)))
        case .sint32:
            let value = try int(bytes)
            writer.varint(field: number, UInt64(bitPattern: value << 1 ^ value >> 63))
        case .enumeration(let names):
            writer.varint(field: number, UInt64(bitPattern: try enumeration(bytes, names)))
        }
    }

    /// Rewrites an attribute whose value is a plain string or an integer, as most are, written
    /// without spaces or with one behind each colon and comma.
    ///
    /// Answers false, and has neither read nor written anything, when it is another: then the
    /// general way reads it, and finds what is wrong with it.
    private mutating func attribute(
        _ bytes: Span<UInt8>, _ number: UInt32
    ) throws(WireFailure) -> Bool {
        let before = reader
        let literals = compact.key.stands(in: bytes, at: reader.position) ? compact : spaced
        guard take(bytes, literals.key), let key = try plainRest(bytes),
            take(bytes, literals.value)
        else {
            reader = before
            return false
        }
        if take(bytes, literals.string), let text = try plainRest(bytes),
            take(bytes, literals.end)
        {
            writer.attribute(
                field: number, bytes.extracting(key), string: bytes.extracting(text))
            return true
        }
        if take(bytes, literals.quotedInt), let digits = try plainRest(bytes),
            let value = JSONNumber.int(bytes, digits), take(bytes, literals.end)
        {
            writer.attribute(field: number, bytes.extracting(key), int: value)
            return true
        }
        reader = before
        return false
    }

    /// The rest of a string that needs no unescaping, or nil.
    @inline(__always)
    private mutating func plainRest(_ bytes: Span<UInt8>) throws(WireFailure) -> Range<Int>? {
        let string = try reader.stringRest(bytes)
        return string.isPlain ? string.range : nil
    }

    /// What stands between the parts of an attribute.
    private struct Literals {
        let key: ByteLiteral
        let value: ByteLiteral
        let string: ByteLiteral
        let quotedInt: ByteLiteral
        let end = ByteLiteral("}}")

        init(space: String) {
            key = ByteLiteral("{\"key\":\(space)\"")
            value = ByteLiteral(",\(space)\"value\":\(space){")
            string = ByteLiteral("\"stringValue\":\(space)\"")
            quotedInt = ByteLiteral("\"intValue\":\(space)\"")
        }
    }

    /// The bytes of a number that may stand in quotes.
    private mutating func numeral(_ bytes: Span<UInt8>) throws(WireFailure) -> Range<Int> {
        reader.skipSpace(bytes)
        // Fast path: digits in quotes, as OTLP's exporters write 64-bit numbers.
        return try reader.isQuote(bytes)
            ? reader.string(bytes).range : reader.number(bytes)
    }

    private mutating func int(_ bytes: Span<UInt8>) throws(WireFailure) -> Int64 {
        let range = try numeral(bytes)
        // Fast path: digits only. Otherwise 1.0 and 1e3 are integers too, as protobuf has it.
        if let value = JSONNumber.int(bytes, range) { return value }
        guard let double = JSONNumber.double(bytes, range), let value = Int64(exactly: double)
        else { throw .malformed("not a 64-bit integer", atByte: range.lowerBound) }
        return value
    }

    private mutating func unsigned(_ bytes: Span<UInt8>) throws(WireFailure) -> UInt64 {
        let range = try numeral(bytes)
        if let value = JSONNumber.unsigned(bytes, range) { return value }
        guard let double = JSONNumber.double(bytes, range), let value = UInt64(exactly: double)
        else { throw .malformed("not an unsigned 64-bit integer", atByte: range.lowerBound) }
        return value
    }

    private mutating func double(_ bytes: Span<UInt8>) throws(WireFailure) -> Double {
        let range = try numeral(bytes)
        guard let value = JSONNumber.double(bytes, range) else {
            throw .malformed("not a number", atByte: range.lowerBound)
        }
        return value
    }

    private mutating func bool(_ bytes: Span<UInt8>) throws(WireFailure) -> Bool {
        guard try reader.peek(bytes) == .bool else {
            throw reader.failure("true or false belongs here")
        }
        return try reader.bool(bytes)
    }

    private mutating func enumeration(
        _ bytes: Span<UInt8>, _ enumeration: Schema.Enumeration
    ) throws(WireFailure) -> Int64 {
        guard try reader.peek(bytes) == .string else { return try int(bytes) }
        let string = try reader.string(bytes)
        if let value = JSONNumber.int(bytes, string.range) { return value }
        let text = String(decoding: Array(bytes.extracting(string.range)), as: UTF8.self)
        guard let index = enumeration.names.firstIndex(of: text) else {
            throw .malformed("not a name of this enumeration", atByte: string.range.lowerBound)
        }
        return Int64(index)
    }

    /// Writes the bytes behind hex digits.
    private mutating func id(
        _ bytes: Span<UInt8>, _ number: UInt32, isOptional: Bool
    ) throws(WireFailure) {
        let string = try reader.string(bytes)
        let digits = bytes.extracting(string.range)
        if writer.hex(field: number, digits) { return }
        guard isOptional else {
            throw .malformed("id is not hex", atByte: string.range.lowerBound)
        }
        writer.bytes(field: number, [0])
    }

    private mutating func base64(_ bytes: Span<UInt8>) throws(WireFailure) -> [UInt8] {
        let string = try reader.string(bytes)
        var text: [UInt8] = []
        JSONUnescape.append(string, of: bytes, to: &text)
        guard let decoded = Base64Reader.decode(text) else {
            throw .malformed("not base64", atByte: string.range.lowerBound)
        }
        return decoded
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
