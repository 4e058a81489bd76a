import PerchBytes
import PerchModel

/// Whole numbers of one column of a block, as docs/format/event-segment.md lays them down.
///
/// Arithmetic wraps, so that any numbers go through.
enum IntegerCodec {
    enum Layout: UInt8 {
        case constant = 0
        /// The distance to the least, in as many bits as the largest takes.
        case packed = 1
        /// The first, and the differences to the one before, packed in the same way.
        case packedSteps = 2
        /// The distance to the least, first the lowest byte of all, then the next.
        case planes = 3
        case planesOfSteps = 4
    }

    /// Adds numbers of which each may follow any other; their count is the caller's to write down.
    static func append(codes: [UInt32], _ packer: ChunkPacker, to bytes: inout [UInt8]) {
        append(codes.map { Int64($0) }, packer, to: &bytes, maySteps: false)
    }

    /// Adds numbers; their count is the caller's to write down.
    ///
    /// Differences are tried unless `maySteps` says that they are not smaller.
    static func append(
        _ values: [Int64], _ packer: ChunkPacker, to bytes: inout [UInt8], maySteps: Bool = true
    ) {
        guard let first = values.first else {
            bytes.append(Layout.constant.rawValue)
            bytes.append(0)
            return
        }
        let range = Bounds(values)
        guard range.width > 0 else {
            bytes.append(Layout.constant.rawValue)
            Varint.appendZigzag(first, to: &bytes)
            return
        }
        let steps = maySteps ? Self.steps(values) : []
        let stepRange = Bounds(steps)
        let isSteps = maySteps && stepRange.width < range.width
        let numbers = isSteps ? steps : values
        let bounds = isSteps ? stepRange : range
        var packed: [UInt8] = []
        pack(numbers, bounds, &packed)
        var planes: [UInt8] = []
        // Few bits are read at once and cost little; planes of them take five times as long.
        if numbers.count >= Limits.planeValueCountMin, bounds.width > Limits.packedWidthMax {
            appendPlanes(numbers, bounds, packer, &planes)
        }
        // Of bits one is read without the others, and all are read faster.
        let isPlanes = !planes.isEmpty && planes.count < packed.count - packed.count / 4
        let layout: Layout =
            switch (isSteps, isPlanes) {
            case (false, false): .packed
            case (true, false): .packedSteps
            case (false, true): .planes
            case (true, true): .planesOfSteps
            }
        bytes.append(layout.rawValue)
        if isSteps { Varint.appendZigzag(first, to: &bytes) }
        bytes.append(contentsOf: isPlanes ? planes : packed)
    }

    /// Reads as many numbers as the caller knows there are, and has a limit for.
    static func read<Value: FixedWidthInteger & BitwiseCopyable>(
        count: Int, _ reader: inout ByteReader
    ) throws -> [Value] {
        let start = reader.position
        return try read(readLayout(&reader), count: count, start, &reader)
    }

    static func readLayout(_ reader: inout ByteReader) throws -> Layout {
        let start = reader.position
        guard let layout = Layout(rawValue: try reader.read(UInt8.self)) else {
            throw ByteFailure.invalid(atByte: start)
        }
        return layout
    }

    /// Reads what stands behind the layout.
    static func read<Value: FixedWidthInteger & BitwiseCopyable>(
        _ layout: Layout, count: Int, _ start: Int, _ reader: inout ByteReader
    ) throws -> [Value] {
        switch layout {
        case .constant:
            let value = Value(truncatingIfNeeded: try reader.readZigzag())
            return [Value](repeating: value, count: count)
        case .packed: return try unpack(count, nil, &reader)
        case .planes: return try readPlanes(count, nil, &reader)
        case .packedSteps, .planesOfSteps:
            guard count > 0 else { throw ByteFailure.invalid(atByte: start) }
            let first = try reader.readZigzag()
            var values: [Value] =
                layout == .packedSteps
                ? try unpack(count - 1, first, &reader) : try readPlanes(count - 1, first, &reader)
            var span = values.mutableSpan
            var value = Value(truncatingIfNeeded: first)
            span[0] = value
            for index in span.indices.dropFirst() {
                value &+= span[index]
                span[index] = value
            }
            return values
        }
    }

