import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// The split is on the disk: docs/format/event-segment.md says what it is, and this does it byte by
/// byte (LOG-22).
@Suite("Texts are split as the format says")
struct TextScannerTests {
    private struct Split: Equatable {
        var pattern: [UInt8] = []
        var numbers: [Int64] = []
        var numberRanges: [Range<Int>] = []
        var hex: [Range<Int>] = []
        var isSplit = true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isHexLetter(_ byte: UInt8) -> Bool { (0x61...0x66).contains(byte) }
    private static func isInRun(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte)
    }

    private static func plain(_ bytes: [UInt8], _ range: Range<Int>) -> Split {
        var split = Split()
        var place = range.lowerBound
        while place < range.upperBound {
            guard isInRun(bytes[place]) else {
                split.isSplit = split.isSplit && bytes[place] > 2
                split.pattern.append(bytes[place])
                place += 1
                continue
            }
            let end = bytes[place..<range.upperBound].firstIndex { !isInRun($0) }
            let run = place..<(end ?? range.upperBound)
            place = run.upperBound
            if run.count >= 8, bytes[run].contains(where: isDigit),
                bytes[run].contains(where: isHexLetter),
                bytes[run].allSatisfy({ isDigit($0) || isHexLetter($0) })
            {
                split.pattern.append(1)
                split.hex.append(run)
            } else {
                addNumbers(bytes, run, &split)
            }
        }
        return split
    }

    private static func addNumbers(_ bytes: [UInt8], _ run: Range<Int>, _ split: inout Split) {
        var place = run.lowerBound
        while place < run.upperBound {
            let digits = bytes[place..<run.upperBound].prefix(while: isDigit)
            if digits.isEmpty || digits.count > 1 && digits.first == 0x30 {
                split.pattern.append(bytes[place])
                place += 1
                continue
            }
            let number = digits.prefix(18)
            split.pattern.append(0)
            split.numbers.append(number.reduce(0) { $0 * 10 + Int64($1 - 0x30) })
            split.numberRanges.append(number.startIndex..<number.endIndex)
            place = number.endIndex
        }
    }

    private static func text(_ random: inout SeededGenerator) -> [UInt8] {
        // Also bytes next to those that mean something, and with the top bit set.
        let alphabets: [[UInt8]] = [
            Array("0123456789".utf8), Array("0123456789abcdef".utf8), Array("00009".utf8),
            Array("xyzGHIabc".utf8), Array(" -_/:.@[`{".utf8),
            [0x00, 0x01, 0x02, 0x03, 0x2f, 0x3a, 0x80, 0x81, 0xb0, 0xb5, 0xe1, 0xff],
        ]
        let last = Int.random(in: 2..<alphabets.count, using: &random)
        return (0..<Int.random(in: 0...8, using: &random)).flatMap { _ -> [UInt8] in
            let alphabet = alphabets[Int.random(in: 0...last, using: &random)]
            return (0..<Int.random(in: 1...22, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
        }
    }

    @Test(arguments: 0..<8)
    func splitsAsTheFormatSays(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var scanner = TextScanner()
        for _ in 0..<1_000 {
            let bytes = Self.text(&random)
            let start = Int.random(in: 0...bytes.count / 4, using: &random)
            let end = Int.random(in: start...bytes.count, using: &random)
            let expected = Self.plain(bytes, start..<end)
            var found = Split()
            found.isSplit = scanner.scan(bytes.span, start..<end)
            found.pattern = scanner.pattern
            found.numbers = scanner.numbers
            found.numberRanges = scanner.numberRanges
            found.hex = scanner.hex
            #expect(found == expected, "\(bytes), \(start)..<\(end)")
        }
    }

    @Test("an id has the hash of its digits")
    func hashesOfIDs() {
        let id = (0...255).map { UInt8($0) }
        let digits = Array(Hex.encode(id).utf8)
        #expect(TokenFilter.hash(id: id.span) == TokenFilter.hash(digits.span, digits.indices))
    }
}
