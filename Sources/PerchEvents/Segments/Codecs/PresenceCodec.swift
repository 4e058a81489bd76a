import PerchBytes
import PerchModel

/// Which rows have a value, on the disk.
enum PresenceCodec {
    private static let numbers: UInt8 = 0
    /// A bit a row.
    private static let bits: UInt8 = 1

    static func append(
        _ rows: [UInt32], rowCount: Int, _ packer: ChunkPacker, to bytes: inout [UInt8]
    ) {
        guard rows.count > rowCount / 32 else {
            bytes.append(numbers)
            IntegerCodec.append(rows.map { Int64($0) }, packer, to: &bytes)
            return
        }
        bytes.append(bits)
        var mask = [UInt8](repeating: 0, count: (rowCount + 7) / 8)
        for row in rows { mask[Int(row) / 8] |= 1 << UInt8(row % 8) }
        packer.append(mask.span, to: &bytes, .rows)
    }

    static func read(
        count: Int, rowCount: Int, _ reader: inout ByteReader
    ) throws -> RowMask {
        let place = reader.position
        switch try reader.read(UInt8.self) {
        case numbers:
            let rows: [UInt32] = try IntegerCodec.read(count: count, &reader)
            var next: UInt32 = 0
            var mask = RowMask(none: rowCount)
            for row in rows {
                guard row >= next, row < UInt32(rowCount) else {
                    throw ByteFailure.invalid(atByte: place)
                }
                mask.insert(Int(row))
                next = row + 1
            }
            return mask
        case bits:
            let bytes = try ChunkPacker.readSlice(&reader, byteCountMax: (rowCount + 7) / 8)
            let source = bytes.span
            var words = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
            let wholeCount = source.count / 8
            for index in 0..<wholeCount {
                words[index] = word(source, at: 8 * index).littleEndian
            }
            for index in 8 * wholeCount..<source.count {
                words[index / 8] |= UInt64(source[index]) << UInt64(8 * (index % 8))
            }
            let mask = RowMask(words: words, rowCount: rowCount)
            guard mask.count == count, mask.words == words else {
                throw ByteFailure.invalid(atByte: place)
            }
            return mask
        default: throw ByteFailure.invalid(atByte: place)
        }
    }
}
