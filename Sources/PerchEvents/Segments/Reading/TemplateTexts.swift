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
        return try PlainTexts.read(count: Int(count), byteCountMax: byteCountMax, &reader)
    }

    static func readCodes(
        count: Int, below patternCount: Int, _ reader: inout ByteReader
    ) throws -> [UInt32] {
        let codes: [UInt32] = try IntegerCodec.read(count: count, &reader)
        let place = reader.position
        guard codes.allSatisfy({ $0 < UInt32(patternCount) }) else {
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
        var seen = [Int](repeating: 0, count: patterns.count)
        var hex = (index: 0, byte: 0)
        var other = 0
        for index in codes.indices {
            let pattern = Int(codes[index])
            let text = seen[pattern]
            seen[pattern] = text &+ 1
            if wants(index) {
                write(pattern, text, hex, other, &bytes)
                guard bytes.count <= byteCountMax else {
                    throw ByteFailure.countTooLarge(atByte: 0)
                }
                ends.append(UInt32(bytes.count))
            }
            guard hasHex || hasOthers else { continue }
            for _ in 0..<places.hexCounts[pattern] {
                hex.byte += Int(hexLengths[hex.index] + 1) / 2
                hex.index += 1
            }
            if places.isOther[pattern] { other += 1 }
        }
    }

    @inline(__always)
    private func write(
        _ pattern: Int, _ text: Int, _ hexStart: (index: Int, byte: Int), _ other: Int,
        _ bytes: inout [UInt8]
    ) {
        var hex = hexStart
        var slot = 0
        let range = patterns.range(pattern)
        let source = patterns.bytes.span
        var start = range.lowerBound
        for position in range {
            let mark = source[position]
            if mark >= TextScanner.Mark.end { continue }
            if position > start { bytes.append(source.extracting(start..<position)) }
            start = position + 1
            switch mark {
            case TextScanner.Mark.number:
                DecimalDigits.append(numbers[places.position(pattern, slot, text)], to: &bytes)
                slot += 1
            case TextScanner.Mark.hex:
                let length = Int(hexLengths[hex.index])
                for digit in 0..<length {
                    let pair = hexBytes[hex.byte + digit / 2]
                    bytes.append(Hex.digit(digit % 2 == 0 ? pair >> 4 : pair & 15))
                }
                hex.byte += (length + 1) / 2
                hex.index += 1
            default:
                bytes.append(others.bytes.span.extracting(others.range(other)))
            }
        }
        if range.upperBound > start {
            bytes.append(source.extracting(start..<range.upperBound))
        }
    }
}
