import PerchModel

/// Reads a line that is nothing but `key=value` pairs, as loggers of Go write them.
///
/// Source: github.com/kr/logfmt. A line with anything else in it is text.
enum Logfmt {
    /// Whether a line may be logfmt, judged by its first word.
    static func mayBe(_ bytes: Span<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count, isKey(bytes[position]) {
            position += 1
            // Keys are short, and so is this look at every line.
            if position > 64 { return false }
        }
        return position > 0 && position < bytes.count && bytes[position] == UInt8(ascii: "=")
    }

    /// A pair: ranges of the line, and whether the value stood in quotes.
    struct Pair {
        var key: Range<Int>
        var value: JSONString
        var isQuoted: Bool
    }

    /// The pairs of a line, or nil when there are less than two, more than `countMax`, or
    /// something else.
    static func pairs(_ bytes: Span<UInt8>, countMax: Int) -> [Pair]? {
        var pairs: [Pair] = []
        var position = 0
        while true {
            while position < bytes.count, bytes[position] == 0x20 { position += 1 }
            // A line feed ends many a line.
            if position == bytes.count || position == bytes.count - 1 && bytes[position] == 0x0a {
                break
            }
            let start = position
            while position < bytes.count, isKey(bytes[position]) { position += 1 }
            let key = start..<position
            guard !key.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: "="),
                pairs.count < countMax
            else { return nil }
            position += 1
            guard let pair = value(bytes, &position, key) else { return nil }
            pairs.append(pair)
        }
        return pairs.count < 2 ? nil : pairs
    }

    private static func value(
        _ bytes: Span<UInt8>, _ position: inout Int, _ key: Range<Int>
    ) -> Pair? {
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            var reader = JSONReader(position..<bytes.count)
            guard let string = try? reader.string(bytes) else { return nil }
            position = reader.position
            guard position == bytes.count || bytes[position] == 0x20 || bytes[position] == 0x0a
            else { return nil }
            return Pair(key: key, value: string, isQuoted: true)
        }
        let start = position
        while position < bytes.count, bytes[position] > 0x20 {
            guard bytes[position] != UInt8(ascii: "\"") else { return nil }
            position += 1
        }
        // Bytes as they are: no escapes without quotes.
        return Pair(
            key: key, value: JSONString(range: start..<position, isPlain: true), isQuoted: false)
    }

    /// Letters, digits and what names are joined by.
    private static func isKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
