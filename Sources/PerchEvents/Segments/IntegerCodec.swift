import PerchBytes

/// Whole numbers of one column of a block, as docs/format/event-segment.md lays them down.
///
/// Arithmetic wraps, so that any numbers go through.
enum IntegerCodec {
    private enum Layout: UInt8 {
        case constant = 0
        /// The distance to the least, packed.
        case packed = 1
        /// The differences to the one before, packed in the same way.
        case differences = 2
    }

    /// Adds numbers; their count is the caller's to write down.
    static func append(_ values: [Int64], to bytes: inout [UInt8]) {
        guard let first = values.first, values.contains(where: { $0 != first }) else {
            bytes.append(Layout.constant.rawValue)
            Varint.appendZigzag(values.first ?? 0, to: &bytes)
            return
        }
        let steps = zip(values, values.dropFirst()).map { $1 &- $0 }
        if width(steps) < width(values) {
            bytes.append(Layout.differences.rawValue)
            Varint.appendZigzag(first, to: &bytes)
            pack(steps, &bytes)
        } else {
            bytes.append(Layout.packed.rawValue)
            pack(values, &bytes)
        }
    }

    /// Reads as many numbers as the caller knows there are, and has a limit for.
    static func read(count: Int, _ reader: inout ByteReader) throws -> [Int64] {
        let start = reader.position
        switch Layout(rawValue: try reader.read(UInt8.self)) {
        case nil: throw ByteFailure.invalid(atByte: start)
        case .constant: return [Int64](repeating: try reader.readZigzag(), count: count)
        case .packed: return try unpack(count, &reader)
        case .differences:
            guard count > 0 else { throw ByteFailure.invalid(atByte: start) }
            var value = try reader.readZigzag()
            var values = [value]
            values.reserveCapacity(count)
            for step in try unpack(count - 1, &reader) {
                value &+= step
                values.append(value)
            }
            return values
        }
    }

    private static func width(_ values: [Int64]) -> Int {
        let (least, greatest) = bounds(values)
        return 64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
    }

    private static func bounds(_ values: [Int64]) -> (Int64, Int64) {
        (values.min() ?? 0, values.max() ?? 0)
    }

    private static func pack(_ values: [Int64], _ bytes: inout [UInt8]) {
        let (least, _) = bounds(values)
        let width = width(values)
        Varint.appendZigzag(least, to: &bytes)
        bytes.append(UInt8(width))
        guard width > 0 else { return }
        var word: UInt64 = 0
        var used = 0
        for value in values {
            let distance = UInt64(bitPattern: value &- least)
            word |= distance << UInt64(used)
            used += width
            if used >= 64 {
                LittleEndian.append(word, to: &bytes)
                used -= 64
                // What did not fit; a shift by 64 gives zero.
                word = distance >> UInt64(width - used)
            }
        }
        while used > 0 {
            bytes.append(UInt8(truncatingIfNeeded: word))
            word >>= 8
            used -= 8
        }
    }

    private static func unpack(_ count: Int, _ reader: inout ByteReader) throws -> [Int64] {
        let least = try reader.readZigzag()
        let place = reader.position
        let width = Int(try reader.read(UInt8.self))
        guard width <= 64 else { throw ByteFailure.invalid(atByte: place) }
        guard width > 0 else { return [Int64](repeating: least, count: count) }
        let (bitCount, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw ByteFailure.countTooLarge(atByte: place) }
        let packed = try reader.readBytes(count: bitCount / 8 + (bitCount % 8 > 0 ? 1 : 0))
        let mask = UInt64.max >> UInt64(64 - width)
        var values: [Int64] = []
        values.reserveCapacity(count)
        var word: UInt64 = 0
        var available = 0
        var next = packed.startIndex
        for _ in 0..<count {
            var distance = word
            if available < width {
                let (more, byteCount) = load(packed, &next)
                if available < 64 { distance |= more << UInt64(available) }
                let taken = width - available
                word = more >> UInt64(taken)
                available = byteCount * 8 - taken
            } else {
                word >>= UInt64(width)
                available -= width
            }
            values.append(least &+ Int64(bitPattern: distance & mask))
        }
        return values
    }

    /// Up to eight bytes as a number.
    private static func load(
        _ bytes: ArraySlice<UInt8>, _ next: inout Int
    ) -> (word: UInt64, byteCount: Int) {
        let byteCount = min(8, bytes.endIndex - next)
        var word: UInt64 = 0
        for index in 0..<byteCount { word |= UInt64(bytes[next + index]) << UInt64(8 * index) }
        next += byteCount
        return (word, byteCount)
    }
}
