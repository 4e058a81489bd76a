import PerchTestSupport
import Testing

@testable import PerchWire

/// JSON values one by one, and fast paths against their plain forms.
@Suite struct JSONReaderTests {
    private static func readAll(_ text: String) throws {
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes.indices)
        try reader.skipValue(bytes.span)
        try reader.finish(bytes.span)
    }

    /// Strings are read eight bytes at a time; what ends them may stand at any of the eight.
    @Test func stringsEndWhereTheyEnd() throws {
        for length in 0..<40 {
            for place in 0...length {
                for special in ["", "\\n", "\u{1f}", "é", "\u{80}", "\u{7f}", "\\\""] {
                    let before = String(repeating: "a", count: place)
                    let after = String(repeating: "~", count: length - place)
                    let bytes = Array("\"\(before)\(special)\(after)\"\"more".utf8)
                    var reader = JSONReader(bytes.indices)
                    guard special != "\u{1f}" else {
                        #expect(throws: WireFailure.self) { _ = try reader.string(bytes.span) }
                        #expect(reader.position == place + 1)
                        continue
                    }
                    let string = try reader.string(bytes.span)
                    #expect(string.range == 1..<bytes.count - 6)
                    #expect(string.isPlain == ["", "\u{7f}"].contains(special))
                }
            }
        }
    }
    @Test(arguments: [
        "{}", "[]", "0", "-0", "1.5e-3", "\"\\u00e9\"", " [1, {\"a\": [true, null]}] ",
        "\"\u{7f}\"",
    ])
    func valid(_ text: String) throws {
        try Self.readAll(text)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "01", "1.", ".5", "+1", "1e", "\"\\x\"",
        "\"\\u12g4\"",
        "\"\u{1}\"", "tru", "NaN", "{\"a\"}", "{\"a\":}", "[1 2]", "{} x", "\"open", "nul",
    ])
    func invalid(_ text: String) {
        #expect(throws: WireFailure.self) {
            try Self.readAll(text)
        }
    }

    @Test(arguments: [
        (#"a\n\t\"\\\/b"#, "a\n\t\"\\/b"), (#"\ud83d\ude00"#, "😀"), (#"\ud83d"#, "\u{FFFD}"),
        (#"\ud83dx"#, "\u{FFFD}x"), (#"\u0000"#, "\0"), ("é", "é"),
    ])
    func text(_ escaped: String, _ wanted: String) throws {
        let bytes = Array("\"\(escaped)\"".utf8)
        var reader = JSONReader(bytes.indices)
        var output: [UInt8] = []
        JSONUnescape.append(try reader.string(bytes.span), of: bytes.span, to: &output)
        #expect(output == Array(wanted.utf8))
    }

    @Test func fastDoublesAreThePlainOnes() {
        var random = DecoderVerifier.SplitMix(state: 7)
        var tried = 0
        for _ in 0..<20_000 {
            let digits = String(random.next() % 1_000_000_000_000_000)
            let split = digits.index(
                digits.startIndex, offsetBy: Int(random.next() % UInt64(digits.count)) + 1)
            let sign = random.next() % 2 == 0 ? "-" : ""
            let point = split == digits.endIndex ? "" : "."
            let bytes = Array("\(sign)\(digits[..<split])\(point)\(digits[split...])".utf8)
            guard let fast = JSONNumber.fastDouble(bytes.span, 0..<bytes.count) else { continue }
            tried += 1
            #expect(fast == JSONNumber.plainDouble(bytes.span, 0..<bytes.count))
        }
        #expect(tried > 15_000)
    }

    @Test func integersAtTheirLimits() {
        for text in ["9223372036854775807", "-9223372036854775808", "0", "-1"] {
            let bytes = Array(text.utf8)
            #expect(JSONNumber.int(bytes.span, 0..<bytes.count) == Int64(text))
        }
        for text in ["9223372036854775808", "-9223372036854775809", "", "-", "1.0"] {
            let bytes = Array(text.utf8)
            #expect(JSONNumber.int(bytes.span, 0..<bytes.count) == nil)
        }
    }

    @Test func base64OfEitherAlphabet() {
        #expect(Base64Reader.decode(Array("AP/+".utf8)) == [0x00, 0xff, 0xfe])
        #expect(Base64Reader.decode(Array("AP_-".utf8)) == [0x00, 0xff, 0xfe])
        #expect(Base64Reader.decode(Array("YQ==".utf8)) == Array("a".utf8))
        #expect(Base64Reader.decode(Array("YQ".utf8)) == Array("a".utf8))
        #expect(Base64Reader.decode(Array("Y".utf8)) == nil)
        #expect(Base64Reader.decode(Array("Y!==".utf8)) == nil)
    }
}