    /// Passes numbers over that nobody asks for.
    static func skip(count: Int, _ reader: inout ByteReader) throws {
        let start = reader.position
        let layout = try readLayout(&reader)
        switch layout {
        case .constant: _ = try reader.readZigzag()
        case .packed: try skipPack(count, &reader)
        case .planes: try skipPlanes(&reader)
        case .packedSteps, .planesOfSteps:
            guard count > 0 else { throw ByteFailure.invalid(atByte: start) }
            _ = try reader.readZigzag()
            if layout == .packedSteps {
                try skipPack(count - 1, &reader)
            } else {
                try skipPlanes(&reader)
            }
        }
    }

    private static func skipPack(_ count: Int, _ reader: inout ByteReader) throws {
        _ = try reader.readZigzag()
        let place = reader.position
        let width = Int(try reader.read(UInt8.self))
        let (bitCount, overflow) = count.multipliedReportingOverflow(by: width)
        guard width <= 64, !overflow else { throw ByteFailure.invalid(atByte: place) }
        _ = try reader.readBytes(count: bitCount / 8 + (bitCount % 8 > 0 ? 1 : 0))
    }

    private static func skipPlanes(_ reader: inout ByteReader) throws {
        _ = try reader.readZigzag()
        for _ in 0..<(try reader.read(UInt8.self)) { try ChunkPacker.skip(&reader) }
    }

    struct Bounds {
        let least: Int64
        /// Bits that the largest distance to the least takes.
        let width: Int

        init(_ values: [Int64]) {
            var least = values.first ?? 0
            var greatest = least
            for value in values {
                least = min(least, value)
                greatest = max(greatest, value)
            }
            self.least = least
            width = 64 - UInt64(bitPattern: greatest &- least).leadingZeroBitCount
        }
    }

    private static func steps(_ values: [Int64]) -> [Int64] {
        var steps: [Int64] = []
        steps.reserveCapacity(values.count)
        let span = values.span
        var index = 1
        while index < span.count {
            steps.append(span[index] &- span[index &- 1])
            index &+= 1
        }
        return steps
    }

    // MARK: Bits

    private static func pack(_ values: [Int64], _ bounds: Bounds, _ bytes: inout [UInt8]) {
        Varint.appendZigzag(bounds.least, to: &bytes)
        bytes.append(UInt8(bounds.width))
        packBits(values, bounds, &bytes)
    }

