/// A set of rows of one batch, one bit a row.
package struct RowMask: Sendable, Hashable {
    package let rowCount: Int
    private var words: [UInt64]

    /// No rows, of a batch with `rowCount` rows.
    package init(none rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    /// All rows.
    package init(all rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: .max, count: (rowCount + 63) / 64)
        let spare = words.count * 64 - rowCount
        if spare > 0 { words[words.count - 1] >>= UInt64(spare) }
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    @inline(__always)
    package func contains(_ row: Int) -> Bool { words[row >> 6] & (1 << UInt64(row & 63)) != 0 }

    @inline(__always)
    package mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    @inline(__always)
    package mutating func remove(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    package mutating func formUnion(_ other: RowMask) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    package mutating func subtract(_ other: RowMask) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// The rows, ascending.
    package var rows: [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                rows.append(UInt32(index * 64 + word.trailingZeroBitCount))
                word &= word &- 1
            }
        }
        return rows
    }
}
