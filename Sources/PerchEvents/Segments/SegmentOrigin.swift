import PerchBytes

/// Where the rows of a segment come from, and what was carried out on them.
struct SegmentOrigin: Sendable, Equatable {
    /// The oldest file of the log whose rows are in it.
    var first: UInt64
    /// The newest one; also the number of the segment.
    var last: UInt64
    /// The newest deletion that was carried out: what it names is not in the segment.
    var appliedDeletion: UInt64 = 0
    /// When rows that retention does not allow were last taken out; nanoseconds since 1970.
    var checkedAt = Int64.min

    init(file sequence: UInt64) {
        (first, last) = (sequence, sequence)
    }

    init(first: UInt64, last: UInt64) {
        (self.first, self.last) = (first, last)
    }

    /// Whether a file of the log is one of those that it was made of.
    func covers(_ sequence: UInt64) -> Bool { first <= sequence && sequence <= last }
}

/// The end of a segment: its blocks, and where they come from.
enum SegmentFooter {
    static func encode(_ blocks: [SegmentBlock], _ origin: SegmentOrigin) -> [UInt8] {
        var bytes: [UInt8] = []
        Varint.append(UInt64(blocks.count), to: &bytes)
        for block in blocks { block.append(to: &bytes) }
        Varint.append(origin.first, to: &bytes)
        Varint.append(origin.appliedDeletion, to: &bytes)
        Varint.appendZigzag(origin.checkedAt, to: &bytes)
        return bytes
    }

    static func decode(
        _ bytes: [UInt8], last: UInt64
    ) throws -> (blocks: [SegmentBlock], origin: SegmentOrigin) {
        var reader = ByteReader(bytes)
        var blocks: [SegmentBlock] = []
        for _ in 0..<(try reader.readCount(elementByteCountMin: 16)) {
            blocks.append(try SegmentBlock.read(&reader))
        }
        var origin = SegmentOrigin(file: last)
        origin.first = try reader.readVarint()
        origin.appliedDeletion = try reader.readVarint()
        origin.checkedAt = try reader.readZigzag()
        guard origin.first <= last else { throw SegmentFormat.Failure.damaged("its origin") }
        guard reader.isAtEnd else { throw SegmentFormat.Failure.damaged("its list of blocks") }
        return (blocks, origin)
    }
}