    static func packBits(_ values: [Int64], _ bounds: Bounds, _ bytes: inout [UInt8]) {
        let width = bounds.width
        guard width > 0 else { return }
        bytes.reserveCapacity(bytes.count + values.count * width / 8 + 8)
        var word: UInt64 = 0
        var used = 0
        for value in values {
            let distance = UInt64(bitPattern: value &- bounds.least)
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

    /// Reads distances; with `first`, a place for it stands before them.
    private static func unpack<Value: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int, _ first: Int64?, _ reader: inout ByteReader
    ) throws -> [Value] {
        let least = Value(truncatingIfNeeded: try reader.readZigzag())
        let place = reader.position
        let width = Int(try reader.read(UInt8.self))
        guard width <= 64 else { throw ByteFailure.invalid(atByte: place) }
        let (bitCount, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw ByteFailure.countTooLarge(atByte: place) }
        let packed = try reader.readBytes(count: bitCount / 8 + (bitCount % 8 > 0 ? 1 : 0))
        let offset = first == nil ? 0 : 1
        var values = [Value](repeating: least, count: count + offset)
        guard width > 0 else { return values }
        let mask = UInt64.max >> UInt64(64 - width)
        let source = packed.span
        var span = values.mutableSpan
        var index = width <= 8 ? unpackNarrow(width, least, source, offset, count, &span) : 0
        // Fast path: eight bytes hold a whole number wherever in a byte it begins.
        let wordCount = width <= 57 ? (source.count - 8) * 8 / width : 0
        while index < min(count, wordCount) {
            let bit = index &* width
            let distance = word(source, at: bit >> 3).littleEndian >> UInt64(bit & 7)
            span[index &+ offset] = least &+ Value(truncatingIfNeeded: distance & mask)
            index &+= 1
        }
        while index < count {
            let bit = index * width
            var distance: UInt64 = 0
            var taken = 0
            var position = bit >> 3
            let skipped = bit & 7
            while taken < width + skipped {
                let byte = UInt64(source[position])
                let shift = taken - skipped
                distance |= shift < 0 ? byte >> UInt64(-shift) : byte << UInt64(shift)
                taken += 8
                position += 1
            }
            span[index + offset] = least &+ Value(truncatingIfNeeded: distance & mask)
            index += 1
        }
        return values
    }

    /// Eight numbers of at most eight bits lie in one word; answers how many were read.
    @inline(__always)
    private static func unpackNarrow<Value: FixedWidthInteger & BitwiseCopyable>(
        _ width: Int, _ least: Value, _ source: Span<UInt8>, _ offset: Int, _ count: Int,
        _ span: inout MutableSpan<Value>
    ) -> Int {
        let mask = UInt64.max >> UInt64(64 - width)
        let step = UInt64(width)
        var index = 0
        var start = 0
        while index &+ 8 <= count, start &+ 8 <= source.count {
            var bits = word(source, at: start).littleEndian
            for place in 0..<8 {
                span[index &+ offset &+ place] =
                    least &+ Value(truncatingIfNeeded: bits & mask)
                bits &>>= step
            }
            index &+= 8
            start &+= width
        }
        return index
    }

    // MARK: Planes

    private static func appendPlanes(
        _ values: [Int64], _ bounds: Bounds, _ packer: ChunkPacker, _ bytes: inout [UInt8]
    ) {
        Varint.appendZigzag(bounds.least, to: &bytes)
        let planeCount = (bounds.width + 7) / 8
        bytes.append(UInt8(planeCount))
        var plane = [UInt8](repeating: 0, count: values.count)
        let source = values.span
        for place in 0..<planeCount {
            let shift = UInt64(8 * place)
            for index in source.indices {
                let distance = UInt64(bitPattern: source[index] &- bounds.least)
                plane[index] = UInt8(truncatingIfNeeded: distance >> shift)
            }
            packer.append(plane.span, to: &bytes, .plane)
        }
    }

    static func readPlanesHead(
        _ reader: inout ByteReader
    ) throws -> (least: Int64, planeCount: Int, start: Int) {
        let least = try reader.readZigzag()
        let start = reader.position
        let planeCount = Int(try reader.read(UInt8.self))
        guard planeCount <= 8 else { throw ByteFailure.invalid(atByte: start) }
        return (least, planeCount, start)
    }

    private static func readPlanes<Value: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int, _ first: Int64?, _ reader: inout ByteReader
    ) throws -> [Value] {
        let (least, planeCount, place) = try readPlanesHead(&reader)
        let offset = first == nil ? 0 : 1
        var values = [Value](
            repeating: Value(truncatingIfNeeded: least), count: count + offset)
        for position in 0..<planeCount {
            let plane = try ChunkPacker.readSlice(&reader, byteCountMax: count)
            guard plane.count == count else { throw ByteFailure.invalid(atByte: place) }
            let source = plane.span
            var span = values.mutableSpan
            for index in source.indices {
                let part = Value(truncatingIfNeeded: UInt64(source[index]) << UInt64(8 * position))
                span[index &+ offset] &+= part
            }
        }
        return values
    }
}
