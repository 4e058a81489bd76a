import PerchBytes
import PerchModel

/// What a block's list of columns says: where each is, and what its values lie between.
struct SegmentDirectory: Sendable {
    struct Entry: Sendable {
        var name: String
        var space: FieldSpace
        var kind: ColumnKind
        var chunk: SegmentChunk
        /// For whole numbers and doubles: no value lies outside; nil where nothing is known.
        var least: Double?
        var greatest: Double?
    }

    var resources: [Resource] = []
    var times = SegmentChunk(offset: 0, byteCount: 0, checksum: 0)
    var resourceIndexes = SegmentChunk(offset: 0, byteCount: 0, checksum: 0)
    var columns: [Entry] = []

    func encoded(_ dataset: Dataset) -> [UInt8] {
        // The resources stand as in a batch without rows.
        var empty = EventBatch(dataset: dataset)
        empty.resources = resources
        var payload: [UInt8] = []
        EventPayload.encode(empty, into: &payload)
        var bytes: [UInt8] = []
        ByteWriter.appendBlob(payload, to: &bytes)
        times.append(to: &bytes)
        resourceIndexes.append(to: &bytes)
        Varint.append(UInt64(columns.count), to: &bytes)
        for column in columns {
            ByteWriter.appendString(column.name, to: &bytes)
            bytes.append(column.space.rawValue)
            bytes.append(column.kind.rawValue)
            column.chunk.append(to: &bytes)
            if let least = column.least, let greatest = column.greatest {
                bytes.append(1)
                LittleEndian.append(least, to: &bytes)
                LittleEndian.append(greatest, to: &bytes)
            } else {
                bytes.append(0)
            }
        }
        return bytes
    }

    init() {}

    init(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        resources = try EventPayload.decode(try reader.readBlob()).resources
        times = try SegmentChunk.read(&reader)
        resourceIndexes = try SegmentChunk.read(&reader)
        for _ in 0..<(try reader.readCount(elementByteCountMin: 10)) {
            let name = try reader.readString()
            guard let space = FieldSpace(rawValue: try reader.read(UInt8.self)),
                space != .resource, let kind = ColumnKind(rawValue: try reader.read(UInt8.self))
            else { throw SegmentFormat.Failure.damaged("a column of an unknown kind") }
            var entry = Entry(
                name: name, space: space, kind: kind, chunk: try SegmentChunk.read(&reader))
            if try reader.read(UInt8.self) != 0 {
                entry.least = try reader.read(Double.self)
                entry.greatest = try reader.read(Double.self)
            }
            columns.append(entry)
        }
        guard reader.isAtEnd else { throw SegmentFormat.Failure.damaged("a list of columns") }
    }
}
