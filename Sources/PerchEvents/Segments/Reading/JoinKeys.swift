import PerchModel

/// A number for each row of a block, the same for rows that are alike.
struct JoinKeys {
    /// Different numbers that may be possible: a table of so many is cheap to make for a block.
    static let countMax = 1 << 16

    /// Rows of one number.
    struct Group {
        var number: Int
        var count: Int64
    }

    private var numbers: [UInt32]
    /// How many values each part of a number may have.
    private var radices: [Int] = []
    private var product = 1
    /// What each part of a number is found by.
    private var scales: [(divisor: Int, radix: Int)] = []

    init(rowCount: Int) {
        numbers = [UInt32](repeating: 0, count: rowCount)
    }

    /// Whether numbers stay small enough with another part.
    func hasRoom(for count: Int) -> Bool { count <= Self.countMax / product }

    /// Adds which of some ranges a row is in; rows in none are never counted.
    mutating func add(_ ranges: [Range<Int>]) {
        radices.append(ranges.count)
        product *= max(1, ranges.count)
        guard ranges.count > 1 else { return }
        var span = numbers.mutableSpan
        for (place, range) in ranges.enumerated() {
            for row in range { span[row] = UInt32(truncatingIfNeeded: place) }
        }
    }

    /// Adds the number of each row of `count` different ones.
    mutating func add(_ values: [UInt32], count: Int) {
        radices.append(count)
        product *= max(1, count)
        let radix = UInt32(truncatingIfNeeded: count)
        let source = values.span
        var span = numbers.mutableSpan
        for row in span.indices { span[row] = span[row] &* radix &+ source[row] }
    }

    /// Adds 0 for rows without a value, and one more than the number of the value of the others.
    mutating func add(_ values: [UInt32], count: Int, _ presence: RowMask?) {
        radices.append(count + 1)
        product *= count + 1
        let radix = UInt32(truncatingIfNeeded: count + 1)
        let source = values.span
        var span = numbers.mutableSpan
        guard let presence else {
            for row in span.indices { span[row] = span[row] &* radix &+ source[row] &+ 1 }
            return
        }
        let words = presence.words.span
        var place = 0
        for index in words.indices {
            let word = words[index]
            let rows = (index &* 64)..<min(index &* 64 &+ 64, span.count)
            if word == .max {
                for row in rows {
                    span[row] = span[row] &* radix &+ source[place] &+ 1
                    place &+= 1
                }
                continue
            }
            for row in rows {
                let isPresent = word >> UInt64(row & 63) & 1 == 1
                span[row] = span[row] &* radix
                if isPresent {
                    span[row] &+= source[place] &+ 1
                    place &+= 1
                }
            }
        }
    }

    /// A part of a number, by the order in which they were added.
    @inline(__always)
    func part(_ place: Int, of number: Int) -> Int {
        let scale = scales[place]
        return number / scale.divisor % scale.radix
    }

    /// Ends the adding of parts.
    mutating func finish() {
        var divisor = 1
        scales = []
        for radix in radices.reversed() {
            scales.append((divisor, max(1, radix)))
            divisor *= max(1, radix)
        }
        scales.reverse()
    }

    /// The groups of the rows found, each row counting once or with its weight.
    func count(_ found: RowMask, _ weights: [Int64]?) -> [Group] {
        let counts = counts(found, weights)
        var groups: [Group] = []
        for number in counts.indices where counts[number] != 0 {
            groups.append(Group(number: number, count: counts[number]))
        }
        return groups
    }

    /// The rows found of each number, each row counting once or with its weight.
    func counts(_ found: RowMask, _ weights: [Int64]?) -> [Int64] {
        var counts = [Int64](repeating: 0, count: product)
        if let weights {
            add(found, weights, to: &counts)
        } else {
            add(found, to: &counts)
        }
        return counts
    }

    private func add(_ found: RowMask, _ weights: [Int64], to counts: inout [Int64]) {
        let keys = numbers.span
        let words = found.words.span
        var counts = counts.mutableSpan
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                let row = index &* 64 &+ word.trailingZeroBitCount
                word &= word &- 1
                counts[Int(keys[row])] &+= weights[row]
            }
        }
    }

    private func add(_ found: RowMask, to counts: inout [Int64]) {
        let keys = numbers.span
        let words = found.words.span
        // Rows that follow each other are often alike: two tables, so that an addition needs not
        // wait for the one before.
        var others = [Int64](repeating: 0, count: product <= 4096 ? product : 0)
        var second = others.mutableSpan
        var first = counts.mutableSpan
        for index in words.indices {
            var word = words[index]
            let start = index &* 64
            if word == .max, !second.isEmpty {
                var row = start
                while row < start &+ 64 {
                    first[Int(keys[row])] &+= 1
                    second[Int(keys[row &+ 1])] &+= 1
                    row &+= 2
                }
                continue
            }
            while word != 0 {
                let row = start &+ word.trailingZeroBitCount
                word &= word &- 1
                first[Int(keys[row])] &+= 1
            }
        }
        for index in second.indices { first[index] &+= second[index] }
    }
}

extension EventQuery.Joining.Stretches {
    /// The first time behind the stretch that a time is in.
    func end(of time: Int64) -> Int64 {
        let (distance, isTooFar) = time.subtractingReportingOverflow(start)
        guard !isTooFar else { return time < .max ? time + 1 : time }
        let index = distance >= 0 ? distance / length : (distance &+ 1) / length &- 1
        let (offset, isTooLong) = (index &+ 1).multipliedReportingOverflow(by: length)
        let (end, isTooLate) = start.addingReportingOverflow(offset)
        return isTooLong || isTooLate ? .max : end
    }
}
