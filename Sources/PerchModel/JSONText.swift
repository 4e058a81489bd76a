/// Writes single values of JSON text into bytes (RFC 8259): the one place that escapes.
package enum JSONText {
    /// Where the text will stand.
    package enum Place: Sendable {
        /// In a JSON document: only what JSON asks for is escaped.
        case document
        /// Within a page or a script: `<`, U+2028 and U+2029 are escaped too, since they could end
        /// the script or a line of it.
        case page
    }

    /// A string with its quotes.
    package static func string(_ text: String, in place: Place = .document) -> String {
        var output: [UInt8] = []
        appendString(text, in: place, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends a string with its quotes.
    package static func appendString(
        _ text: String, in place: Place = .document, to output: inout [UInt8]
    ) {
        output.append(quote)
        appendRuns(text.utf8.span, in: place, to: &output)
        output.append(quote)
    }

    /// Appends a string with its quotes; what of it is no UTF-8 becomes U+FFFD.
    package static func appendString(
        _ text: Span<UInt8>, in place: Place = .document, to output: inout [UInt8]
    ) {
        output.append(quote)
        let start = output.count
        appendRuns(text, in: place, to: &output)
        if !UTF8Check.isASCII(text) { UTF8Check.repair(&output, from: start) }
        output.append(quote)
    }

    /// Appends what stands for itself at once, and the rest byte by byte.
    private static func appendRuns(
        _ text: Span<UInt8>, in place: Place, to output: inout [UInt8]
    ) {
        var position = 0
        while position < text.count {
            let runStart = position
            while position < text.count, isPlain(text[position], place) { position &+= 1 }
            output.append(text.extracting(runStart..<position))
            if position < text.count {
                escape(text[position], to: &output)
                position &+= 1
            }
        }
    }

    private static let quote = UInt8(ascii: "\"")

    /// Whether a byte stands for itself, whatever comes before it.
    @inline(__always)
    private static func isPlain(_ byte: UInt8, _ place: Place) -> Bool {
        guard byte >= 0x20, byte != quote, byte != UInt8(ascii: "\\") else { return false }
        guard place == .page else { return true }
        return byte != UInt8(ascii: "<") && byte != 0xa8 && byte != 0xa9
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case quote, UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x0a: output.append(contentsOf: #"\n"#.utf8)
        case 0x0d: output.append(contentsOf: #"\r"#.utf8)
        case 0x09: output.append(contentsOf: #"\t"#.utf8)
        case 0xa8, 0xa9:
            // The last byte of U+2028 or U+2029, or of some other character.
            guard output.suffix(2).elementsEqual([0xe2, 0x80]) else {
                output.append(byte)
                return
            }
            output.removeLast(2)
            output.append(contentsOf: (byte == 0xa8 ? #"\u2028"# : #"\u2029"#).utf8)
        default:
            output.append(contentsOf: #"\u00"#.utf8)
            output.append(Hex.digit(byte >> 4))
            output.append(Hex.digit(byte & 15))
        }
    }

    /// Appends a number; those that JSON lacks become the strings that OTLP/JSON has for them.
    package static func appendDouble(_ value: Double, to output: inout [UInt8]) {
        if value.isFinite {
            output.append(contentsOf: value.description.utf8)
        } else if value.isNaN {
            output.append(contentsOf: #""NaN""#.utf8)
        } else {
            output.append(contentsOf: (value < 0 ? #""-Infinity""# : #""Infinity""#).utf8)
        }
    }
}
