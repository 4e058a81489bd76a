/// JSON text, written straight into bytes.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Appends text that is JSON already.
    package mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: text.description.utf8)
    }

    /// Appends text that is JSON already.
    package mutating func raw(bytes text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
    }

    /// Appends a string in quotes (RFC 8259, section 7), with `<` escaped too so that the text may
    /// stand in a page.
    package mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: raw("\\n")
            case 0x0d: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20, UInt8(ascii: "<"):
                raw("\\u00")
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a number; JSON has none for NaN and infinity, so those become strings.
    package mutating func number(_ value: Double) {
        if value.isFinite {
            raw(bytes: "\(value)".utf8)
        } else if value.isNaN {
            raw("\"NaN\"")
        } else {
            raw(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        }
    }

    /// Appends an integer.
    package mutating func number(_ value: some BinaryInteger) {
        raw(bytes: "\(value)".utf8)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
