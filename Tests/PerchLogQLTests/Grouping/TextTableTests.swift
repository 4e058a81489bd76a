import PerchTestSupport
import Testing

@testable import PerchLogQL

@Suite("Texts, each once")
struct TextTableTests {
    /// Texts of all lengths up to some more than are compared as words, which differ in one byte.
    private static func texts() -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for count in 0..<36 {
            let text = [UInt8](repeating: 97, count: count)
            texts.append(text)
            for place in 0..<count {
                var other = text
                // One of them is zero, which also fills up short words.
                other[place] = place % 3 == 0 ? 0 : 98
                texts.append(other)
            }
        }
        return texts
    }

    @Test("one by one and all at once they get the numbers that a dictionary gives them")
    func numbers() {
        var random = SeededGenerator(seed: 3)
        let texts = (Self.texts() + Self.texts()).shuffled(using: &random)
        var known: [[UInt8]: UInt32] = [:]
        var single = TextTable()
        var expected: [UInt32] = []
        for text in texts {
            let number = known[text] ?? UInt32(known.count)
            known[text] = number
            expected.append(number)
            #expect(single.intern(text.span) == number)
        }
        #expect(single.count == known.count)
        for (text, number) in known {
            #expect(single.number(of: text.span) == number)
            #expect(Array(single.storage[single.range(of: number)]) == text)
        }
        #expect(single.number(of: Array("never".utf8).span) == nil)
        var bytes: [UInt8] = []
        let ranges = texts.map { text in
            bytes += text
            return (bytes.count - text.count)..<bytes.count
        }
        var many = TextTable()
        #expect(many.intern(bytes.span, ranges) == expected)
        #expect(many.intern(bytes.span, ranges) == expected)
    }
}
