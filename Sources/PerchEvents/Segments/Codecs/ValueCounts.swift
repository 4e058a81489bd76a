import PerchBytes

/// How many rows of a block have each value of a column with few, on the disk: what asks for
/// nothing else reads no row.
enum ValueCounts {
    /// Whether a block of so many rows says how often each of so many values is there.
    static func areKept(valueCount: Int, rowCount: Int) -> Bool {
        valueCount > 1 && valueCount * Limits.rowsPerCountedValue <= rowCount
    }

    /// Adds how often each code is there.
    static func append(
        of codes: [UInt32], count: Int, _ packer: ChunkPacker, to bytes: inout [UInt8]
    ) {
        var counts = [Int64](repeating: 0, count: count)
        for code in codes { counts[Int(code)] += 1 }
        IntegerCodec.append(counts, packer, to: &bytes)
    }

    /// Adds different numbers, ascending, and how often each is there; whether they are few.
    static func append(
        of ints: [Int64], from least: Int64, to greatest: Int64, rowCount: Int,
        _ packer: ChunkPacker, to bytes: inout [UInt8]
    ) -> Bool {
        guard UInt64(bitPattern: greatest &- least) < UInt64(Limits.countedNumberSpan) else {
            return false
        }
        var counts = [Int64](repeating: 0, count: Int(greatest - least) + 1)
        for int in ints { counts[Int(int - least)] += 1 }
        let present = counts.indices.filter { counts[$0] > 0 }
        guard areKept(valueCount: present.count, rowCount: rowCount) else { return false }
        Varint.append(UInt64(present.count), to: &bytes)
        IntegerCodec.append(present.map { least + Int64($0) }, packer, to: &bytes)
        IntegerCodec.append(present.map { counts[$0] }, packer, to: &bytes)
        return true
    }

    /// The counts of as many values; together they are `sum`.
    static func read(count: Int, sum: Int, _ reader: inout ByteReader) throws -> [Int64] {
        let place = reader.position
        let counts: [Int64] = try IntegerCodec.read(count: count, &reader)
        var left = Int64(sum)
        for count in counts {
            guard count >= 0, count <= left else { throw ByteFailure.invalid(atByte: place) }
            left -= count
        }
        guard left == 0 else { throw ByteFailure.invalid(atByte: place) }
        return counts
    }

    /// The numbers and their counts.
    static func readInts(
        sum: Int, _ reader: inout ByteReader
    ) throws -> (values: [Int64], counts: [Int64]) {
        let place = reader.position
        let count = try reader.readVarint()
        guard count <= UInt64(sum) else { throw ByteFailure.countTooLarge(atByte: place) }
        let values: [Int64] = try IntegerCodec.read(count: Int(count), &reader)
        return (values, try read(count: Int(count), sum: sum, &reader))
    }
}
