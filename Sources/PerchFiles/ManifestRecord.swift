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

    static func isHeader(_ bytes: [UInt8], kind: UInt32) -> Bool {
        bytes.starts(with: header(kind: kind))
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

    /// The record in these bytes, or nil if they are damaged, unfinished or of an unknown type.
    static func decode(_ bytes: ArraySlice<UInt8>) -> ManifestRecord? {
        guard bytes.count == byteCount else { return nil }
        var unsummed = Array(bytes)
        LittleEndian.store(UInt32(0), in: &unsummed, at: 4)
        var reader = ByteReader(bytes)
        do {
            let tag = try reader.read(UInt32.self)
            let sum = try reader.read(UInt32.self)
            guard sum == CRC32C.checksum(unsummed) else { return nil }
            let sequence = try reader.read(UInt64.self)
            switch tag {
            case 1:
                return .add(
                    Manifest.Entry(
                        sequence: sequence,
                        byteCount: Int(clamping: try reader.read(UInt64.self)),
                        summary: WriteLogSummary(
                            rowCount: Int(clamping: try reader.read(UInt64.self)),
                            minTime: try reader.read(Int64.self),
                            maxTime: try reader.read(Int64.self))))
            case 2: return .remove(sequence)
            case 3: return .floor(sequence)
            default: return nil
            }
        } catch {
            return nil
        }
    }
}
