import Foundation
import PerchTestSupport
import Testing

@testable import PerchModel

@Suite("JSON text, UTF-8 and seeded hashes")
struct TextTests {
    private static func escaped(_ bytes: [UInt8], _ place: JSONText.Place) -> [UInt8] {
        var output: [UInt8] = []
        JSONText.appendString(bytes.span, in: place, to: &output)
        return output
    }

    @Test("any bytes become a JSON string that reads back", arguments: 0..<200)
    func escapingReadsBack(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces: [[UInt8]] = [
            [0x00], [0x1f], [0x0a], [0x0d], [0x09], Array("\"".utf8), Array("\\".utf8),
            Array("<".utf8), Array("é\u{2028}\u{2029}ਨ😀".utf8), [0xff], [0xe2, 0x80], [0xa8],
            Array("plain text of some length".utf8),
        ]
        let bytes = (0..<12).flatMap { _ in pieces.randomElement(using: &random) ?? [] }
        let wanted = String(decoding: bytes, as: UTF8.self)
        for place in [JSONText.Place.document, .page] {
            for output in [
                Self.escaped(bytes, place), Array(JSONText.string(wanted, in: place).utf8),
            ] {
                let read =
                    try JSONSerialization.jsonObject(
                        with: Data(output), options: .fragmentsAllowed) as? String
                #expect(read == wanted)
                #expect(!output.contains { $0 < 0x20 })
            }
        }
    }

    @Test("text for a page can end neither a script nor a line of it")
    func pagesAreSafe() {
        let text = "</script>\u{2028}\u{2029}\u{2027}ਨ"
        let wanted = "\"\\u003c/script>\\u2028\\u2029\u{2027}ਨ\""
        #expect(JSONText.string(text, in: .page) == wanted)
        #expect(Self.escaped(Array(text.utf8), .page) == Array(wanted.utf8))
        var writer = JSONWriter()
        writer.string(text)
        #expect(writer.bytes == Array(wanted.utf8))
        #expect(JSONText.string(text) == "\"\(text)\"")
    }

    @Test("what is UTF-8 is what the standard library takes", arguments: 0..<300)
    func validity(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        // Bytes at which the rules change.
        let edges: [UInt8] = [
            0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
            0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
        ]
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                edges.randomElement(using: &random) ?? 0
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect(UTF8Check.isValid(bytes.span) == isValid, "\(bytes)")
            var repaired = bytes
            UTF8Check.repair(&repaired)
            #expect(repaired == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    /// With a multiply-and-xor hash, these pairs collide whatever the seed: a flipped top bit
    /// survives the multiplication, and the next word takes it back.
    @Test("no pair of inputs collides for every seed")
    func noCollisionsForAllSeeds() {
        var one = [UInt8](repeating: 0x41, count: 16)
        var other = one
        other[7] ^= 0x80
        other[15] ^= 0x80
        // Bit 34, where a shift by 29 puts bit 63.
        other[12] ^= 0x04
        for seed in UInt64(0)..<100 {
            #expect(
                SeededHash.hash(one.span, seed: seed) != SeededHash.hash(other.span, seed: seed))
        }
        one.append(0)
        #expect(SeededHash.hash(one.span, seed: 1) != SeededHash.hash(one.span, seed: 2))
        #expect(SeededHash.hash([0].span, seed: 1) != SeededHash.hash([0, 0].span, seed: 1))
    }

    @Test(
        "integers are written as the standard library writes them",
        arguments: [0, 1, -1, 9, 10, -10, 99, 100, 12_345, .max, .min, .min + 1])
    func decimals(_ value: Int64) {
        var output: [UInt8] = [0x20]
        output.append(decimal: value)
        #expect(output == Array(" \(value)".utf8))
    }

    @Test("hex is read eight digits at a time as it is read two at a time", arguments: 0..<100)
    func hex(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let digits = Array("0123456789abcdefABCDEF".utf8)
        for count in 0...34 {
            var text = (0..<count).map { _ in digits.randomElement(using: &random) ?? 0 }
            // Every other byte stands in for a digit in half of the rounds.
            if count > 0, Bool.random(using: &random) {
                text[Int(random.next() % UInt64(count))] = UInt8(truncatingIfNeeded: random.next())
            }
            var output: [UInt8] = [7]
            let isTaken = Hex.append(text.span, to: &output)
            let wanted = Hex.decode(text)
            #expect(isTaken == (wanted != nil))
            #expect(output == [7] + (wanted ?? []))
        }
        // Written from any place to any place, an odd digit at the end included.
        let bytes = (0..<24).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        for count in 0...34 {
            let start = Int(random.next() % UInt64(24 - (count + 1) / 2 + 1))
            var output = [UInt8](repeating: 7, count: 40)
            var target = output.mutableSpan
            let end = Hex.write(bytes.span, from: start, count, to: &target, at: 3)
            #expect(end == 3 + count)
            let wanted = Array(Hex.encode(bytes[start...]).utf8.prefix(count))
            #expect(output == [7, 7, 7] + wanted + [UInt8](repeating: 7, count: 37 - count))
        }
        // Each byte at each place of a word.
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                var text = Array("0aF91c3e".utf8)
                text[place] = byte
                var output: [UInt8] = []
                #expect(Hex.append(text.span, to: &output) == (Hex.value(of: byte) != nil))
                #expect(output == Hex.decode(text) ?? [])
            }
        }
    }
}
