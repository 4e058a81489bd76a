import PerchModel

/// Where a string stands in a body, between its quotes.
struct JSONString {
    var range: Range<Int>
    /// Whether it has neither escapes nor bytes beyond ASCII, so that its bytes are its text.
    var isPlain: Bool
}

/// Reads JSON from the front, value by value, and keeps nothing of it.
///
/// The bytes come as a parameter of each call, so a reader is three words. Source: RFC 8259. Bytes that are no UTF-8 are taken within strings, and repaired when a string's
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

    private(set) var position: Int
    let end: Int
    /// Whether `NaN`, `Infinity` and `-Infinity` are numbers: JSON has none of them, but Python
    /// writes them.
    let allowsNonFinite: Bool

    /// Reads `range`, which must lie within the bytes given to each call.
    init(_ range: Range<Int>, allowsNonFinite: Bool = false) {
        position = range.lowerBound
        end = range.upperBound
        self.allowsNonFinite = allowsNonFinite
    }

    /// What kind of value comes next, judged by its first byte.
    mutating func peek(_ bytes: Span<UInt8>) throws(WireFailure) -> Kind {
        skipSpace(bytes)
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

    mutating func beginObject(_ bytes: Span<UInt8>) throws(WireFailure) {
        try expect(bytes, UInt8(ascii: "{"), "an object belongs here")
    }

    /// The next key of the object begun, or nil at its end.
    ///
    /// `first` begins as true.
    mutating func nextKey(_ bytes: Span<UInt8>, _ first: inout Bool) throws(WireFailure)
        -> JSONString?
    {
        guard try nextItem(bytes, &first, closer: UInt8(ascii: "}")) else { return nil }
        let key = try string(bytes)
        try expect(bytes, UInt8(ascii: ":"), "a colon belongs here")
        return key
    }

    /// Takes the next key of the object begun if it is this one, written without escapes and with no
    /// more than one space before it; nil, and nothing is taken, if it is not.
    @inline(__always)
    mutating func takeKey(
        _ name: Span<UInt8>, of bytes: Span<UInt8>, _ first: inout Bool
    ) -> Range<Int>? {
        var place = position
        if !first {
            guard place < end, bytes[place] == UInt8(ascii: ",") else { return nil }
            place &+= 1
            if place < end, bytes[place] == 0x20 { place &+= 1 }
        }
        guard end &- place >= name.count &+ 3, bytes[place] == UInt8(ascii: "\""),
            stands(name, in: bytes, at: place &+ 1)
        else { return nil }
        let nameEnd = place &+ 1 &+ name.count
        guard bytes[nameEnd] == UInt8(ascii: "\""), bytes[nameEnd &+ 1] == UInt8(ascii: ":") else {
            return nil
        }
        first = false
        position = nameEnd &+ 2
        return place &+ 1..<nameEnd
    }

    mutating func beginArray(_ bytes: Span<UInt8>) throws(WireFailure) {
        try expect(bytes, UInt8(ascii: "["), "an array belongs here")
    }

    /// Whether another element of the array begun follows.
    ///
    /// `first` begins as true.
    mutating func nextElement(_ bytes: Span<UInt8>, _ first: inout Bool) throws(WireFailure) -> Bool
    {
        try nextItem(bytes, &first, closer: UInt8(ascii: "]"))
    }

    @inline(__always)
    mutating func string(_ bytes: Span<UInt8>) throws(WireFailure) -> JSONString {
        try expect(bytes, UInt8(ascii: "\""), "a string belongs here")
        return try stringRest(bytes)
    }

    /// Reads a string whose opening quote was read.
    mutating func stringRest(_ bytes: Span<UInt8>) throws(WireFailure) -> JSONString {
        let start = position
        // The bits of all bytes, the top one of each says that it is beyond ASCII.
        var all: UInt64 = 0
        var escaped = false
        while true {
            // Fast path: eight bytes without quote, backslash and control character.
            while end &- position >= 8 {
                let next = word(bytes, at: position).littleEndian
                let special = Self.special(next)
                guard special == 0 else {
                    let count = special.trailingZeroBitCount & ~7
                    all |= next & ((1 << UInt64(count)) &- 1)
                    position &+= count / 8
                    break
                }
                all |= next
                position &+= 8
            }
            guard position < end else { throw failure("text ends within a string") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position &+= 1
                let isASCII = all & 0x8080_8080_8080_8080 == 0
                return JSONString(range: start..<position - 1, isPlain: !escaped && isASCII)
            }
            guard byte >= 0x20 else { throw failure("control character in a string") }
            all |= UInt64(byte)
            if byte == UInt8(ascii: "\\") {
                escaped = true
                try checkEscape(bytes)
            }
            position &+= 1
        }
    }

    /// The top bit of the first byte that is a quote, a backslash or a control character; bits
    /// above it say nothing.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5c)
        // A byte that is equal is zero here, and the subtraction sets its top bit.
        return
            ((quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
            | (word &- (ones &* 0x20)) & ~word) & (ones &* 0x80)
    }

    /// The bytes of a number, which have a number's form.
    mutating func number(_ bytes: Span<UInt8>) throws(WireFailure) -> Range<Int> {
        skipSpace(bytes)
        let start = position
        if position < end, bytes[position] == UInt8(ascii: "-") { position += 1 }
        if allowsNonFinite, position < end {
            if bytes[position] == UInt8(ascii: "N"), start == position {
                try literal(bytes, "NaN")
                return start..<position
            }
            if bytes[position] == UInt8(ascii: "I") {
                try literal(bytes, "Infinity")
                return start..<position
            }
        }
        let whole = position
        try digits(bytes)
        guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else {
            position = whole
            throw failure("number begins with a zero")
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits(bytes)
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try digits(bytes)
        }
        return start..<position
    }

    mutating func bool(_ bytes: Span<UInt8>) throws(WireFailure) -> Bool {
        skipSpace(bytes)
        if position < end, bytes[position] == UInt8(ascii: "t") {
            try literal(bytes, "true")
            return true
        }
        try literal(bytes, "false")
        return false
    }

    mutating func null(_ bytes: Span<UInt8>) throws(WireFailure) {
        skipSpace(bytes)
        try literal(bytes, "null")
    }

    /// Fails unless nothing but white space is left.
    mutating func finish(_ bytes: Span<UInt8>) throws(WireFailure) {
        skipSpace(bytes)
        guard position == end else { throw failure("text goes on after the value") }
    }

    /// A failure at the current position.
    func failure(_ message: String) -> WireFailure {
        .malformed(message, atByte: position)
    }

    /// Moves past bytes that the caller has looked at.
    @inline(__always)
    mutating func skip(_ count: Int) {
        position = min(position &+ count, end)
    }

    /// Whether a quote stands here.
    @inline(__always)
    func isQuote(_ bytes: Span<UInt8>) -> Bool {
        position < end && bytes[position] == UInt8(ascii: "\"")
    }

    /// Whether the value that comes next begins as `null` does.
    @inline(__always)
    mutating func isNull(_ bytes: Span<UInt8>) throws(WireFailure) -> Bool {
        skipSpace(bytes)
        guard position < end else { throw failure("text ends where a value belongs") }
        return bytes[position] == UInt8(ascii: "n")
    }

    /// Moves past one value of any kind and answers where it stands.
    ///
    /// Does not recurse.
    @discardableResult
    mutating func skipValue(_ bytes: Span<UInt8>) throws(WireFailure) -> Range<Int> {
        skipSpace(bytes)
        let start = position
        var closers: [UInt8] = []
        while true {
            switch try peek(bytes) {
            case .object, .array:
                let isObject = bytes[position] == UInt8(ascii: "{")
                position += 1
                closers.append(UInt8(ascii: isObject ? "}" : "]"))
                guard closers.count <= Limits.maxSkippedDepth else {
                    throw failure("nested deeper than \(Limits.maxSkippedDepth)")
                }
                if try beginItem(bytes, closers, first: true) { continue }
                closers.removeLast()
            case .string: _ = try string(bytes)
            case .number: _ = try number(bytes)
            case .bool: _ = try bool(bytes)
            case .null: try null(bytes)
            }
            while !closers.isEmpty {
                if try beginItem(bytes, closers, first: false) { break }
                closers.removeLast()
            }
            if closers.isEmpty { return start..<position }
        }
    }

    /// Moves to the next value within the innermost of `closers`, or past its end.
    private mutating func beginItem(
        _ bytes: Span<UInt8>, _ closers: [UInt8], first: Bool
    ) throws(WireFailure) -> Bool {
        guard let closer = closers.last else { return false }
        var first = first
        if closer == UInt8(ascii: "}") { return try nextKey(bytes, &first) != nil }
        return try nextElement(bytes, &first)
    }

    @inline(__always)
    mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    /// Whether another item of the object or array begun follows, and moves to it.
    @inline(__always)
    mutating func nextItem(
        _ bytes: Span<UInt8>, _ first: inout Bool, closer: UInt8
    ) throws(WireFailure) -> Bool {
        skipSpace(bytes)
        guard position < end else { throw failure("text ends within a value") }
        if bytes[position] == closer {
            position += 1
            return false
        }
        if !first {
            try expect(bytes, UInt8(ascii: ","), "a comma belongs here")
            skipSpace(bytes)
        }
        first = false
        return true
    }

    @inline(__always)
    mutating func expect(
        _ bytes: Span<UInt8>, _ byte: UInt8, _ message: StaticString
    ) throws(WireFailure) {
        // Fast path: no space.
        if position < end, bytes[position] == byte {
            position &+= 1
            return
        }
        skipSpace(bytes)
        guard position < end, bytes[position] == byte else { throw failure("\(message)") }
        position += 1
    }

    private mutating func literal(_ bytes: Span<UInt8>, _ text: StaticString) throws(WireFailure) {
        var place = position
        for byte in text.description.utf8 {
            guard place < end, bytes[place] == byte else { throw failure("not a value") }
            place += 1
        }
        position = place
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(WireFailure) {
        let start = position
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure("a digit belongs here") }
    }

    /// Checks the escape at the current backslash and moves to its second character.
    private mutating func checkEscape(_ bytes: Span<UInt8>) throws(WireFailure) {
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
