import PerchBytes
import PerchModel

/// The file of deletions that were not carried out everywhere; see docs/format/series-deletions.md.
enum DeletionList {
    /// "PERCHDEL" in the order of the disk.
    private static let magic: UInt64 = 0x4C45_4448_4352_4550
    private static let version: UInt32 = 1

    static func encode(_ deletions: [Deletion]) -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(magic, to: &bytes)
        LittleEndian.append(version, to: &bytes)
        Varint.append(UInt64(deletions.count), to: &bytes)
        for deletion in deletions {
            Varint.append(deletion.number, to: &bytes)
            Varint.append(deletion.lastLog, to: &bytes)
            Varint.appendZigzag(deletion.times.lowerBound, to: &bytes)
            Varint.appendZigzag(deletion.times.upperBound, to: &bytes)
            Varint.append(UInt64(deletion.matchers.count), to: &bytes)
            for matcher in deletion.matchers {
                ByteWriter.appendString(matcher.name, to: &bytes)
                ByteWriter.appendString(matcher.operation.rawValue, to: &bytes)
                ByteWriter.appendString(matcher.value, to: &bytes)
            }
        }
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ByteFailure) -> [Deletion] {
        guard bytes.count > 16 else { throw .truncated(atByte: bytes.count) }
        let end = bytes.count - 4
        let sum = try LittleEndian.load(UInt32.self, from: bytes.span, at: end)
        guard sum == CRC32C.checksum(bytes[..<end]) else { throw .invalid(atByte: end) }
        var reader = ByteReader(bytes[..<end])
        guard try reader.read(UInt64.self) == magic, try reader.read(UInt32.self) == version
        else { throw .invalid(atByte: 0) }
        var deletions: [Deletion] = []
        for _ in 0..<(try reader.readCount(elementByteCountMin: 5)) {
            let number = try reader.readVarint()
            let lastLog = try reader.readVarint()
            let low = try reader.readZigzag()
            let high = try reader.readZigzag()
            guard low <= high else { throw .invalid(atByte: reader.position) }
            var matchers: [LabelMatcher] = []
            for _ in 0..<(try reader.readCount(elementByteCountMin: 3)) {
                let name = try reader.readString()
                guard let operation = LabelMatcher.Operation(rawValue: try reader.readString())
                else { throw .invalid(atByte: reader.position) }
                matchers.append(LabelMatcher(name, operation, try reader.readString()))
            }
            deletions.append(
                Deletion(number: number, lastLog: lastLog, matchers: matchers, times: low...high))
        }
        return deletions
    }
}
