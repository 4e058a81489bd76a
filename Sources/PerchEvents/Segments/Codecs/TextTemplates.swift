import PerchBytes
import PerchModel

/// Texts as patterns and what stands in for their marks, see ``TextScanner``.
struct TextTemplates {
    /// Each pattern's end in `patternBytes`.
    private(set) var patternEnds: [UInt32] = []
    private(set) var patternBytes: [UInt8] = []
    /// The pattern of each text.
    private(set) var codes: [UInt32] = []
    /// In the order of the texts.
    private var numbers: [Int64] = []
    private var hexLengths: [Int64] = []
    /// Two digits a byte; each text's begin with a new byte.
    private var hexBytes: [UInt8] = []
    /// Texts that are none of the patterns.
    private var otherEnds: [UInt32] = []
    private var otherBytes: [UInt8] = []

    /// Splits texts; nil where that is not worth it.
    init?(_ texts: TextSource, _ tokens: inout TokenCollector) {
        var interner = ByteInterner()
        var scanner = TextScanner()
        let bytes = texts.bytes.span
        let count = texts.count
        let patternCountMax = min(Limits.patternCountMax, 32 + count / 4)
        let raw: [UInt8] = [TextScanner.Mark.text]
        codes.reserveCapacity(count)
        for index in 0..<count {
            let range = texts.range(index)
            let isSplit = scanner.scan(bytes, range)
            tokens.add(scanner, bytes)
            let pattern = scanner.buffer.span.extracting(0..<scanner.patternByteCount)
            if isSplit, interner.count < patternCountMax {
                codes.append(interner.code(of: pattern))
            } else if isSplit, let code = interner.known(pattern) {
                codes.append(code)
            } else {
                codes.append(interner.code(of: raw.span))
                otherBytes.append(bytes.extracting(range))
                otherEnds.append(UInt32(otherBytes.count))
                if otherEnds.count > 64 + count / 8 { return nil }
                continue
            }
            for index in 0..<scanner.partCount {
                let part = scanner.part(index)
                if part.isHex {
                    add(hex: bytes, part.range)
                } else {
                    numbers.append(part.number)
                }
            }
        }
        (patternEnds, patternBytes) = (interner.ends, interner.bytes)
    }

    private mutating func add(hex bytes: Span<UInt8>, _ range: Range<Int>) {
        hexLengths.append(Int64(range.count))
        Self.pack(hex: bytes, range, to: &hexBytes)
    }

    /// Adds hex digits, two a byte; an odd one at the end is the upper half of its byte.
    @inline(__always)
    static func pack(hex bytes: Span<UInt8>, _ range: Range<Int>, to packed: inout [UInt8]) {
        var position = range.lowerBound
        while position < range.upperBound {
            let high = Self.digit(bytes[position])
            let isPair = position &+ 1 < range.upperBound
            let low = isPair ? Self.digit(bytes[position &+ 1]) : 0
            packed.append(high << 4 | low)
            position &+= 2
        }
    }

    /// The value of a hex digit with lower-case letters, which a scanner found to be one.
    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt8 { byte & 15 &+ (byte >> 6) &* 9 }

    // MARK: The disk

    func appendPatterns(_ packer: ChunkPacker, to bytes: inout [UInt8]) {
        Varint.append(UInt64(patternEnds.count), to: &bytes)
        PlainTexts.append(
            TextSource(ends: patternEnds, bytes: patternBytes), packer, to: &bytes, .patterns)
    }

    /// Adds numbers by pattern and place, since those of one place are alike; then the rest.
    func appendVariables(_ packer: ChunkPacker, to bytes: inout [UInt8]) {
        let places = NumberPlaces(patternEnds, patternBytes, codes)
        var sorted = [Int64](repeating: 0, count: numbers.count)
        var seen = [Int](repeating: 0, count: patternEnds.count)
        var next = 0
        for code in codes {
            let pattern = Int(code)
            for slot in 0..<places.slotCounts[pattern] {
                sorted[places.position(pattern, slot, seen[pattern])] = numbers[next]
                next += 1
            }
            seen[pattern] += 1
        }
        for pattern in patternEnds.indices {
            for slot in 0..<places.slotCounts[pattern] {
                let start = places.position(pattern, slot, 0)
                IntegerCodec.append(
                    Array(sorted[start..<start + places.textCounts[pattern]]), packer, to: &bytes)
            }
        }
        IntegerCodec.append(hexLengths, packer, to: &bytes)
        packer.append(hexBytes.span, to: &bytes)
        PlainTexts.append(TextSource(ends: otherEnds, bytes: otherBytes), packer, to: &bytes)
    }
}

/// Where the numbers of each pattern stand.
struct NumberPlaces {
    /// Texts of each pattern.
    private(set) var textCounts: [Int]
    /// Numbers in a text of each pattern.
    private(set) var slotCounts: [Int]
    private(set) var hexCounts: [Int]
    private(set) var isOther: [Bool]
    private var starts: [Int]
    private(set) var numberCount = 0
    private(set) var hexCount = 0
    private(set) var otherCount = 0

    init(_ patternEnds: [UInt32], _ patternBytes: [UInt8], _ codes: [UInt32]) {
        textCounts = [Int](repeating: 0, count: patternEnds.count)
        for code in codes { textCounts[Int(code)] += 1 }
        slotCounts = []
        hexCounts = []
        isOther = []
        starts = []
        var start = 0
        for pattern in patternEnds.indices {
            let end = Int(patternEnds[pattern])
            let part = patternBytes[start..<end]
            start = end
            let slotCount = part.count { $0 == TextScanner.Mark.number }
            slotCounts.append(slotCount)
            hexCounts.append(part.count { $0 == TextScanner.Mark.hex })
            isOther.append(part.contains(TextScanner.Mark.text))
            starts.append(numberCount)
            numberCount += slotCount * textCounts[pattern]
            hexCount += hexCounts[pattern] * textCounts[pattern]
            otherCount += isOther[pattern] ? textCounts[pattern] : 0
        }
    }

    @inline(__always)
    func position(_ pattern: Int, _ slot: Int, _ text: Int) -> Int {
        starts[pattern] &+ slot &* textCounts[pattern] &+ text
    }
}
