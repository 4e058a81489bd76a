import PerchBytes

/// The first bytes of a segment: what is in it and where; see docs/format/series-segment.md.
struct SegmentHeader: Sendable, Equatable {
    /// Where a section stands.
    struct Section: Sendable, Equatable {
        var offset = 0
        var byteCount = 0
        /// Its bytes after decompression; equal to `byteCount` for one that is not compressed.
        var plainByteCount = 0
        /// Of the bytes as they stand in the file; 0 for the chunks, which have their own.
        var checksum: UInt32 = 0
    }

    /// "PERCHSEG" in the order of the disk.
    static let magic: UInt64 = 0x4745_5348_4352_4550
    static let version: UInt32 = 1
    static let byteCount = 256

    /// The number in the file's name.
    var sequence: UInt64 = 0
    /// The write-log files that it took the place of.
    var firstLog: UInt64 = 0
    var lastLog: UInt64 = 0
    /// The newest deletion that was carried out in it.
    var appliedDeletion: UInt64 = 0
    /// How often its samples were merged.
    var level: UInt32 = 0
    var seriesCount: UInt32 = 0
    var sampleCount = 0
    var minTime: Int64 = 0
    var maxTime: Int64 = 0
    /// What the times in the index count from.
    var baseTime: Int64 = 0
    var chunks = Section()
    var index = Section()
    var metadata = Section()

    enum Failure: Error {
        case damaged
        case newerVersion(UInt32)
    }

    init() {}

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(Self.magic, to: &bytes)
        LittleEndian.append(Self.version, to: &bytes)
        LittleEndian.append(level, to: &bytes)
        for number in [sequence, firstLog, lastLog, appliedDeletion] {
            LittleEndian.append(number, to: &bytes)
        }
        LittleEndian.append(seriesCount, to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        for number in [Int64(sampleCount), minTime, maxTime, baseTime] {
            LittleEndian.append(number, to: &bytes)
        }
        for section in [chunks, index, metadata] {
            for number in [section.offset, section.byteCount, section.plainByteCount] {
                LittleEndian.append(Int64(number), to: &bytes)
            }
            LittleEndian.append(section.checksum, to: &bytes)
            LittleEndian.append(UInt32(0), to: &bytes)
        }
        bytes.append(contentsOf: repeatElement(0, count: Self.byteCount - 4 - bytes.count))
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        return bytes
    }

    /// Reads a header; `fileByteCount` is what the sections must fit into.
    init(_ bytes: [UInt8], fileByteCount: Int) throws {
        guard bytes.count == Self.byteCount else { throw Failure.damaged }
        var reader = ByteReader(bytes)
        guard try reader.read(UInt64.self) == Self.magic else { throw Failure.damaged }
        let version = try reader.read(UInt32.self)
        let sum = try LittleEndian.load(UInt32.self, from: bytes.span, at: Self.byteCount - 4)
        guard sum == CRC32C.checksum(bytes[..<(Self.byteCount - 4)]) else {
            throw Failure.damaged
        }
        guard version == Self.version else { throw Failure.newerVersion(version) }
        level = try reader.read(UInt32.self)
        sequence = try reader.read(UInt64.self)
        firstLog = try reader.read(UInt64.self)
        lastLog = try reader.read(UInt64.self)
        appliedDeletion = try reader.read(UInt64.self)
        seriesCount = try reader.read(UInt32.self)
        _ = try reader.read(UInt32.self)
        sampleCount = Int(try reader.read(Int64.self))
        minTime = try reader.read(Int64.self)
        maxTime = try reader.read(Int64.self)
        baseTime = try reader.read(Int64.self)
        chunks = try Self.section(&reader, fileByteCount)
        index = try Self.section(&reader, fileByteCount)
        metadata = try Self.section(&reader, fileByteCount)
    }

    private static func section(
        _ reader: inout ByteReader, _ fileByteCount: Int
    ) throws -> Section {
        let offset = try reader.read(Int64.self)
        let byteCount = try reader.read(Int64.self)
        let plainByteCount = try reader.read(Int64.self)
        let checksum = try reader.read(UInt32.self)
        _ = try reader.read(UInt32.self)
        guard offset >= 0, byteCount >= 0, offset <= fileByteCount,
            byteCount <= Int64(fileByteCount) - offset, plainByteCount >= 0,
            plainByteCount <= Int64(Limits.segmentIndexByteCountMax)
        else { throw Failure.damaged }
        return Section(
            offset: Int(offset), byteCount: Int(byteCount), plainByteCount: Int(plainByteCount),
            checksum: checksum)
    }
}
