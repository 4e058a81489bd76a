import PerchModel

/// Writes JSON text into bytes.
enum JSONText {
    /// Appends a string with its quotes.
    ///
    /// Bytes that are no UTF-8 stay as they are; readers repair.
    static func appendString(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text { appendEscaped(byte, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a string that stands in a range of `bytes`, with its quotes.
    static func appendString(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for index in range { appendEscaped(bytes[index], to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        // Fast path: nothing to escape.
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            output.append(byte)
            return
        }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x0a: output.append(contentsOf: #"\n"#.utf8)
        case 0x0d: output.append(contentsOf: #"\r"#.utf8)
        case 0x09: output.append(contentsOf: #"\t"#.utf8)
        default:
            output.append(contentsOf: #"\u00"#.utf8)
            output.append(contentsOf: Hex.encode([byte]).utf8)
        }
    }

    /// Appends a number; those that JSON lacks become the strings that OTLP/JSON has for them.
    static func appendDouble(_ value: Double, to output: inout [UInt8]) {
        if value.isFinite {
            output.append(contentsOf: value.description.utf8)
        } else if value.isNaN {
            output.append(contentsOf: #""NaN""#.utf8)
        } else {
            output.append(contentsOf: (value < 0 ? #""-Infinity""# : #""Infinity""#).utf8)
        }
    }
}
