/// Strings as Go's standard library writes them, which Loki's clients know.
enum LogQLText {
    /// A string in quotes, as `strconv.Quote` writes it.
    static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{7}": result += "\\a"
            case "\u{8}": result += "\\b"
            case "\u{c}": result += "\\f"
            case "\u{b}": result += "\\v"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                result += "\\x" + hex(scalar.value, 2)
            case _ where !isPrintable(scalar):
                result +=
                    scalar.value > 0xffff
                    ? "\\U" + hex(scalar.value, 8) : "\\u" + hex(scalar.value, 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
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

    private static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// What stands between double quotes, with its escapes read; nil when one is wrong.
    static func unquote(_ content: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var place = content.startIndex
        while place < content.endIndex {
            let byte = content[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard place < content.endIndex,
                unescape(content, &place, into: &result)
            else { return nil }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func unescape(
        _ bytes: ArraySlice<UInt8>, _ place: inout Int, into result: inout [UInt8]
    ) -> Bool {
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "a"): result.append(0x07)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "v"): result.append(0x0b)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): result.append(byte)
        case UInt8(ascii: "x"):
            guard let value = number(bytes, &place, 2, radix: 16) else { return false }
            result.append(UInt8(truncatingIfNeeded: value))
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = byte == UInt8(ascii: "u") ? 4 : 8
            guard let value = number(bytes, &place, count, radix: 16),
                let scalar = Unicode.Scalar(value)
            else { return false }
            result.append(contentsOf: String(scalar).utf8)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            place -= 1
            guard let value = number(bytes, &place, 3, radix: 8), value < 256 else { return false }
            result.append(UInt8(value))
        default: return false
        }
        return true
    }

    private static func number(
        _ bytes: ArraySlice<UInt8>, _ place: inout Int, _ count: Int, radix: UInt32
    ) -> UInt32? {
        guard place + count <= bytes.endIndex else { return nil }
        let text = String(decoding: bytes[place..<place + count], as: UTF8.self)
        place += count
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        return UInt32(text, radix: Int(radix))
    }
}
