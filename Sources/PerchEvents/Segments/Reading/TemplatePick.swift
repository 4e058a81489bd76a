import PerchBytes
import PerchModel

/// A few texts of many that stand as patterns, read back without the others.
struct TemplatePick {
    /// Where the parts of a text stand among those of all.
    private struct Text {
        var pattern: Int
        /// Its number among the texts of its pattern.
        var number: Int
        /// Of its first run of hex digits, among all.
        var hex: Int
        /// Of itself, among the texts without a pattern.
        var other: Int
        /// In the order of its pattern.
        var numbers: [Int64] = []
    }

    private let patterns: TextSource
    private let shapes: PatternShapes
    private var texts: [Text]
    private let textCounts: [Int]
    private let hexCount: Int
    private let otherCount: Int

    /// The texts at some places, which ascend and are below the count of `codes`.
    static func read(
        _ patterns: TextSource, _ codes: [UInt32], at places: [UInt32], byteCountMax: Int,
        _ reader: inout ByteReader
    ) throws -> TextSource {
        var pick = TemplatePick(patterns, codes, places)
        return try pick.read(byteCountMax, &reader)
    }

    /// The same where all texts have one pattern.
    static func read(
        _ patterns: TextSource, only code: UInt32, count: Int, at places: [UInt32],
        byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        var pick = TemplatePick(patterns, only: Int(code), count: count, places)
        return try pick.read(byteCountMax, &reader)
    }

    private init(_ patterns: TextSource, only pattern: Int, count: Int, _ places: [UInt32]) {
        self.patterns = patterns
        let shapes = PatternShapes(patterns)
        self.shapes = shapes
        var textCounts = [Int](repeating: 0, count: patterns.count)
        textCounts[pattern] = count
        self.textCounts = textCounts
        let others = shapes.isOther[pattern] ? 1 : 0
        hexCount = count * shapes.hexCounts[pattern]
        otherCount = count * others
        texts = places.map { place in
            let place = Int(place)
            return Text(
                pattern: pattern, number: place, hex: place * shapes.hexCounts[pattern],
                other: place * others)
        }
    }

    private init(_ patterns: TextSource, _ codes: [UInt32], _ places: [UInt32]) {
        self.patterns = patterns
        let shapes = PatternShapes(patterns)
        self.shapes = shapes
        var textCounts = [Int](repeating: 0, count: patterns.count)
        var texts: [Text] = []
        texts.reserveCapacity(places.count)
        // Runs of hex digits, and texts without a pattern.
        let others = patterns.ends.indices.map { pattern in
            SIMD2(shapes.hexCounts[pattern], shapes.isOther[pattern] ? 1 : 0)
        }
        var passed = SIMD2(0, 0)
        var start = 0
        for place in places + [UInt32(codes.count)] {
            let end = Int(place)
            Self.pass(codes.span, start..<max(start, end), others.span, &textCounts, &passed)
            start = end
            guard end < codes.count else { break }
            let pattern = Int(codes[end])
            texts.append(
                Text(
                    pattern: pattern, number: textCounts[pattern], hex: passed[0],
                    other: passed[1]))
        }
        (self.textCounts, self.texts) = (textCounts, texts)
        (hexCount, otherCount) = (passed[0], passed[1])
    }

    /// Counts texts by their pattern, and what else is theirs.
    private static func pass(
        _ codes: Span<UInt32>, _ rows: Range<Int>, _ others: Span<SIMD2<Int>>,
        _ counts: inout [Int], _ passed: inout SIMD2<Int>
    ) {
        var counts = counts.mutableSpan
        for row in rows {
            let pattern = Int(codes[row])
            counts[pattern] &+= 1
            passed &+= others[pattern]
        }
    }

    private mutating func read(
        _ byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        guard hexCount <= byteCountMax else {
            throw ByteFailure.countTooLarge(atByte: reader.position)
        }
        try readNumbers(&reader)
        var result = TextSource(ends: [], bytes: [])
        var hex = HexRuns()
        var others = TextSource(ends: [], bytes: [])
        let otherTexts = texts.filter { shapes.isOther[$0.pattern] }
        if !otherTexts.isEmpty || texts.contains(where: { shapes.hexCounts[$0.pattern] > 0 }) {
            hex = try HexRuns(count: hexCount, byteCountMax: byteCountMax, &reader)
            others = try PlainTexts.read(
                count: otherCount, at: otherTexts.map { UInt32($0.other) },
                byteCountMax: byteCountMax, &reader)
        }
        var other = 0
        for text in texts {
            let source = patterns.bytes.span
            var slot = 0
            var run = text.hex
            PatternShapes.forEachPart(patterns.range(text.pattern), source) { literal, mark in
                result.bytes.append(source.extracting(literal))
                switch mark {
                case nil: break
                case TextScanner.Mark.number:
                    result.bytes.append(decimal: text.numbers[slot])
                    slot += 1
                case TextScanner.Mark.hex:
                    hex.append(run, to: &result.bytes)
                    run += 1
                default:
                    result.bytes.append(others.bytes.span.extracting(others.range(other)))
                }
            }
            if shapes.isOther[text.pattern] { other += 1 }
            guard result.bytes.count <= byteCountMax else {
                throw ByteFailure.countTooLarge(atByte: 0)
            }
            result.ends.append(UInt32(result.bytes.count))
        }
        return result
    }

