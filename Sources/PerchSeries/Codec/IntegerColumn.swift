package import PerchBytes

/// Whole numbers as a base, a common divisor, and differences of some order in ``BitBlocks``.
///
/// See docs/format/series-segment.md, "Columns of whole numbers".
package struct IntegerColumn {
    /// How often differences are taken.
    package enum Order: UInt8 {
        case none = 0
        case once = 1
        case twice = 2
    }

    /// Working memory, kept from column to column.
    package struct Scratch: Sendable {
        var steps: [Int64] = []
        var other: [Int64] = []

        package init() {}
    }

    /// The order that makes the fewest bytes of `candidates`, with those bytes added.
    ///
    /// The order is the caller's to write down.
    package static func append(
        _ numbers: [Int64], candidates: [Order], _ scratch: inout Scratch, to bytes: inout [UInt8]
    ) -> Order {
        let count = numbers.count
        guard let base = numbers.first else { return .none }
        let divisor = reduce(numbers, base, &scratch.steps)
        Varint.appendZigzag(base, to: &bytes)
        Varint.append(divisor, to: &bytes)
        // The first number is the base itself.
        var best = candidates.first ?? .none
        var bestByteCount = Int.max
        if candidates.count > 1 {
            for order in candidates {
                scratch.other = scratch.steps
                difference(&scratch.other, order)
                let byteCount = BitBlocks.byteCount(scratch.other, 1..<max(1, count))
                if byteCount < bestByteCount { (best, bestByteCount) = (order, byteCount) }
            }
        }
        difference(&scratch.steps, best)
        BitBlocks.append(scratch.steps, 1..<max(1, count), to: &bytes)
        return best
    }

    /// The numbers of a column.
    package static func read(
        _ bytes: Span<UInt8>, at offset: inout Int, count: Int, order: Order,
        into numbers: inout [Int64]
    ) throws(ByteFailure) {
        numbers.removeAll(keepingCapacity: true)
        guard count > 0 else { return }
        let base = try Varint.readZigzag(bytes, at: &offset)
        let divisor = Int64(truncatingIfNeeded: try Varint.read(bytes, at: &offset))
        // A block of width 0 stands for 64 numbers, so this bounds the memory by the bytes.
        guard count - 1 <= (bytes.count - offset) * BitBlocks.count else {
            throw .countTooLarge(atByte: offset)
        }
        numbers.append(contentsOf: repeatElement(0, count: count - 1))
        try BitBlocks.read(bytes, at: &offset, into: &numbers)
        sum(&numbers, base, divisor, order)
    }

    private static func sum(
        _ numbers: inout [Int64], _ base: Int64, _ divisor: Int64, _ order: Order
    ) {
        // The blocks lack the first number; from here on the place of each is one further.
        numbers.append(0)
        var target = numbers.mutableSpan
        var value = base
        switch order {
        case .none:
            for index in target.indices {
                let step = target[index]
                target[index] = value
                value = base &+ divisor &* step
            }
        case .once:
            for index in target.indices {
                let step = target[index]
                target[index] = value
                value = value &+ divisor &* step
            }
        case .twice:
            var speed: Int64 = 0
            for index in target.indices {
                speed = speed &+ target[index]
                target[index] = value
                value = value &+ divisor &* speed
            }
        }
    }

    /// The distances to the base divided by what divides them all, and that divisor.
    private static func reduce(
        _ numbers: [Int64], _ base: Int64, _ steps: inout [Int64]
    ) -> UInt64 {
        steps.removeAll(keepingCapacity: true)
        steps.reserveCapacity(numbers.count)
        var divisor: UInt64 = 0
        var isExact = true
        for number in numbers {
            let (step, overflow) = number.subtractingReportingOverflow(base)
            if overflow { isExact = false }
            if divisor != 1 { divisor = gcd(divisor, step.magnitude) }
            steps.append(step)
        }
        // With an overflow a step is not the distance, and division would lose its meaning.
        guard isExact, divisor > 1, divisor <= UInt64(Int64.max) else { return 1 }
        let signed = Int64(divisor)
        for index in steps.indices { steps[index] /= signed }
        return divisor
    }

    private static func gcd(_ left: UInt64, _ right: UInt64) -> UInt64 {
        guard left > 0 else { return right }
        guard right > 0 else { return left }
        // Fast path: most steps are multiples of what was found already.
        if right % left == 0 { return left }
        var (large, small) = (left, right % left)
        while small > 0 { (large, small) = (small, large % small) }
        return large
    }

    private static func difference(_ steps: inout [Int64], _ order: Order) {
        for _ in 0..<order.rawValue {
            var before: Int64 = 0
            for index in steps.indices {
                let step = steps[index]
                steps[index] = step &- before
                before = step
            }
        }
    }
}
