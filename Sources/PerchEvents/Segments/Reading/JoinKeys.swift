import PerchModel

/// A number for each row of a block, the same for rows that are alike.
struct JoinKeys {
    /// Different numbers that may be possible: a table of so many is cheap to make for a block.
    static let countMax = 1 << 16

    /// Rows of one number.
    struct Group {
        var number: Int
        /// The first of them.
        var row: Int
        var count: Int64
    }

    private var numbers: [UInt32]
    /// How many values each part of a number may have.
    private var radices: [Int] = []
    private var product = 1

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
        for row in span.indices {
            let isPresent = words[row >> 6] >> UInt64(row & 63) & 1 == 1
            span[row] = span[row] &* radix
            if isPresent {
                span[row] &+= source[place] &+ 1
                place &+= 1
            }
        }
    }

    /// The parts of a number, in the order in which they were added.
    func parts(of number: Int) -> [Int] {
        var number = number
        var parts: [Int] = []
        for radix in radices.reversed() {
            parts.append(number % max(1, radix))
            number /= max(1, radix)
        }
        return parts.reversed()
    }

    /// The groups of the rows found, each row counting once or with its weight.
    func count(_ found: RowMask, _ weights: [Int64]?) -> [Group] {
        var counts = [Int64](repeating: 0, count: product)
        var firsts = [UInt32](repeating: .max, count: product)
        tally(found, weights, &counts, &firsts)
        var groups: [Group] = []
        for number in counts.indices where firsts[number] < .max {
            groups.append(Group(number: number, row: Int(firsts[number]), count: counts[number]))
        }
        return groups
    }

    private func tally(
        _ found: RowMask, _ weights: [Int64]?, _ counts: inout [Int64], _ firsts: inout [UInt32]
    ) {
        let keys = numbers.span
        let words = found.words.span
        var countSpan = counts.mutableSpan
        var firstSpan = firsts.mutableSpan
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                let row = index &* 64 &+ word.trailingZeroBitCount
                word &= word &- 1
                let key = Int(keys[row])
                countSpan[key] &+= weights?[row] ?? 1
                firstSpan[key] = min(firstSpan[key], UInt32(truncatingIfNeeded: row))
            }
        }
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
