import PerchBytes
import PerchModel

/// The bytes around the blocks of a segment, as docs/format/event-segment.md lays them down.
enum SegmentFormat {
    /// "PERCHEVS" in the order of the disk.
    static let magic: UInt64 = 0x5356_4548_4352_4550
    static let version: UInt32 = 4
    static let headerByteCount = 32
    static let trailerByteCount = 32

    /// Why a file is no segment that this code reads.
    enum Failure: Error, Equatable {
        case damaged(String)
        case newerVersion(UInt32)
    }

    static func header(sequence: UInt64, version: UInt32 = version) -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(magic, to: &bytes)
        LittleEndian.append(version, to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        LittleEndian.append(sequence, to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        return bytes
    }

    static func checkHeader(_ bytes: [UInt8], sequence: UInt64) throws {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt64.self) == magic else { throw Failure.damaged("no segment") }
        let found = try reader.read(UInt32.self)
        _ = try reader.read(UInt32.self)
        let number = try reader.read(UInt64.self)
        _ = try reader.read(UInt32.self)
        let sum = try reader.read(UInt32.self)
        guard sum == CRC32C.checksum(bytes.prefix(headerByteCount - 4)) else {
            throw Failure.damaged("its header")
        }
        guard found <= version else { throw Failure.newerVersion(found) }
        guard found == version else {
            throw Failure.damaged("it has the format of a test version")
        }
        guard number == sequence else { throw Failure.damaged("it is of file \(number)") }
    }

    /// The end of a file: where the list of blocks is.
    static func trailer(footer: SegmentChunk) -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(UInt64(footer.offset), to: &bytes)
        LittleEndian.append(UInt64(footer.byteCount), to: &bytes)
        LittleEndian.append(footer.checksum, to: &bytes)
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        LittleEndian.append(magic, to: &bytes)
        return bytes
    }

    static func footer(_ trailer: [UInt8]) throws -> SegmentChunk {
        var reader = ByteReader(trailer)
        let offset = try reader.read(UInt64.self)
        let byteCount = try reader.read(UInt64.self)
        let checksum = try reader.read(UInt32.self)
        let sum = try reader.read(UInt32.self)
        guard sum == CRC32C.checksum(trailer.prefix(20)), try reader.read(UInt64.self) == magic
        else { throw Failure.damaged("its end") }
        return SegmentChunk(
            offset: Int(clamping: offset), byteCount: Int(clamping: byteCount), checksum: checksum)
    }
}

/// A run of bytes in a segment, with its checksum.
struct SegmentChunk: Sendable, Equatable {
    var offset: Int
    var byteCount: Int
    var checksum: UInt32

    func append(to bytes: inout [UInt8]) {
        Varint.append(UInt64(offset), to: &bytes)
        Varint.append(UInt64(byteCount), to: &bytes)
        LittleEndian.append(checksum, to: &bytes)
    }

    static func read(_ reader: inout ByteReader) throws -> SegmentChunk {
        SegmentChunk(
            offset: Int(clamping: try reader.readVarint()),
            byteCount: Int(clamping: try reader.readVarint()),
            checksum: try reader.read(UInt32.self))
    }

    /// Adds one that need not be there.
    static func append(_ chunk: SegmentChunk?, to bytes: inout [UInt8]) {
        bytes.append(chunk == nil ? 0 : 1)
        chunk?.append(to: &bytes)
    }

    static func readIfAny(_ reader: inout ByteReader) throws -> SegmentChunk? {
        switch try reader.read(UInt8.self) {
        case 0: nil
        case 1: try read(&reader)
        default: throw SegmentFormat.Failure.damaged("a part that may be there")
        }
    }
}

/// What the list of blocks says of one: enough to pass it over.
struct SegmentBlock: Sendable, Equatable {
    var dataset: Dataset
    var rowCount: Int
    var times: EventTimes
    /// Where its columns are listed.
    var directory: SegmentChunk
    /// Which tokens may be in it: see ``TokenFilter``.
    var filter: SegmentChunk

    func append(to bytes: inout [UInt8]) {
        bytes.append(dataset.rawValue)
        Varint.append(UInt64(rowCount), to: &bytes)
        Varint.appendZigzag(times.min, to: &bytes)
        Varint.appendZigzag(times.max, to: &bytes)
        directory.append(to: &bytes)
        filter.append(to: &bytes)
    }

    static func read(_ reader: inout ByteReader) throws -> SegmentBlock {
        guard let dataset = Dataset(rawValue: try reader.read(UInt8.self)) else {
            throw SegmentFormat.Failure.damaged("a block of an unknown dataset")
        }
        let rowCount = try reader.readVarint()
        guard rowCount > 0, rowCount <= UInt64(Limits.segmentBlockRowCountLimit) else {
            throw SegmentFormat.Failure.damaged("a block of \(rowCount) rows")
        }
        return SegmentBlock(
            dataset: dataset, rowCount: Int(rowCount),
            times: EventTimes(min: try reader.readZigzag(), max: try reader.readZigzag()),
            directory: try SegmentChunk.read(&reader), filter: try SegmentChunk.read(&reader))
    }
}
