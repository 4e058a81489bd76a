import PerchBytes
import PerchModel

/// The descriptions of metric families in a segment.
enum SegmentMetadata {
    static func encode(_ metadata: [MetricMetadata]) -> [UInt8] {
        var bytes: [UInt8] = []
        Varint.append(UInt64(metadata.count), to: &bytes)
        for family in metadata {
            bytes.append(family.type.rawValue)
            ByteWriter.appendString(family.family, to: &bytes)
            ByteWriter.appendString(family.unit, to: &bytes)
            ByteWriter.appendString(family.help, to: &bytes)
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) throws(ByteFailure) -> [MetricMetadata] {
        var reader = ByteReader(bytes)
        var result: [MetricMetadata] = []
        for _ in 0..<(try reader.readCount(elementByteCountMin: 4)) {
            guard let type = MetricType(rawValue: try reader.read(UInt8.self)) else {
                throw .invalid(atByte: reader.position - 1)
            }
            result.append(
                MetricMetadata(
                    family: try reader.readString(), type: type, unit: try reader.readString(),
                    help: try reader.readString()))
        }
        return result
    }
}
