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
    static func append(_ texts: TextSource, _ packer: ChunkPacker, to bytes: inout [UInt8]) {
        var start: UInt32 = 0
        var lengths: [Int64] = []
        lengths.reserveCapacity(texts.count)
        for end in texts.ends {
            lengths.append(Int64(end &- start))
            start = end
        }
        IntegerCodec.append(lengths, packer, to: &bytes)
        packer.append(texts.bytes.span, to: &bytes)
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
}
