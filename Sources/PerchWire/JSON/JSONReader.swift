/// Where a string stands in a body, between its quotes.
struct JSONString {
    var range: Range<Int>
    /// Whether it has neither escapes nor bytes beyond ASCII, so that its bytes are its text.
    var isPlain: Bool
}

/// Reads JSON from the front, value by value, and keeps nothing of it.
///
/// Source: RFC 8259. Bytes that are no UTF-8 are taken within strings, and repaired when a string's
/// text is asked for.
struct JSONReader {
    /// What kind of value comes next.
    enum Kind {
        case object
        case array
        case string
        case number
        case bool
        case null
    }

    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers: JSON has none of them, but Python
    /// writes them.
    let allowsNonFinite: Bool

    init(_ bytes: [UInt8], range: Range<Int>? = nil, allowsNonFinite: Bool = false) {
        self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
        self.allowsNonFinite = allowsNonFinite
    }

    /// What kind of value comes next, judged by its first byte.
    mutating func peek() throws(WireFailure) -> Kind {
        skipSpace()
        guard position < end else { throw failure("text ends where a value belongs") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            guard allowsNonFinite else { fallthrough }
            return .number
        default: throw failure("not a value")
        }
    }

    mutating func beginObject() throws(WireFailure) {
        try expect(UInt8(ascii: "{"), "an object belongs here")
    }

    /// The next key of the object begun, or nil at its end.
    ///
    /// `first` begins as true.
    mutating func nextKey(_ first: inout Bool) throws(WireFailure) -> JSONString? {
        guard try nextItem(&first, closer: UInt8(ascii: "}")) else { return nil }
        let key = try string()
        try expect(UInt8(ascii: ":"), "a colon belongs here")
        return key
    }

    mutating func beginArray() throws(WireFailure) {
        try expect(UInt8(ascii: "["), "an array belongs here")
    }

    /// Whether another element of the array begun follows.
    ///
    /// `first` begins as true.
    mutating func nextElement(_ first: inout Bool) throws(WireFailure) -> Bool {
        try nextItem(&first, closer: UInt8(ascii: "]"))
    }

    mutating func string() throws(WireFailure) -> JSONString {
        try expect(UInt8(ascii: "\""), "a string belongs here")
        let start = position
        var all: UInt8 = 0
        var escaped = false
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return JSONString(range: start..<position, isPlain: !escaped && all < 0x80)
            }
            guard byte >= 0x20 else { throw failure("control character in a string") }
            all |= byte
            if byte == UInt8(ascii: "\\") {
                escaped = true
                try checkEscape()
            }
            position += 1
        }
        throw failure("text ends within a string")
    }

    /// The bytes of a number, which have a number's form.
    mutating func number() throws(WireFailure) -> Range<Int> {
        skipSpace()
        let start = position
        if position < end, bytes[position] == UInt8(ascii: "-") { position += 1 }
        if allowsNonFinite, position < end {
            if bytes[position] == UInt8(ascii: "N"), start == position {
                try literal("NaN")
                return start..<position
            }
            if bytes[position] == UInt8(ascii: "I") {
                try literal("Infinity")
                return start..<position
            }
        }
        let whole = position
        try digits()
        guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else {
            position = whole
            throw failure("number begins with a zero")
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits()
        }
        return start..<position
    }

    mutating func bool() throws(WireFailure) -> Bool {
        skipSpace()
        if position < end, bytes[position] == UInt8(ascii: "t") {
            try literal("true")
            return true
        }
        try literal("false")
        return false
    }

    mutating func null() throws(WireFailure) {
        skipSpace()
        try literal("null")
    }

    /// Fails unless nothing but white space is left.
    mutating func finish() throws(WireFailure) {
        skipSpace()
        guard position == end else { throw failure("text goes on after the value") }
    }

    /// A failure at the current position.
    func failure(_ message: String) -> WireFailure {
        .malformed(message, atByte: position)
    }

    /// Moves past one value of any kind and answers where it stands.
    ///
    /// Does not recurse.
    @discardableResult
    mutating func skipValue() throws(WireFailure) -> Range<Int> {
        skipSpace()
        let start = position
        var closers: [UInt8] = []
        while true {
            switch try peek() {
            case .object, .array:
                let isObject = bytes[position] == UInt8(ascii: "{")
                position += 1
                closers.append(UInt8(ascii: isObject ? "}" : "]"))
                guard closers.count <= Limits.maxSkippedDepth else {
                    throw failure("nested deeper than \(Limits.maxSkippedDepth)")
                }
                if try beginItem(closers, first: true) { continue }
                closers.removeLast()
            case .string: _ = try string()
            case .number: _ = try number()
            case .bool: _ = try bool()
            case .null: try null()
            }
            while !closers.isEmpty {
                if try beginItem(closers, first: false) { break }
                closers.removeLast()
            }
            if closers.isEmpty { return start..<position }
        }
    }

    /// Moves to the next value within the innermost of `closers`, or past its end.
    private mutating func beginItem(
        _ closers: [UInt8], first: Bool
    ) throws(WireFailure) -> Bool {
        guard let closer = closers.last else { return false }
        var first = first
        if closer == UInt8(ascii: "}") { return try nextKey(&first) != nil }
        return try nextElement(&first)
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func nextItem(
        _ first: inout Bool, closer: UInt8
    ) throws(WireFailure) -> Bool {
        skipSpace()
        guard position < end else { throw failure("text ends within a value") }
        if bytes[position] == closer {
            position += 1
            return false
        }
        if !first { try expect(UInt8(ascii: ","), "a comma belongs here") }
        first = false
        return true
    }

    @inline(__always)
    private mutating func expect(_ byte: UInt8, _ message: String) throws(WireFailure) {
        skipSpace()
        guard position < end, bytes[position] == byte else { throw failure(message) }
        position += 1
    }

    private mutating func literal(_ text: StaticString) throws(WireFailure) {
        let wanted = Array(text.description.utf8)
        guard end - position >= wanted.count,
            bytes[position..<position + wanted.count].elementsEqual(wanted)
        else { throw failure("not a value") }
        position += wanted.count
    }

    private mutating func digits() throws(WireFailure) {
        let start = position
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure("a digit belongs here") }
    }

    /// Checks the escape at the current backslash and moves to its second character.
    private mutating func checkEscape() throws(WireFailure) {
        position += 1
        guard position < end else { throw failure("text ends within a string") }
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            guard JSONUnescape.unit(bytes, at: position + 1, end: end) != nil else {
                throw failure("four hex digits belong here")
            }
        default: throw failure("escape is not known")
        }
    }
}