    /// Numbers stand by pattern and place in it.
    private mutating func readNumbers(_ reader: inout ByteReader) throws {
        var wanted: [Int: [Int]] = [:]
        for (index, text) in texts.enumerated() { wanted[text.pattern, default: []].append(index) }
        for pattern in textCounts.indices {
            let count = textCounts[pattern]
            let members = wanted[pattern] ?? []
            let places = members.map { UInt32(texts[$0].number) }
            for _ in 0..<shapes.slotCounts[pattern] {
                guard !members.isEmpty else {
                    try IntegerCodec.skip(count: count, &reader)
                    continue
                }
                let numbers: [Int64] = try IntegerCodec.read(count: count, at: places, &reader)
                for (member, number) in zip(members, numbers) {
                    texts[member].numbers.append(number)
                }
            }
        }
    }
}

/// Which marks each pattern has.
struct PatternShapes {
    private(set) var slotCounts: [Int] = []
    private(set) var hexCounts: [Int] = []
    private(set) var isOther: [Bool] = []

    init(_ patterns: TextSource) {
        let bytes = patterns.bytes.span
        for pattern in 0..<patterns.count {
            var (slots, hex, isOther) = (0, 0, false)
            for position in patterns.range(pattern) {
                let mark = bytes[position]
                if mark >= TextScanner.Mark.end { continue }
                slots += mark == TextScanner.Mark.number ? 1 : 0
                hex += mark == TextScanner.Mark.hex ? 1 : 0
                isOther = isOther || mark == TextScanner.Mark.text
            }
            slotCounts.append(slots)
            hexCounts.append(hex)
            self.isOther.append(isOther)
        }
    }

    /// Calls `body` with each literal part and the mark behind it; nil at the end.
    @inline(__always)
    static func forEachPart(
        _ range: Range<Int>, _ source: Span<UInt8>, _ body: (Range<Int>, UInt8?) -> Void
    ) {
        var start = range.lowerBound
        for position in range where source[position] < TextScanner.Mark.end {
            body(start..<position, source[position])
            start = position + 1
        }
        body(start..<range.upperBound, nil)
    }
}

/// The hex digits of texts, two a byte, each run beginning with a new byte.
struct HexRuns {
    private var bytes: ArraySlice<UInt8> = []
    /// Of all runs, where that is the same.
    private var length = 0
    /// Else of each, and where it begins.
    private var lengths: [Int64] = []
    private var starts: [Int] = []

    /// No runs.
    init() {}

    init(count: Int, byteCountMax: Int, _ reader: inout ByteReader) throws {
        let place = reader.position
        var byteCount = 0
        if let constant = try IntegerCodec.readConstant(&reader) {
            guard constant >= 0, constant <= Int64(byteCountMax) else {
                throw ByteFailure.invalid(atByte: place)
            }
            length = Int(constant)
            let (product, isTooMany) = count.multipliedReportingOverflow(by: (length + 1) / 2)
            guard !isTooMany else { throw ByteFailure.invalid(atByte: place) }
            byteCount = product
        } else {
            lengths = try IntegerCodec.read(count: count, &reader)
            starts.reserveCapacity(count)
            for length in lengths {
                guard length >= 0, length <= Int64(byteCountMax), byteCount <= byteCountMax else {
                    throw ByteFailure.invalid(atByte: place)
                }
                starts.append(byteCount)
                byteCount += Int(length + 1) / 2
            }
        }
        bytes = try ChunkPacker.readSlice(&reader, byteCountMax: byteCountMax)
        guard bytes.count == byteCount else { throw ByteFailure.invalid(atByte: place) }
    }

    /// Adds the digits of a run.
    func append(_ run: Int, to text: inout [UInt8]) {
        let count = lengths.isEmpty ? length : Int(lengths[run])
        let start = lengths.isEmpty ? run * ((length + 1) / 2) : starts[run]
        let end = text.count
        text.append(contentsOf: repeatElement(0, count: count))
        var target = text.mutableSpan
        _ = Hex.write(bytes.span, from: start, count, to: &target, at: end)
    }
}

/// Patterns as what stays and the mark behind it, so that no text looks for marks again.
struct PatternParts {
    /// Where what stays stands in the patterns' bytes.
    private(set) var literals: [Range<Int>] = []
    /// The mark behind each; ``TextScanner/Mark/end`` at the end of a pattern.
    private(set) var marks: [UInt8] = []
    private var ends: [Int] = []
    private var byteCountsMax: [Int] = []

    init(_ patterns: TextSource) {
        for pattern in 0..<patterns.count {
            var byteCountMax = ByteCopy.slack
            PatternShapes.forEachPart(patterns.range(pattern), patterns.bytes.span) {
                literals.append($0)
                marks.append($1 ?? TextScanner.Mark.end)
                byteCountMax += $0.count + ($1 == TextScanner.Mark.number ? 20 : 0)
            }
            ends.append(literals.count)
            byteCountsMax.append(byteCountMax)
        }
    }

    /// The parts of a pattern.
    @inline(__always)
    func ranges(_ pattern: Int) -> Range<Int> {
        (pattern == 0 ? 0 : ends[pattern &- 1])..<ends[pattern]
    }

    /// Bytes that a text of the pattern takes while it is written, besides hex digits and whole
    /// texts.
    @inline(__always)
    func byteCountMax(_ pattern: Int) -> Int { byteCountsMax[pattern] }
}

enum DecimalDigits {
    /// Writes the decimal digits of a number, up to 19; answers their end.
    ///
    /// Damaged numbers may be negative: any text is as good.
    @inline(__always)
    static func write(_ value: Int64, to target: inout MutableSpan<UInt8>, at start: Int) -> Int {
        var left = UInt64(clamping: value)
        var count = 1
        var bound: UInt64 = 10
        while left >= bound, count < 19 {
            count &+= 1
            bound &*= 10
        }
        let end = start &+ count
        var place = end
        while place > start {
            place &-= 1
            target[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        }
        return end
    }
}
