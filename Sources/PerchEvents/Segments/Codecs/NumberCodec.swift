import PerchBytes

/// Numbers of one column of a block, on the disk: what they are in whole numbers, and those.
enum NumberCodec {
    enum Layout {
        /// As they are; doubles as their bits.
        static let plain: UInt8 = 0
        /// Whole numbers: the difference to the time of the row.
        static let sinceTime: UInt8 = 1
        /// Doubles: times ten to the power of what is added to this, so that they are whole.
        static let decimal: UInt8 = 16
    }

    private static let decimalPlacesMax = 6
    private static let tens: [Double] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

    /// `times` are those of the same rows.
    static func append(
        ints: [Int64], times: [Int64], _ packer: ChunkPacker, to bytes: inout [UInt8]
    ) {
        // Times of other clocks are near the time of the row.
        if let first = ints.first, let time = times.first, first > 1 << 50,
            (first &- time).magnitude < 1 << 50
        {
            bytes.append(Layout.sinceTime)
            IntegerCodec.append(zip(ints, times).map { $0 &- $1 }, packer, to: &bytes)
        } else {
            bytes.append(Layout.plain)
            IntegerCodec.append(ints, packer, to: &bytes)
        }
    }

    /// Reads all, or those at some places; `times` are those of the same rows, if it comes to that.
    static func readInts(
        count: Int, at places: [UInt32]? = nil, _ reader: inout ByteReader,
        times: () throws -> [Int64]
    ) throws -> [Int64] {
        let place = reader.position
        let layout = try reader.read(UInt8.self)
        var values: [Int64] = try readWhole(count: count, at: places, &reader)
        switch layout {
        case Layout.plain: return values
        case Layout.sinceTime:
            let times = try times()
            guard times.count == values.count else { throw ByteFailure.invalid(atByte: place) }
            for index in values.indices { values[index] &+= times[index] }
            return values
        default: throw ByteFailure.invalid(atByte: place)
        }
    }

    static func append(doubles: [Double], _ packer: ChunkPacker, to bytes: inout [UInt8]) {
        for places in 0...decimalPlacesMax {
            guard let whole = whole(doubles, tens[places]) else { continue }
            bytes.append(Layout.decimal + UInt8(places))
            IntegerCodec.append(whole, packer, to: &bytes)
            return
        }
        bytes.append(Layout.plain)
        let bits = doubles.map { Int64(bitPattern: $0.bitPattern) }
        IntegerCodec.append(bits, packer, to: &bytes)
    }

    /// The whole numbers that give exactly these doubles again, bit by bit.
    private static func whole(_ doubles: [Double], _ scale: Double) -> [Int64]? {
        var whole: [Int64] = []
        whole.reserveCapacity(doubles.count)
        for double in doubles {
            let scaled = (double * scale).rounded()
            guard abs(scaled) < 1e15 else { return nil }
            guard (scaled / scale).bitPattern == double.bitPattern,
                scaled != 0 || scaled.sign == .plus
            else { return nil }
            whole.append(Int64(scaled))
        }
        return whole
    }

    private static func readWhole(
        count: Int, at places: [UInt32]?, _ reader: inout ByteReader
    ) throws -> [Int64] {
        guard let places else { return try IntegerCodec.read(count: count, &reader) }
        return try IntegerCodec.read(count: count, at: places, &reader)
    }

    static func readDoubles(
        count: Int, at places: [UInt32]? = nil, _ reader: inout ByteReader
    ) throws -> [Double] {
        let place = reader.position
        let layout = try reader.read(UInt8.self)
        let values: [Int64] = try readWhole(count: count, at: places, &reader)
        if layout == Layout.plain {
            return values.map { Double(bitPattern: UInt64(bitPattern: $0)) }
        }
        guard layout >= Layout.decimal, layout <= Layout.decimal + UInt8(decimalPlacesMax) else {
            throw ByteFailure.invalid(atByte: place)
        }
        let scale = tens[Int(layout - Layout.decimal)]
        return values.map { Double($0) / scale }
    }
}
