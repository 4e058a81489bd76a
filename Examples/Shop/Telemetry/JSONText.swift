import NIOCore

/// Writes JSON into a buffer; commas are its business, order is the caller's.
struct JSONText {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(capacity: Int) {
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
    }

    mutating func object(_ body: (inout JSONText) -> Void) {
        enclosed("{", "}", body)
    }

    mutating func array<Items: Sequence>(
        _ items: Items, _ body: (inout JSONText, Items.Element) -> Void
    ) {
        enclosed("[", "]") { text in
            for item in items { body(&text, item) }
        }
    }

    /// The name of a member; its value follows.
    mutating func key(_ name: StaticString) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeString("\":")
        needsComma = false
    }

    mutating func string(_ value: String) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        // Fast path: most names and values need no escape.
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            buffer.writeString(value)
        } else {
            for byte in value.utf8 { writeEscaped(byte) }
        }
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A 64-bit number, which the JSON mapping of Protocol Buffers writes as a string.
    mutating func quoted(_ value: some BinaryInteger) {
        string(String(value))
    }

    mutating func number(_ value: Int) {
        literal(String(value))
    }

    /// A number, or the names that the JSON mapping of Protocol Buffers has for what JSON lacks.
    mutating func number(_ value: Double) {
        if value.isFinite {
            literal(String(value))
        } else {
            string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
    }

    mutating func bool(_ value: Bool) {
        literal(value ? "true" : "false")
    }

    private mutating func literal(_ text: String) {
        separate()
        buffer.writeString(text)
        needsComma = true
    }

    private mutating func enclosed(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONText) -> Void
    ) {
        separate()
        buffer.writeInteger(UInt8(ascii: open))
        needsComma = false
        body(&self)
        buffer.writeInteger(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = false
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeString("\\n")
        case UInt8(ascii: "\r"): buffer.writeString("\\r")
        case UInt8(ascii: "\t"): buffer.writeString("\\t")
        case 0..<0x20:
            buffer.writeString(byte < 0x10 ? "\\u000" : "\\u00")
            buffer.writeString(String(byte, radix: 16))
        default: buffer.writeInteger(byte)
        }
    }
}
