import PerchBytes
import PerchModel

/// One column of a block, as docs/format/event-segment.md lays it down.
enum ColumnCodec {
    /// Adds which rows have a value, and the values.
    static func append(_ column: Column, rowCount: Int, to bytes: inout [UInt8]) {
        if column.rows.count == rowCount {
            bytes.append(EventPayload.RowLayout.all.rawValue)
        } else {
            bytes.append(EventPayload.RowLayout.some.rawValue)
            Varint.append(UInt64(column.rows.count), to: &bytes)
            IntegerCodec.append(column.rows.map { Int64($0) }, to: &bytes)
        }
        switch column.kind {
        case .int, .bool: IntegerCodec.append(column.ints, to: &bytes)
        case .double:
            let bits = column.doubles.map { Int64(bitPattern: $0.bitPattern) }
            IntegerCodec.append(bits, to: &bytes)
        case .string, .bytes, .json, .id: TextCodec.append(column, to: &bytes)
        }
    }

    /// Reads the rows and values of a column that has its name, space and kind.
    static func read(
        into column: inout Column, rowCount: Int, byteCountMax: Int, _ bytes: ArraySlice<UInt8>
    ) throws {
        var reader = ByteReader(bytes)
        let layout = EventPayload.RowLayout(rawValue: try reader.read(UInt8.self))
        switch layout {
        case nil: throw ByteFailure.invalid(atByte: 0)
        case .all: column.rows = (0..<rowCount).map { UInt32(truncatingIfNeeded: $0) }
        case .some:
            let count = try reader.readVarint()
            guard count <= UInt64(rowCount) else { throw ByteFailure.countTooLarge(atByte: 1) }
            var next: Int64 = 0
            for row in try IntegerCodec.read(count: Int(count), &reader) {
                guard row >= next, row < Int64(rowCount) else {
                    throw ByteFailure.invalid(atByte: reader.position)
                }
                column.rows.append(UInt32(truncatingIfNeeded: row))
                next = row + 1
            }
        }
        let count = column.rows.count
        switch column.kind {
        case .int: column.ints = try IntegerCodec.read(count: count, &reader)
        case .bool:
            column.ints = try IntegerCodec.read(count: count, &reader)
            guard column.ints.allSatisfy({ $0 == 0 || $0 == 1 }) else {
                throw ByteFailure.invalid(atByte: reader.position)
            }
        case .double:
            column.doubles = try IntegerCodec.read(count: count, &reader).map {
                Double(bitPattern: UInt64(bitPattern: $0))
            }
        case .string, .bytes, .json, .id:
            try TextCodec.read(
                count: count, byteCountMax: byteCountMax, into: &column, &reader)
        }
        guard reader.isAtEnd else { throw ByteFailure.invalid(atByte: reader.position) }
    }
}
