import PerchBytes
import PerchCodec
import PerchModel

/// Writes runs of bytes that are compressed where that pays.
final class ChunkPacker {
    private let compressor: BlockCompressor?
    /// Of text: what a level costs and saves is in docs/format/event-segment.md.
    private let level: Int32

    init(level: Int32 = Limits.compressionLevel) {
        compressor = BlockCompressor()
        self.level = level
    }

    private enum Packing: UInt8 {
        case none = 0
        case zstd = 1
    }

    /// What is to be compressed.
    enum Content {
        case text
        /// Of text: few bytes, which are read whenever texts are searched.
        case patterns
        /// One byte of each number.
        case plane
        /// A bit a row.
        case rows

        /// Bytes from which it is worth to try.
        fileprivate var byteCountMin: Int {
            switch self {
            case .text: Limits.compressedByteCountMin
            case .patterns: Limits.compressedPatternByteCountMin
            case .plane, .rows: Limits.planeValueCountMin
            }
        }

        /// At most so many bytes are worth unpacking.
        fileprivate func byteCountMax(_ byteCount: Int) -> Int {
            self == .rows ? byteCount / 2 : byteCount - byteCount / 16
        }
    }

    /// Adds bytes; their count is written too.
    func append(_ raw: Span<UInt8>, to bytes: inout [UInt8], _ content: Content = .text) {
        let start = bytes.count
        bytes.append(Packing.zstd.rawValue)
        Varint.append(UInt64(raw.count), to: &bytes)
        if raw.count >= content.byteCountMin, let compressor {
            var packed: [UInt8] = []
            if compressor.append(
                raw, level: content == .plane ? 1 : level,
                byteCountMax: content.byteCountMax(raw.count), to: &packed)
            {
                ByteWriter.appendBlob(packed, to: &bytes)
                return
            }
        }
        bytes[start] = Packing.none.rawValue
        bytes.append(raw)
    }

    /// How many bytes follow, where they are not compressed; nil where they are.
    static func readPlainHead(_ reader: inout ByteReader) throws -> UInt64? {
        guard Packing(rawValue: try reader.read(UInt8.self)) == .some(.none) else { return nil }
        return try reader.readVarint()
    }

    /// Passes over what `append` wrote.
    static func skip(_ reader: inout ByteReader) throws {
        let place = reader.position
        switch Packing(rawValue: try reader.read(UInt8.self)) {
        case nil: throw ByteFailure.invalid(atByte: place)
        case .some(.none): _ = try reader.readBlob()
        case .zstd:
            _ = try reader.readVarint()
            _ = try reader.readBlob()
        }
    }

    /// Reads what `append` wrote, if it is at most `byteCountMax` bytes.
    static func read(_ reader: inout ByteReader, byteCountMax: Int) throws -> [UInt8] {
        let place = reader.position
        let packing = Packing(rawValue: try reader.read(UInt8.self))
        let byteCount = try reader.readVarint()
        guard byteCount <= UInt64(max(0, byteCountMax)) else {
            throw ByteFailure.countTooLarge(atByte: place)
        }
        switch packing {
        case nil: throw ByteFailure.invalid(atByte: place)
        case .some(.none): return Array(try reader.readBytes(count: Int(byteCount)))
        case .zstd:
            let packed = try reader.readBlob()
            guard
                let bytes = BlockDecompressor.decompress(packed.span, byteCount: Int(byteCount))
            else { throw ByteFailure.invalid(atByte: place) }
            return bytes
        }
    }

    /// The same, without copying what is not compressed.
    static func readSlice(
        _ reader: inout ByteReader, byteCountMax: Int
    ) throws -> ArraySlice<UInt8> {
        var probe = reader
        guard Packing(rawValue: try probe.read(UInt8.self)) == .some(.none) else {
            return try read(&reader, byteCountMax: byteCountMax)[...]
        }
        let place = reader.position
        let byteCount = try probe.readVarint()
        guard byteCount <= UInt64(max(0, byteCountMax)) else {
            throw ByteFailure.countTooLarge(atByte: place)
        }
        reader = probe
        return try reader.readBytes(count: Int(byteCount))
    }
}
