/// Strings and numbers as Go's standard library writes them, which clients of Prometheus know.
package enum GoText {
    /// A string in quotes, as `strconv.Quote` writes it.
    package static func quote(_ text: String) -> String { quote(bytes: Array(text.utf8)) }

    /// Bytes in quotes; those that are no UTF-8 are escaped one by one.
    package static func quote(bytes: [UInt8]) -> String {
        var result = "\""
        var index = 0
        while index < bytes.count {
            guard let (scalar, length) = scalar(in: bytes, at: index) else {
                result += "\\x" + hexadecimal(UInt32(bytes[index]), digits: 2)
                index += 1
                continue
            }
            result += escaped(scalar)
            index += length
        }
        return result + "\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\u{7}": "\\a"
        case "\u{8}": "\\b"
        case "\u{c}": "\\f"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\u{b}": "\\v"
        case _ where scalar.value < 0x20 || scalar.value == 0x7f:
            "\\x" + hexadecimal(scalar.value, digits: 2)
        case _ where isPrintable(scalar): String(scalar)
        case _ where scalar.value > 0xffff: "\\U" + hexadecimal(scalar.value, digits: 8)
        default: "\\u" + hexadecimal(scalar.value, digits: 4)
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The character that starts at `index` and how many bytes it takes; nil when it is no UTF-8.
    private static func scalar(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
        var decoder = UTF8()
        var iterator = bytes[index..<min(index + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
        return (scalar, UTF8.width(scalar))
    }

    /// Whether bytes are UTF-8.
    static func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// What a quoted string stands for, or why it stands for nothing.
    ///
    /// Source: Prometheus' `strutil.Unquote`: Go's strings, and single quotes work as double ones.
    static func unquote(_ literal: String) throws(QuoteFailure) -> [UInt8] {
        let bytes = Array(literal.utf8)
        guard bytes.count >= 2, let quote = bytes.first, quote == bytes.last else {
            throw QuoteFailure()
        }
        let content = bytes[1..<bytes.count - 1]
        if quote == UInt8(ascii: "`") {
            guard !content.contains(quote) else { throw QuoteFailure() }
            return content.filter { $0 != 0x0d }
        }
        var result: [UInt8] = []
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            guard byte != 0x0a, byte != quote else { throw QuoteFailure() }
            index += 1
            if byte == UInt8(ascii: "\\") {
                try unescape(content, &index, quote, into: &result)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// A string that is not quoted right.
    struct QuoteFailure: Error {}

    private static func unescape(
        _ bytes: ArraySlice<UInt8>, _ index: inout Int, _ quote: UInt8, into result: inout [UInt8]
    ) throws(QuoteFailure) {
        guard index < bytes.endIndex else { throw QuoteFailure() }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "a"): result.append(0x07)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "v"): result.append(0x0b)
        case UInt8(ascii: "\\"), quote: result.append(byte)
        case UInt8(ascii: "x"):
            result.append(UInt8(truncatingIfNeeded: try number(bytes, &index, 2, radix: 16)))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            guard let scalar = Unicode.Scalar(try number(bytes, &index, count, radix: 16)) else {
                throw QuoteFailure()
            }
            result.append(contentsOf: String(scalar).utf8)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            let value = try number(bytes, &index, 3, radix: 8)
            guard value <= 255 else { throw QuoteFailure() }
            result.append(UInt8(value))
        default: throw QuoteFailure()
        }
    }

    private static func number(
        _ bytes: ArraySlice<UInt8>, _ index: inout Int, _ count: Int, radix: UInt32
    ) throws(QuoteFailure) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard index < bytes.endIndex, let digit = bytes[index].hexadecimalValue,
                UInt32(digit) < radix
            else { throw QuoteFailure() }
            value = value &* radix &+ UInt32(digit)
            index += 1
        }
        return value
    }
}
