import PerchBytes

/// The bytes around records, as docs/format/write-log.md lays them down.
enum WriteLogFraming {
    /// "PERCHLOG" in the order of the disk.
    static let magic: UInt64 = 0x474F_4C48_4352_4550
    static let version: UInt32 = 1
    /// One copy of the file header.
    ///
    /// There are two, so that a damaged one does not cost the file.
    static let headerCopyByteCount = 64
    /// Where the first record starts.
    static let headerByteCount = 2 * headerCopyByteCount
    static let recordHeaderByteCount = 32
    /// Records start at multiples of this, so that a search for the next one is short.
    static let alignment = 8
    /// Zeros behind the last record of a reused file: what follows them is older than the file.
    static let endMarkByteCount = recordHeaderByteCount

    /// The bytes that a payload takes in a file.
    static func framedByteCount(payload byteCount: Int) -> Int {
        let end = recordHeaderByteCount &+ byteCount
        return (end &+ alignment &- 1) & ~(alignment &- 1)
    }
}

/// What a write-log file says about itself.
struct WriteLogFileHeader: Sendable, Equatable {
    var kind: UInt32
    var sequence: UInt64
    var createdTime: Int64
    var salt: UInt64
    /// Whether the file took the room of a removed one, whose records may stand behind its own.
    var isReused = false

    /// Both copies.
    func encoded() -> [UInt8] {
        var copy: [UInt8] = []
        LittleEndian.append(WriteLogFraming.magic, to: &copy)
        LittleEndian.append(WriteLogFraming.version, to: &copy)
        LittleEndian.append(kind, to: &copy)
        LittleEndian.append(sequence, to: &copy)
        LittleEndian.append(createdTime, to: &copy)
        LittleEndian.append(salt, to: &copy)
        LittleEndian.append(UInt32(isReused ? 1 : 0), to: &copy)
        copy.append(contentsOf: [UInt8](repeating: 0, count: 16))
        LittleEndian.append(CRC32C.checksum(copy), to: &copy)
        return copy + copy
    }

    enum Failure: Error, Equatable {
        case damaged
        case newerVersion(UInt32)
    }

    /// The first copy that is intact.
    static func decode(_ bytes: [UInt8]) throws(Failure) -> WriteLogFileHeader {
        for start in [0, WriteLogFraming.headerCopyByteCount] {
            let end = start + WriteLogFraming.headerCopyByteCount
            guard end <= bytes.count else { break }
            if let header = try decodeCopy(bytes[start..<end]) { return header }
        }
        throw .damaged
    }

    private static func decodeCopy(
        _ copy: ArraySlice<UInt8>
    ) throws(Failure) -> WriteLogFileHeader? {
        var reader = ByteReader(copy)
        do {
            guard try reader.read(UInt64.self) == WriteLogFraming.magic else { return nil }
            let version = try reader.read(UInt32.self)
            let header = WriteLogFileHeader(
                kind: try reader.read(UInt32.self), sequence: try reader.read(UInt64.self),
                createdTime: try reader.read(Int64.self), salt: try reader.read(UInt64.self),
                isReused: try reader.read(UInt32.self) != 0)
            _ = try reader.readBytes(count: 16)
            let sum = try reader.read(UInt32.self)
            guard sum == CRC32C.checksum(copy.dropLast(4)) else { return nil }
            guard version <= WriteLogFraming.version else { throw Failure.newerVersion(version) }
            return header
        } catch let failure as Failure {
            throw failure
        } catch {
            return nil
        }
    }
}

/// What stands before a payload.
struct WriteLogRecordHeader: Equatable {
    var payloadByteCount: Int
    var payloadChecksum: UInt32
    var summary: WriteLogSummary

    /// Fills in the header in front of a payload that ends `bytes`, and pads behind it.
    static func seal(
        _ bytes: inout [UInt8], headerStart: Int, fileOffset: Int, file: WriteLogFileHeader,
        summary: WriteLogSummary
    ) {
        let payloadStart = headerStart + WriteLogFraming.recordHeaderByteCount
        let payloadByteCount = bytes.count - payloadStart
        let payloadSum = CRC32C.checksum(bytes[payloadStart...])
        LittleEndian.store(UInt32(payloadByteCount), in: &bytes, at: headerStart)
        LittleEndian.store(payloadSum, in: &bytes, at: headerStart + 4)
        LittleEndian.store(UInt32(clamping: summary.rowCount), in: &bytes, at: headerStart + 8)
        LittleEndian.store(summary.minTime, in: &bytes, at: headerStart + 16)
        LittleEndian.store(summary.maxTime, in: &bytes, at: headerStart + 24)
        let sum = checksum(
            bytes[headerStart..<payloadStart], fileOffset: fileOffset, file: file)
        LittleEndian.store(sum, in: &bytes, at: headerStart + 12)
        let padding = -bytes.count & (WriteLogFraming.alignment - 1)
        bytes.append(contentsOf: repeatElement(0, count: padding))
    }

    /// The header in these 32 bytes, or nil if they are none of this file at this offset, or of a
    /// payload of more than `payloadByteCountMax`.
    static func decode(
        _ bytes: ArraySlice<UInt8>, fileOffset: Int, file: WriteLogFileHeader,
        payloadByteCountMax: Int
    ) -> WriteLogRecordHeader? {
        var reader = ByteReader(bytes)
        do {
            let byteCount = try reader.read(UInt32.self)
            // Most of what is not a header is zeros or old text: they go quickly.
            guard byteCount > 0, byteCount <= payloadByteCountMax else { return nil }
            let payloadChecksum = try reader.read(UInt32.self)
            let rowCount = try reader.read(UInt32.self)
            let sum = try reader.read(UInt32.self)
            guard sum == checksum(bytes, fileOffset: fileOffset, file: file) else { return nil }
            return WriteLogRecordHeader(
                payloadByteCount: Int(byteCount), payloadChecksum: payloadChecksum,
                summary: WriteLogSummary(
                    rowCount: Int(rowCount), minTime: try reader.read(Int64.self),
                    maxTime: try reader.read(Int64.self)))
        } catch {
            return nil
        }
    }

    /// Covers the header but for the sum's own place, and where and in which file it stands.
    private static func checksum(
        _ bytes: ArraySlice<UInt8>, fileOffset: Int, file: WriteLogFileHeader
    ) -> UInt32 {
        var place: [UInt8] = []
        place.reserveCapacity(24)
        LittleEndian.append(file.salt, to: &place)
        LittleEndian.append(file.sequence, to: &place)
        LittleEndian.append(UInt64(fileOffset), to: &place)
        let start = bytes.startIndex
        var sum = CRC32C.checksum(place)
        sum = CRC32C.checksum(bytes[start..<(start + 12)], seed: sum)
        return CRC32C.checksum(bytes[(start + 16)..<(start + 32)], seed: sum)
    }
}
