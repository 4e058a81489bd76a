/// A string in quotes as Go's `strconv.Quote` writes it.
///
/// Source: go.dev/ref/spec, "String literals".
enum GoString {
    /// Reads one from the beginning of `rest`, and moves past it; nil for what is none.
    static func read(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let escape = rest.popFirst(), append(escape, &rest, to: &text) else {
                    return nil
                }
            default: text.append(byte)
            }
        }
        return nil
    }

    private static func append(
        _ escape: UInt8, _ rest: inout ArraySlice<UInt8>, to text: inout [UInt8]
    ) -> Bool {
        switch escape {
        case UInt8(ascii: "a"): text.append(7)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "v"): text.append(11)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): text.append(escape)
        case UInt8(ascii: "x"):
            guard let value = number(&rest, digitCount: 2) else { return false }
            text.append(UInt8(truncatingIfNeeded: value))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let digitCount = escape == UInt8(ascii: "u") ? 4 : 8
            guard let value = number(&rest, digitCount: digitCount),
                let scalar = Unicode.Scalar(value)
            else { return false }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: return false
        }
        return true
    }

    private static func number(_ rest: inout ArraySlice<UInt8>, digitCount: Int) -> UInt32? {
        let digits = rest.prefix(digitCount)
        guard digits.count == digitCount else { return nil }
        rest = rest.dropFirst(digitCount)
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
