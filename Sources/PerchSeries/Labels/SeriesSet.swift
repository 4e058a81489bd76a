/// A set of series of one index by their numbers: one bit each.
struct SeriesSet: Sendable {
    private(set) var words: [UInt64]
    let count: Int

    /// None of `count` series.
    init(count: Int) {
        self.count = count
        words = Array(repeating: 0, count: (count + 63) / 64)
    }

    /// All of `count` series.
    init(all count: Int) {
        self.init(count: count)
        for index in words.indices { words[index] = .max }
        if count % 64 > 0 { words[words.count - 1] = 1 << UInt64(count % 64) - 1 }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    @inline(__always)
    mutating func insert(_ number: UInt32) {
        let place = Int(number >> 6)
        guard place < words.count else { return }
        words[place] |= 1 << UInt64(number & 63)
    }

    @inline(__always)
    func contains(_ number: Int) -> Bool {
        number >> 6 < words.count && words[number >> 6] & 1 << UInt64(number & 63) != 0
    }

    mutating func formIntersection(_ other: SeriesSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: SeriesSet) {
        for index in words.indices { words[index] &= ~other.words[index] }
    }

    /// The members, ascending, when they are no more than some; nil otherwise.
    func few(_ most: Int) -> [UInt32]? {
        var count = 0
        for word in words {
            count += word.nonzeroBitCount
            if count > most { return nil }
        }
        return numbers
    }

    /// The members, ascending.
    var numbers: [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(words.reduce(0) { $0 + $1.nonzeroBitCount })
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                result.append(UInt32(index * 64 + rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
        }
        return result
    }
}
