/// Compresses what is sent, as gzip (RFC 1952) of deflate (RFC 1951), without a system library.
///
/// Telemetry repeats itself, so repeats are looked for with one hash table and written with the
/// fixed code: most of what a larger effort would save, at a small part of its cost.
enum Gzip {
    /// The bytes as one gzip member.
    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var output = Deflate(byteCount: bytes.count)
        output.bytes += [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]
        output.write(bytes.span)
        var trailer = output.bytes
        append(CRC32.checksum(bytes.span), to: &trailer)
        append(UInt32(truncatingIfNeeded: bytes.count), to: &trailer)
        return trailer
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// The checksum of gzip, with the polynomial of IEEE 802.3.
private enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
        (0..<8).reduce(index) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }

    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var value = UInt32.max
        for index in bytes.indices {
            value = value >> 8 ^ table[Int((value ^ UInt32(bytes[index])) & 0xff)]
        }
        return ~value
    }
}

/// One deflate block with the fixed code, written bit by bit.
private struct Deflate {
    var bytes: [UInt8] = []
    private var bits: UInt64 = 0
    private var bitCount: UInt64 = 0

    private static let hashBits = 15
    private static let distanceMax = 32_768
    private static let lengthMin = 4
    private static let lengthMax = 258

    /// Codes of literals and lengths as they are written, and their bit counts.
    private static let codes: [(code: UInt64, count: UInt64)] = (0..<288).map { symbol in
        switch symbol {
        case 0..<144: (reversed(UInt64(symbol) + 0x30, 8), 8)
        case 144..<256: (reversed(UInt64(symbol) - 144 + 0x190, 9), 9)
        case 256..<280: (reversed(UInt64(symbol) - 256, 7), 7)
        default: (reversed(UInt64(symbol) - 280 + 0xc0, 8), 8)
        }
    }

    /// Least length or distance of each code, and how many bits say how much more it is.
    private static let lengths = steps(from: 3, groupOf: 4, count: 28)
    private static let distances = steps(from: 1, groupOf: 2, count: 30)

    private static func steps(
        from first: Int, groupOf size: Int, count: Int
    ) -> [(least: Int, extra: UInt64)] {
        var steps: [(least: Int, extra: UInt64)] = []
        var least = first
        for index in 0..<count {
            let extra = UInt64(max(0, index / size - 1))
            steps.append((least, extra))
            least += 1 << Int(extra)
        }
        return steps
    }

    private static func reversed(_ code: UInt64, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | (code >> UInt64($1) & 1) << UInt64(count - 1 - $1) }
    }

    init(byteCount: Int) {
        bytes.reserveCapacity(byteCount / 3 + 64)
    }

    mutating func write(_ input: Span<UInt8>) {
        put(0b011, 3)
        let codes = Self.codes
        var heads = [Int32](repeating: -1, count: 1 << Self.hashBits)
        var position = 0
        while position < input.count {
            let length = match(input, position, &heads)
            guard length > 0 else {
                let code = codes[Int(input[position])]
                put(code.code, code.count)
                position += 1
                continue
            }
            position += length
        }
        put(codes[256].code, codes[256].count)
        if bitCount > 0 { put(0, 8 - bitCount % 8) }
    }

    /// Writes a repeat of what stood before, and answers its length; 0 when there is none.
    private mutating func match(
        _ input: Span<UInt8>, _ position: Int, _ heads: inout [Int32]
    ) -> Int {
        guard position + Self.lengthMin <= input.count else { return 0 }
        let word =
            UInt32(input[position]) | UInt32(input[position + 1]) << 8
            | UInt32(input[position + 2]) << 16 | UInt32(input[position + 3]) << 24
        let hash = Int((word &* 2_654_435_761) >> UInt32(32 - Self.hashBits))
        let before = Int(heads[hash])
        heads[hash] = Int32(truncatingIfNeeded: position)
        guard before >= 0, position - before <= Self.distanceMax else { return 0 }
        let limit = min(Self.lengthMax - 1, input.count - position)
        var length = 0
        while length < limit, input[before + length] == input[position + length] { length += 1 }
        guard length >= Self.lengthMin else { return 0 }
        put(length: length, distance: position - before)
        return length
    }

    private mutating func put(length: Int, distance: Int) {
        let lengthCode = Self.code(length, Self.lengths)
        let step = Self.lengths[lengthCode]
        let code = Self.codes[257 + lengthCode]
        put(code.code, code.count)
        put(UInt64(length - step.least), step.extra)
        let distanceCode = Self.code(distance, Self.distances)
        put(Self.reversed(UInt64(distanceCode), 5), 5)
        let far = Self.distances[distanceCode]
        put(UInt64(distance - far.least), far.extra)
    }

    private static func code(_ value: Int, _ steps: [(least: Int, extra: UInt64)]) -> Int {
        var low = 0
        var high = steps.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if steps[middle].least <= value { low = middle } else { high = middle }
        }
        return low
    }

    @inline(__always)
    private mutating func put(_ value: UInt64, _ count: UInt64) {
        bits |= value << bitCount
        bitCount += count
        while bitCount >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits >>= 8
            bitCount -= 8
        }
    }
}
