import PerchBytes
import PerchModel

/// Texts, bytes and ids of one column of a block, as docs/format/event-segment.md lays them down.
enum TextCodec {
    private enum Layout: UInt8 {
        case constant = 0
        /// Each different value once, and which one each is.
        case dictionary = 1
        /// One after the other.
        case each = 2
    }

    /// Adds the values of a column that has at least one.
    static func append(_ column: Column, to bytes: inout [UInt8]) {
        let column = column.plain()
        guard let (entries, indexes) = dictionary(of: column) else {
            bytes.append(Layout.each.rawValue)
            var start: UInt32 = 0
            let lengths = column.ends.map { end in
                defer { start = end }
                return Int64(end - start)
            }
            IntegerCodec.append(lengths, to: &bytes)
            bytes.append(contentsOf: column.bytes)
            return
        }
        guard entries.count > 1 else {
            bytes.append(Layout.constant.rawValue)
            ByteWriter.appendBlob(entries.first ?? [], to: &bytes)
            return
        }
        bytes.append(Layout.dictionary.rawValue)
        Varint.append(UInt64(entries.count), to: &bytes)
        IntegerCodec.append(entries.map { Int64($0.count) }, to: &bytes)
        for entry in entries { bytes.append(contentsOf: entry) }
        IntegerCodec.append(indexes, to: &bytes)
    }

    /// The different values and which one each is; nil where they are too many to be worth it.
    private static func dictionary(
        of column: Column
    ) -> (entries: [ArraySlice<UInt8>], indexes: [Int64])? {
        var entries: [ArraySlice<UInt8>] = []
        var known: [ArraySlice<UInt8>: Int64] = [:]
        var indexes: [Int64] = []
        indexes.reserveCapacity(column.ends.count)
        for position in column.ends.indices {
            let value = column.bytes[column.byteRange(at: position)]
            if let index = known[value] {
                indexes.append(index)
                continue
            }
            guard entries.count < Limits.dictionaryEntryCountMax,
                entries.count <= position / 2 + Limits.dictionaryEntryCountFree
            else { return nil }
            known[value] = Int64(entries.count)
            indexes.append(Int64(entries.count))
            entries.append(value)
        }
        guard entries.count == 1 || entries.count <= column.ends.count / 2 else { return nil }
        return (entries, indexes)
    }

    /// Reads `count` values into a column, of at most `byteCountMax` bytes.
    static func read(
        count: Int, byteCountMax: Int, into column: inout Column, _ reader: inout ByteReader
    ) throws {
        let start = reader.position
        switch Layout(rawValue: try reader.read(UInt8.self)) {
        case nil: throw ByteFailure.invalid(atByte: start)
        case .constant:
            column.bytes = Array(try reader.readBlob())
            column.ends = [UInt32(truncatingIfNeeded: column.bytes.count)]
            column.codes = [UInt32](repeating: 0, count: count)
        case .dictionary:
            let entryCount = try reader.readCount()
            try readEntries(
                IntegerCodec.read(count: entryCount, &reader), into: &column, &reader)
            column.codes = try IntegerCodec.read(count: count, &reader).map { index in
                guard index >= 0, index < entryCount else {
                    throw ByteFailure.invalid(atByte: start)
                }
                return UInt32(truncatingIfNeeded: index)
            }
        case .each:
            try readEntries(IntegerCodec.read(count: count, &reader), into: &column, &reader)
        }
        // What is written out plainly later is bounded here.
        guard column.expandedByteCount <= byteCountMax else {
            throw ByteFailure.countTooLarge(atByte: start)
        }
    }

    private static func readEntries(
        _ lengths: [Int64], into column: inout Column, _ reader: inout ByteReader
    ) throws {
        column.ends.reserveCapacity(lengths.count)
        for length in lengths {
            let end = Int64(column.ends.last ?? 0)
            guard length >= 0, length <= Int64(reader.remainingByteCount) - end else {
                throw ByteFailure.truncated(atByte: reader.position)
            }
            column.ends.append(UInt32(truncatingIfNeeded: end + length))
        }
        column.bytes = Array(try reader.readBytes(count: Int(column.ends.last ?? 0)))
    }
}
