/// A set of rows of one batch, one bit a row.
@frozen
@usableFromInline
package struct RowMask: Sendable, Hashable {
    package let rowCount: Int
    /// Bits of rows that there are not are zero.
    @usableFromInline package private(set) var words: [UInt64]

    /// No rows, of a batch with `rowCount` rows.
    package init(none rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: 0, count: (rowCount + 63) / 64)
    }

    /// All rows.
    package init(all rowCount: Int) {
        self.rowCount = rowCount
        words = Array(repeating: .max, count: (rowCount + 63) / 64)
        trim()
    }

    /// The rows whose bits are set, 64 rows a word, the first in the lowest bit.
    @usableFromInline
    package init(words: [UInt64], rowCount: Int) {
        self.rowCount = rowCount
        self.words = words
        let count = (rowCount + 63) / 64
        if self.words.count > count { self.words.removeLast(self.words.count - count) }
        while self.words.count < count { self.words.append(0) }
        trim()
    }

    /// Rows that follow each other.
    package init(range: Range<Int>, of rowCount: Int) {
        self.init(none: rowCount)
        guard !range.isEmpty else { return }
        let (first, last) = (range.lowerBound >> 6, (range.upperBound - 1) >> 6)
        for index in first...last { words[index] = .max }
        words[first] &= .max << UInt64(range.lowerBound & 63)
        words[last] &= .max >> UInt64(63 - ((range.upperBound - 1) & 63))
    }

    /// Some rows.
    package init(_ rows: [UInt32], of rowCount: Int) {
        self.init(none: rowCount)
        for row in rows { insert(Int(row)) }
    }

    private mutating func trim() {
        let spare = words.count * 64 - rowCount
        if spare > 0 {
            words[words.count - 1] &= .max >> UInt64(spare)
        }
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    package var count: Int {
        var count = 0
        for word in words { count &+= word.nonzeroBitCount }
        return count
    }

    /// How many of `rows` are in it.
    package func count(in rows: Range<Int>) -> Int {
        guard !rows.isEmpty else { return 0 }
        let (first, last) = (rows.lowerBound >> 6, (rows.upperBound - 1) >> 6)
        let head = UInt64.max << UInt64(rows.lowerBound & 63)
        let tail = UInt64.max >> UInt64(63 - ((rows.upperBound - 1) & 63))
        guard first < last else { return (words[first] & head & tail).nonzeroBitCount }
        var count = (words[first] & head).nonzeroBitCount
        for index in (first + 1)..<last { count &+= words[index].nonzeroBitCount }
        return count &+ (words[last] & tail).nonzeroBitCount
    }

    @inlinable
    @inline(__always)
    package func contains(_ row: Int) -> Bool { words[row >> 6] & (1 << UInt64(row & 63)) != 0 }

    @inlinable
    @inline(__always)
    package mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    @inlinable
    @inline(__always)
    package mutating func remove(_ row: Int) { words[row >> 6] &= ~(1 << UInt64(row & 63)) }

    package mutating func formUnion(_ other: RowMask) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    package mutating func formIntersection(_ other: RowMask) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    package mutating func subtract(_ other: RowMask) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// Leaves the last rows of it, or the first: at most so many.
    package mutating func keep(_ countMax: Int, last: Bool) {
        var left = countMax
        for place in words.indices {
            let index = last ? words.count - 1 - place : place
            let count = words[index].nonzeroBitCount
            if count <= left {
                left -= count
                continue
            }
            while words[index].nonzeroBitCount > left {
                let bit =
                    last ? words[index].trailingZeroBitCount : 63 - words[index].leadingZeroBitCount
                words[index] &= ~(1 << UInt64(bit))
            }
            left = 0
        }
    }

    /// Of these rows, those whose place among them is in `places`.
    package func selecting(_ places: RowMask) -> RowMask {
        var result = RowMask(none: rowCount)
        var place = 0
        for index in words.indices {
            var word = words[index]
            var taken: UInt64 = 0
            while word != 0 {
                if places.contains(place) { taken |= word & (~word &+ 1) }
                place &+= 1
                word &= word &- 1
            }
            result.words[index] = taken
        }
        return result
    }

    /// Which of some rows, which ascend, are in it: by their place among those given, and by their
    /// place among all in it.
    package func places(of rows: [UInt32]) -> (given: [UInt32], own: [UInt32]) {
        var given: [UInt32] = []
        var own: [UInt32] = []
        var index = 0
        var count = 0
        for (place, row) in rows.enumerated() {
            while index < Int(row) >> 6 {
                count &+= words[index].nonzeroBitCount
                index &+= 1
            }
            let bit = UInt64(1) << UInt64(row & 63)
            guard words[index] & bit != 0 else { continue }
            given.append(UInt32(truncatingIfNeeded: place))
            let before = (words[index] & (bit &- 1)).nonzeroBitCount
            own.append(UInt32(truncatingIfNeeded: count &+ before))
        }
        return (given, own)
    }

    /// The rows, ascending.
    package var rows: [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                rows.append(UInt32(truncatingIfNeeded: index &* 64 &+ word.trailingZeroBitCount))
                word &= word &- 1
            }
        }
        return rows
    }
}

extension RowMask {
    /// The places of the values that satisfy a condition.
    @inlinable
    @inline(__always)
    package init<Value: BitwiseCopyable>(of values: Span<Value>, where holds: (Value) -> Bool) {
        var words: [UInt64] = []
        words.reserveCapacity((values.count + 63) / 64)
        var first = 0
        while first &+ 64 <= values.count {
            var word: UInt64 = 0
            for start in stride(from: 0, to: 64, by: 8) {
                var byte: UInt64 = 0
                for place in 0..<8 {
                    let holds = holds(values[first &+ start &+ place])
                    byte |= (holds ? 1 : 0) &<< UInt64(truncatingIfNeeded: place)
                }
                word |= byte &<< UInt64(truncatingIfNeeded: start)
            }
            words.append(word)
            first &+= 64
        }
        while first < values.count {
            let end = min(first &+ 64, values.count)
            var word: UInt64 = 0
            for index in first..<end {
                // Without a branch, which would be guessed wrongly for mixed values.
                let bit: UInt64 = holds(values[index]) ? 1 : 0
                word |= bit << UInt64(truncatingIfNeeded: index &- first)
            }
            words.append(word)
            first = end
        }
        self.init(words: words, rowCount: values.count)
    }
}
