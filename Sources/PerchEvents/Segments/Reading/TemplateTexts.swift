import PerchBytes
import PerchModel

/// Texts of a block as patterns, read back.
struct TemplateTexts {
    let patterns: TextSource
    let codes: [UInt32]
    private let places: NumberPlaces
    private let numbers: [Int64]
    /// Where each text's hex digits end, in digits that are two a byte.
    private let hexLengths: [Int64]
    private let hexBytes: [UInt8]
    private let others: TextSource
    /// Whether hex digits, and texts without a pattern, were read.
    private let hasHex: Bool
    private let hasOthers: Bool

    /// The patterns alone, which tell most of what a search asks.
    static func readPatterns(
        _ reader: inout ByteReader, byteCountMax: Int
    ) throws -> TextSource {
        let count = try reader.readVarint()
        guard count <= UInt64(Limits.patternCountMax + 1) else {
            throw ByteFailure.countTooLarge(atByte: 0)
        }
        let place = reader.position
        let patterns = try PlainTexts.read(
            count: Int(count), byteCountMax: byteCountMax, &reader)
        // The mark of a whole text stands alone: what makes texts counts on it.
        for index in 0..<patterns.count {
            let pattern = patterns.bytes[patterns.range(index)]
            guard pattern.count == 1 || !pattern.contains(TextScanner.Mark.text) else {
                throw ByteFailure.invalid(atByte: place)
            }
        }
        return patterns
    }

    /// The pattern that all texts have, if it is written so; else nothing is read.
    static func readOnlyCode(
        below patternCount: Int, _ reader: inout ByteReader
    ) throws -> UInt32? {
        let place = reader.position
        guard let code = try IntegerCodec.readConstant(&reader) else { return nil }
        guard code >= 0, code < Int64(patternCount) else {
            throw ByteFailure.invalid(atByte: place)
        }
        return UInt32(code)
    }

    static func readCodes(
        count: Int, below patternCount: Int, _ reader: inout ByteReader
    ) throws -> [UInt32] {
        let codes: [UInt32] = try IntegerCodec.read(count: count, &reader)
        let place = reader.position
        guard IntegerCodec.areBelow(UInt32(patternCount), codes) else {
            throw ByteFailure.invalid(atByte: place)
        }
        return codes
    }

    /// Reads what stands for the marks; with `isWanted`, only of the patterns for which it holds.
    init(
        _ patterns: TextSource, _ codes: [UInt32], byteCountMax: Int, _ reader: inout ByteReader,
        where isWanted: ((Int) -> Bool)? = nil
    ) throws {
        self.patterns = patterns
        self.codes = codes
        let places = NumberPlaces(patterns.ends, patterns.bytes, codes)
        guard places.numberCount + places.hexCount <= byteCountMax else {
            throw ByteFailure.countTooLarge(atByte: reader.position)
        }
        self.places = places
        var numbers: [Int64] = []
        numbers.reserveCapacity(places.numberCount)
        var needsHex = false
        var needsOthers = false
        for pattern in patterns.ends.indices {
            let count = places.textCounts[pattern]
            let wants = count > 0 && isWanted?(pattern) ?? true
            if wants {
                needsHex = needsHex || places.hexCounts[pattern] > 0
                needsOthers = needsOthers || places.isOther[pattern]
            }
            for _ in 0..<places.slotCounts[pattern] {
                if wants {
                    let some: [Int64] = try IntegerCodec.read(count: count, &reader)
                    numbers += some
                } else {
                    try IntegerCodec.skip(count: count, &reader)
                    numbers += repeatElement(0, count: count)
                }
            }
        }
        self.numbers = numbers
        hasHex = needsHex
        hasOthers = needsOthers
        guard needsHex || needsOthers else {
            (hexLengths, hexBytes) = ([], [])
            others = TextSource(ends: [], bytes: [])
            return
        }
        hexLengths = try IntegerCodec.read(count: places.hexCount, &reader)
        hexBytes = try ChunkPacker.read(&reader, byteCountMax: byteCountMax)
        let place = reader.position
        var byteCount: Int64 = 0
        for length in hexLengths {
            guard length >= 0, length <= Int64(hexBytes.count) * 2 else {
                throw ByteFailure.invalid(atByte: place)
            }
            byteCount += (length + 1) / 2
        }
        guard byteCount == Int64(hexBytes.count) else { throw ByteFailure.invalid(atByte: place) }
        others = try PlainTexts.read(
            count: places.otherCount, byteCountMax: byteCountMax, &reader)
    }

