import PerchBytes

/// One record of a manifest, as docs/format/manifest.md lays it down.
enum ManifestRecord: Equatable {
    case add(Manifest.Entry)
    case remove(UInt64)
    case floor(UInt64)

    /// "PERCHMAN" in the order of the disk.
    static let magic: UInt64 = 0x4E41_4D48_4352_4550
    static let version: UInt32 = 1
    static let headerByteCount = 24
    static let byteCount = 48

    static func header(kind: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(magic, to: &bytes)
        LittleEndian.append(version, to: &bytes)
        LittleEndian.append(kind, to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        return bytes
    }

    /// What stands at the start of a manifest.
    enum HeaderReading: Equatable {
        case ours
        case damaged
        case newerVersion(UInt32)
        case ofKind(UInt32)
    }

    /// Reads a header; only what its checksum covers is believed.
    static func readHeader(_ bytes: [UInt8], kind: UInt32) -> HeaderReading {
        var reader = ByteReader(bytes.prefix(headerByteCount))
        do {
            guard try reader.read(UInt64.self) == magic else { return .damaged }
            let version = try reader.read(UInt32.self)
            let foundKind = try reader.read(UInt32.self)
            _ = try reader.read(UInt32.self)
            let sum = try reader.read(UInt32.self)
            guard sum == CRC32C.checksum(bytes[..<(headerByteCount - 4)]) else { return .damaged }
            if version > Self.version { return .newerVersion(version) }
            return foundKind == kind ? .ours : .ofKind(foundKind)
        } catch {
            return .damaged
        }
    }

    /// What 48 bytes of a manifest are.
    enum Reading: Equatable {
        case record(ManifestRecord)
        case damaged
        /// Intact, so not damage: a newer version wrote it.
        case unknownType(UInt32)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        let (tag, sequence, entry): (UInt32, UInt64, Manifest.Entry?) =
            switch self {
            case .add(let entry): (1, entry.sequence, entry)
            case .remove(let sequence): (2, sequence, nil)
            case .floor(let floor): (3, floor, nil)
            }
        LittleEndian.append(tag, to: &bytes)
        LittleEndian.append(UInt32(0), to: &bytes)
        LittleEndian.append(sequence, to: &bytes)
        LittleEndian.append(UInt64(entry?.byteCount ?? 0), to: &bytes)
        LittleEndian.append(UInt64(entry?.summary.rowCount ?? 0), to: &bytes)
        LittleEndian.append(entry?.summary.minTime ?? 0, to: &bytes)
        LittleEndian.append(entry?.summary.maxTime ?? 0, to: &bytes)
        // The sum is taken over the record with its own place zero.
        LittleEndian.store(CRC32C.checksum(bytes), in: &bytes, at: 4)
        return bytes
    }

    /// Reads one record; only what its checksum covers is believed.
    static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
        guard bytes.count == byteCount else { return .damaged }
        var unsummed = Array(bytes)
        LittleEndian.store(UInt32(0), in: &unsummed, at: 4)
        var reader = ByteReader(bytes)
        do {
            let tag = try reader.read(UInt32.self)
            let sum = try reader.read(UInt32.self)
            guard sum == CRC32C.checksum(unsummed) else { return .damaged }
            let sequence = try reader.read(UInt64.self)
            switch tag {
            case 1:
                return .record(
                    .add(
                        Manifest.Entry(
                            sequence: sequence,
                            byteCount: Int(clamping: try reader.read(UInt64.self)),
                            summary: WriteLogSummary(
                                rowCount: Int(clamping: try reader.read(UInt64.self)),
                                minTime: try reader.read(Int64.self),
                                maxTime: try reader.read(Int64.self)))))
            case 2: return .record(.remove(sequence))
            case 3: return .record(.floor(sequence))
            default: return .unknownType(tag)
            }
        } catch {
            return .damaged
        }
    }
}
