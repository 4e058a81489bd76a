import PerchBytes
import PerchModel

/// Texts one after the other, in memory.
struct TextSource {
    var ends: [UInt32]
    var bytes: [UInt8]

    var count: Int { ends.count }

    @inline(__always)
    func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }
}

/// Texts one after the other, on the disk.
enum PlainTexts {
    static func append(
        _ texts: TextSource, _ packer: ChunkPacker, to bytes: inout [UInt8],
        _ content: ChunkPacker.Content = .text
    ) {
        var start: UInt32 = 0
        var lengths: [Int64] = []
        lengths.reserveCapacity(texts.count)
        for end in texts.ends {
            lengths.append(Int64(end &- start))
            start = end
        }
        IntegerCodec.append(lengths, packer, to: &bytes)
        packer.append(texts.bytes.span, to: &bytes, content)
    }

    static func read(
        count: Int, byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        let place = reader.position
        let lengths: [Int64] = try IntegerCodec.read(count: count, &reader)
        var ends: [UInt32] = []
        ends.reserveCapacity(count)
        var end: Int64 = 0
        for length in lengths {
            guard length >= 0, length <= Int64(byteCountMax) - end else {
                throw ByteFailure.countTooLarge(atByte: place)
            }
            end += length
            ends.append(UInt32(truncatingIfNeeded: end))
        }
        let bytes = try ChunkPacker.read(&reader, byteCountMax: byteCountMax)
        guard bytes.count == Int(end) else { throw ByteFailure.invalid(atByte: place) }
        return TextSource(ends: ends, bytes: bytes)
    }

    /// Reads the texts at some places, which ascend and are below `count`.
    static func read(
        count: Int, at places: [UInt32], byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        let start = reader.position
        let (ranges, end) = try ranges(count, places, byteCountMax, &reader)
        let all = try ChunkPacker.readSlice(&reader, byteCountMax: byteCountMax)
        guard all.count == end else { throw ByteFailure.invalid(atByte: start) }
        var texts = TextSource(ends: [], bytes: [])
        let source = all.span
        for range in ranges {
            texts.bytes.append(source.extracting(range))
            texts.ends.append(UInt32(texts.bytes.count))
        }
        return texts
    }

    /// Where the texts at some places stand, and where the last of all ends.
    private static func ranges(
        _ count: Int, _ places: [UInt32], _ byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> (ranges: [Range<Int>], end: Int) {
        let start = reader.position
        if let length = try IntegerCodec.readConstant(&reader) {
            let length = Int(length)
            let (end, isTooMany) = count.multipliedReportingOverflow(by: length)
            guard length >= 0, !isTooMany, end <= byteCountMax else {
                throw ByteFailure.countTooLarge(atByte: start)
            }
            return (places.map { Int($0) * length..<(Int($0) + 1) * length }, end)
        }
        let lengths: [Int64] = try IntegerCodec.read(count: count, &reader)
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(places.count)
        var end: Int64 = 0
        var next = 0
        for (index, length) in lengths.enumerated() {
            guard length >= 0, length <= Int64(byteCountMax) - end else {
                throw ByteFailure.countTooLarge(atByte: start)
            }
            if next < places.count, Int(places[next]) == index {
                ranges.append(Int(end)..<Int(end + length))
                next += 1
            }
            end += length
        }
        return (ranges, Int(end))
    }
}