    /// Adds the texts for which `wants` holds, in their order; at most `byteCountMax` bytes.
    func append(
        to ends: inout [UInt32], _ bytes: inout [UInt8], byteCountMax: Int,
        where wants: (Int) -> Bool
    ) throws {
        let parts = PatternParts(patterns)
        var walk = Walk(self)
        // Room is made in large steps, so that a part costs no more than its copy.
        var end = bytes.count
        for index in codes.indices {
            let text = walk.next(Int(codes[index]), self)
            guard wants(index) else { continue }
            let hasOther = hasOthers && places.isOther[text.pattern]
            let room =
                parts.byteCountMax(text.pattern) &+ text.digitCount
                &+ (hasOther ? others.range(text.other).count : 0)
            if bytes.count &- end < room {
                let more = max(room, min(bytes.count, 1 << 20), 256)
                bytes.append(contentsOf: repeatElement(0, count: more))
            }
            end = write(text, parts, to: &bytes, at: end)
            guard end <= byteCountMax else { throw ByteFailure.countTooLarge(atByte: 0) }
            ends.append(UInt32(end))
        }
        bytes.removeLast(bytes.count - end)
    }

    /// Where the parts of a text stand.
    private struct Place {
        var pattern: Int
        /// Its number among the texts of its pattern.
        var text: Int
        /// Of its first run of hex digits.
        var hex: (index: Int, byte: Int)
        /// Of all its runs.
        var digitCount = 0
        /// Among the texts without a pattern.
        var other: Int
    }

    /// Goes from text to text, in their order.
    private struct Walk {
        private var seen: [Int]
        private var hex = (index: 0, byte: 0)
        private var other = 0

        init(_ texts: TemplateTexts) { seen = [Int](repeating: 0, count: texts.patterns.count) }

        @inline(__always)
        mutating func next(_ pattern: Int, _ texts: borrowing TemplateTexts) -> Place {
            var place = Place(pattern: pattern, text: seen[pattern], hex: hex, other: other)
            seen[pattern] &+= 1
            if texts.hasHex {
                for _ in 0..<texts.places.hexCounts[pattern] {
                    let length = Int(texts.hexLengths[hex.index])
                    place.digitCount &+= length
                    hex.byte &+= (length &+ 1) / 2
                    hex.index &+= 1
                }
            }
            if texts.hasOthers, texts.places.isOther[pattern] { other &+= 1 }
            return place
        }
    }

    /// Writes a text where there is room for it; answers its end.
    @inline(__always)
    private func write(
        _ text: Place, _ parts: PatternParts, to bytes: inout [UInt8], at start: Int
    ) -> Int {
        var target = bytes.mutableSpan
        let source = patterns.bytes.span
        var end = start
        var hex = text.hex
        var slot = 0
        for part in parts.ranges(text.pattern) {
            let literal = parts.literals[part]
            ByteCopy.copy(source, literal, to: &target, at: end)
            end &+= literal.count
            switch parts.marks[part] {
            case TextScanner.Mark.number:
                let place = places.position(text.pattern, slot, text.text)
                end = DecimalDigits.write(numbers[place], to: &target, at: end)
                slot &+= 1
            case TextScanner.Mark.hex:
                let length = Int(hexLengths[hex.index])
                end = Hex.write(hexBytes.span, from: hex.byte, length, to: &target, at: end)
                hex.byte &+= (length &+ 1) / 2
                hex.index &+= 1
            case TextScanner.Mark.text:
                let range = others.range(text.other)
                ByteCopy.copy(others.bytes.span, range, to: &target, at: end)
                end &+= range.count
            default: break
            }
        }
        return end
    }

    /// Which texts are the one that `wanted` split; nothing is made of the others.
    ///
    /// What numbers and hex digits stand for must have been read of its pattern.
    func places(of wanted: WantedText) -> [Bool] {
        var walk = Walk(self)
        return codes.map { code in
            let text = walk.next(Int(code), self)
            if hasOthers, places.isOther[text.pattern] { return wanted.is(others, text.other) }
            return text.pattern == wanted.pattern && isAt(text, wanted)
        }
    }

    /// Whether the numbers and hex digits of a text are those of one that has its pattern.
    private func isAt(_ text: Place, _ wanted: WantedText) -> Bool {
        for (slot, number) in wanted.numbers.enumerated()
        where numbers[places.position(text.pattern, slot, text.text)] != number {
            return false
        }
        var hex = text.hex
        for run in 0..<places.hexCounts[text.pattern] {
            let length = Int(hexLengths[hex.index])
            guard wanted.isRun(run, of: length, hexBytes.span, hex.byte) else { return false }
            hex.byte &+= (length &+ 1) / 2
            hex.index &+= 1
        }
        return true
    }
}
