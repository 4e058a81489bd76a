package import PerchBytes

/// Doubles as whole numbers: scaled by a power of ten, by a power of two, or their bits.
///
/// Exact by bit pattern. See docs/format/series-segment.md, "Values".
package enum ValueColumn {
    private enum Mode: UInt8 {
        case constant = 0
        case decimal = 1
        case binary = 2
        case bits = 3
    }

    /// Working memory, kept from column to column.
    package struct Scratch: Sendable {
        var integers = IntegerColumn.Scratch()
        var numbers: [Int64] = []
        var plain: [Double] = []
        var trial: [UInt8] = []
        var exceptions: [Int] = []

        package init() {}
    }

    /// Bit 4 and 5 of the first byte: the order of differences; bit 6: exceptions follow.
    private static let exceptionFlag: UInt8 = 1 << 6

    private static let staleCode: UInt8 = 0
    private static let rawCode: UInt8 = 1
    private static let staleBits: UInt64 = 0x7ff0_0000_0000_0002

    /// 10^0 to 10^15: each is a double without rounding.
    private static let powersOfTen: [Double] = (0...15).map { power in
        (0..<power).reduce(1.0) { product, _ in product * 10 }
    }

    /// Above this, a double no longer stands for one whole number only.
    private static let wholeMax = 9_007_199_254_740_992.0

    package static func append(
        _ values: [Double], _ scratch: inout Scratch, to bytes: inout [UInt8]
    ) {
        let first = values[0].bitPattern
        if values.allSatisfy({ $0.bitPattern == first }) {
            bytes.append(Mode.constant.rawValue)
            LittleEndian.append(first, to: &bytes)
            return
        }
        takeExceptions(values, &scratch)
        let exceptions = scratch.exceptions.isEmpty ? 0 : exceptionFlag
        let place = bytes.count
        if let exponent = decimal(scratch.plain, &scratch.numbers) {
            bytes.append(0)
            bytes.append(exponent)
            let order = IntegerColumn.append(
                scratch.numbers, candidates: [.once, .none], &scratch.integers, to: &bytes)
            bytes[place] = Mode.decimal.rawValue | order.rawValue << 4 | exceptions
        } else {
            appendBits(&scratch, exceptions, to: &bytes)
        }
        appendExceptions(values, scratch.exceptions, to: &bytes)
    }

    /// The shorter of the two forms for values without a decimal scale.
    private static func appendBits(
        _ scratch: inout Scratch, _ exceptions: UInt8, to bytes: inout [UInt8]
    ) {
        scratch.trial.removeAll(keepingCapacity: true)
        if let exponent = binary(scratch.plain, &scratch.numbers) {
            scratch.trial.append(0)
            Varint.append(UInt64(exponent), to: &scratch.trial)
            let order = IntegerColumn.append(
                scratch.numbers, candidates: [.once, .none], &scratch.integers,
                to: &scratch.trial)
            scratch.trial[0] = Mode.binary.rawValue | order.rawValue << 4 | exceptions
        }
        let place = bytes.count
        bytes.append(0)
        for index in scratch.numbers.indices {
            scratch.numbers[index] = Int64(bitPattern: scratch.plain[index].bitPattern)
        }
        let order = IntegerColumn.append(
            scratch.numbers, candidates: [.once, .none], &scratch.integers, to: &bytes)
        bytes[place] = Mode.bits.rawValue | order.rawValue << 4 | exceptions
        if !scratch.trial.isEmpty, scratch.trial.count < bytes.count - place {
            bytes.removeSubrange(place...)
            bytes.append(contentsOf: scratch.trial)
        }
    }

    /// Adds the values of a column of `count`; only the first `needed` of them where that is less
    /// work.
    ///
    /// `offset` is behind the column only when all were read.
    package static func read(
        _ bytes: Span<UInt8>, at offset: inout Int, count: Int, needed: Int? = nil,
        _ numbers: inout [Int64], into values: inout [Double]
    ) throws(ByteFailure) {
        guard offset < bytes.count else { throw .truncated(atByte: offset) }
        let head = bytes[offset]
        guard let mode = Mode(rawValue: head & 0xf), head < 0x80,
            let order = IntegerColumn.Order(rawValue: head >> 4 & 3)
        else { throw .invalid(atByte: offset) }
        offset += 1
        let start = values.count
        // Exceptions stand behind all numbers.
        let count = head & exceptionFlag == 0 ? min(count, needed ?? count) : count
        switch mode {
        case .constant:
            let value = try LittleEndian.load(Double.self, from: bytes, at: offset)
            offset += 8
            values.append(contentsOf: repeatElement(value, count: count))
            return
        case .decimal:
            guard offset < bytes.count, bytes[offset] < powersOfTen.count else {
                throw .invalid(atByte: offset)
            }
            let scale = powersOfTen[Int(bytes[offset])]
            offset += 1
            try IntegerColumn.read(
                bytes, at: &offset, count: count, order: order, into: &numbers)
            append(numbers, to: &values, scale)
        case .binary:
            let exponent = try Varint.read(bytes, at: &offset)
            guard exponent <= 1000 else { throw .invalid(atByte: offset) }
            let scale = Double(sign: .plus, exponent: Int(exponent), significand: 1)
            try IntegerColumn.read(
                bytes, at: &offset, count: count, order: order, into: &numbers)
            append(numbers, to: &values, scale)
        case .bits:
            try IntegerColumn.read(
                bytes, at: &offset, count: count, order: order, into: &numbers)
            values.append(contentsOf: repeatElement(0, count: count))
            var target = values.mutableSpan
            for index in numbers.indices {
                target[start &+ index] = Double(
                    bitPattern: UInt64(bitPattern: numbers[index]))
            }
        }
        if head & exceptionFlag != 0 {
            try readExceptions(bytes, at: &offset, start, &values)
        }
    }

    private static func append(_ numbers: [Int64], to values: inout [Double], _ divisor: Double) {
        let start = values.count
        values.append(contentsOf: repeatElement(0, count: numbers.count))
        var target = values.mutableSpan
        if divisor == 1 {
            for index in numbers.indices { target[start &+ index] = Double(numbers[index]) }
        } else {
            for index in numbers.indices {
                target[start &+ index] = Double(numbers[index]) / divisor
            }
        }
    }

    // MARK: Exceptions

    /// Puts the value before in the place of what no whole number stands for.
    private static func takeExceptions(_ values: [Double], _ scratch: inout Scratch) {
        scratch.exceptions.removeAll(keepingCapacity: true)
        scratch.plain.removeAll(keepingCapacity: true)
        scratch.plain.reserveCapacity(values.count)
        var before = values.first { isPlain($0) } ?? 0
        for (index, value) in values.enumerated() {
            if isPlain(value) {
                before = value
            } else {
                scratch.exceptions.append(index)
            }
            scratch.plain.append(before)
        }
        scratch.numbers.removeAll(keepingCapacity: true)
        scratch.numbers.append(contentsOf: repeatElement(0, count: values.count))
    }

    @inline(__always)
    private static func isPlain(_ value: Double) -> Bool {
        value.isFinite && value.bitPattern != 0x8000_0000_0000_0000
    }

    private static func appendExceptions(
        _ values: [Double], _ exceptions: [Int], to bytes: inout [UInt8]
    ) {
        guard !exceptions.isEmpty else { return }
        Varint.append(UInt64(exceptions.count), to: &bytes)
        var next = 0
        for index in exceptions {
            Varint.append(UInt64(index - next), to: &bytes)
            next = index + 1
            let bits = values[index].bitPattern
            if bits == staleBits {
                bytes.append(staleCode)
            } else {
                bytes.append(rawCode)
                LittleEndian.append(bits, to: &bytes)
            }
        }
    }

    private static func readExceptions(
        _ bytes: Span<UInt8>, at offset: inout Int, _ start: Int, _ values: inout [Double]
    ) throws(ByteFailure) {
        let count = try Varint.read(bytes, at: &offset)
        guard count <= UInt64(values.count - start) else { throw .countTooLarge(atByte: offset) }
        var next = start
        for _ in 0..<Int(count) {
            let gap = try Varint.read(bytes, at: &offset)
            guard gap < UInt64(values.count - next), offset < bytes.count else {
                throw .invalid(atByte: offset)
            }
            next += Int(gap)
            let code = bytes[offset]
            offset += 1
            if code == staleCode {
                values[next] = Double(bitPattern: staleBits)
            } else {
                values[next] = try LittleEndian.load(Double.self, from: bytes, at: offset)
                offset += 8
            }
            next += 1
        }
    }

    // MARK: Scales

    /// The least power of ten that makes all values whole, with those whole numbers.
    private static func decimal(_ values: [Double], _ numbers: inout [Int64]) -> UInt8? {
        var exponent = 0
        var index = 0
        while index < values.count {
            if let number = whole(values[index], exponent) {
                numbers[index] = number
                index += 1
                continue
            }
            repeat {
                exponent += 1
                guard exponent < powersOfTen.count else { return nil }
            } while whole(values[index], exponent) == nil
            index = 0
        }
        return UInt8(exponent)
    }

    @inline(__always)
    private static func whole(_ value: Double, _ exponent: Int) -> Int64? {
        let scale = powersOfTen[exponent]
        let product = value * scale
        // Fast path: adding and taking away this number rounds what is below 2^51.
        let rounded =
            product.magnitude < 0x1p51
            ? (product + 0x1.8p52) - 0x1.8p52 : product.rounded(.toNearestOrEven)
        guard rounded.magnitude < wholeMax, (rounded / scale).bitPattern == value.bitPattern else {
            return nil
        }
        return Int64(rounded)
    }

    /// The least power of two that makes all values whole, with those whole numbers.
    private static func binary(_ values: [Double], _ numbers: inout [Int64]) -> Int? {
        var exponent = 0
        for value in values where value != 0 {
            guard value.isNormal else { return nil }
            let bits = value.significandBitPattern
            let fraction = bits == 0 ? 0 : 52 - bits.trailingZeroBitCount
            exponent = max(exponent, fraction - Int(value.exponent))
        }
        guard exponent <= 1000 else { return nil }
        let scale = Double(sign: .plus, exponent: exponent, significand: 1)
        for index in values.indices {
            let scaled = values[index] * scale
            guard scaled.magnitude < 4_611_686_018_427_387_904 else { return nil }
            numbers[index] = Int64(scaled)
        }
        return exponent
    }
}
