/// The values of one field in one batch, for the rows that have it.
///
/// Values of kinds with `isBytes` stand plainly, one after the other, or in a dictionary: each
/// different value once, and a code for each row. Whoever groups or tests rows does it once an
/// entry then, not once a row. A constant is a dictionary of one entry.
package struct Column: Sendable, Hashable {
    package var name: String
    package var space: FieldSpace
    package var kind: ColumnKind
    /// The rows that have a value, strictly ascending.
    ///
    /// Values stand in the same order.
    package var rows: [UInt32] = []
    /// For `.int` and `.bool`.
    package var ints: [Int64] = []
    /// For `.double`.
    package var doubles: [Double] = []
    /// For a dictionary: which entry the value of each of `rows` is; else empty.
    package var codes: [UInt32] = []
    /// For kinds with `isBytes`: where each value, or each entry of the dictionary, ends in `bytes`;
    /// it begins where the one before ends.
    package var ends: [UInt32] = []
    /// For kinds with `isBytes`: all values, or all entries, one after the other.
    package var bytes: [UInt8] = []

    package init(name: String, space: FieldSpace, kind: ColumnKind) {
        self.name = name
        self.space = space
        self.kind = kind
    }

    /// Whether values stand in a dictionary: `ends` and `bytes` are those of its entries, which all
    /// differ, and some of which no row may have.
    @inlinable
    package var isDictionary: Bool { !codes.isEmpty }

    /// How many values, or entries of the dictionary, stand in `bytes`.
    @inlinable
    package var entryCount: Int { ends.count }

    /// The bytes' range of the value at `index` (an index into `rows`).
    @inlinable
    package func byteRange(at index: Int) -> Range<Int> {
        entryRange(codes.isEmpty ? index : Int(codes[index]))
    }

    /// The bytes' range of an entry of the dictionary; where there is none, of a value.
    @inlinable
    package func entryRange(_ entry: Int) -> Range<Int> {
        (entry == 0 ? 0 : Int(ends[entry - 1]))..<Int(ends[entry])
    }

    /// The value at `index` (an index into `rows`), for the edges.
    package func value(at index: Int) -> FieldValue {
        switch kind {
        case .int: .int(ints[index])
        case .bool: .bool(ints[index] != 0)
        case .double: .double(doubles[index])
        case .string, .bytes, .json, .id: entry(isDictionary ? Int(codes[index]) : index)
        }
    }

    /// The value of an entry of the dictionary, for the edges; where there is none, a value.
    package func entry(_ entry: Int) -> FieldValue {
        let value = bytes[entryRange(entry)]
        return switch kind {
        case .json: .json(String(decoding: value, as: UTF8.self))
        case .bytes: .bytes(Array(value))
        case .id: .id(Array(value))
        case .string, .int, .bool, .double: .string(String(decoding: value, as: UTF8.self))
        }
    }

    /// The index into `rows` and the values of `row`, or nil when the row has none.
    package func index(ofRow row: Int) -> Int? {
        // Fast path: the column is dense up to here.
        if row < rows.count, rows[row] == UInt32(row) { return row }
        let index = firstIndex(fromRow: row)
        return index < rows.count && Int(rows[index]) == row ? index : nil
    }

    /// The first index into `rows` of `row` or a later one.
    func firstIndex(fromRow row: Int) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Which of two columns of one name answers first: by space, then by kind.
    var rank: Int { Int(space.rawValue) << 8 | Int(kind.rawValue) }

    /// Whether this is ``RecordField/weight``.
    var isWeight: Bool { space == .record && kind == .int && name == RecordField.weight }

    /// The column itself, and what its name and up to three arrays need around their content.
    private static let emptyByteCount = MemoryLayout<Column>.stride + 4 * 32

    /// Bytes of memory this column holds, roughly.
    package var byteCount: Int {
        rows.count * 4 + ints.count * 8 + doubles.count * 8 + codes.count * 4 + ends.count * 4
            + bytes.count + name.utf8.count + Self.emptyByteCount
    }
}
