import PerchBytes
import PerchModel

extension IntegerCodec {
    /// The places of the numbers that satisfy a condition, without making the numbers.
    ///
    /// Nil, and nothing is read, where a number takes more than a byte or depends on the one before.
    /// `holding` is asked once, about all numbers that so many bits can say.
    static func places(
        count: Int, _ reader: inout ByteReader, _ holding: ([Int64]) -> RowMask
    ) throws -> RowMask? {
        var probe = reader
        let mask: RowMask?
        switch try readLayout(&probe) {
        case .constant:
            let isEach = holding([try probe.readZigzag()]).contains(0)
            mask = isEach ? RowMask(all: count) : RowMask(none: count)
        case .packed: mask = try BitPack(count: count, &probe).places(count: count, holding)
        // Planes are of numbers of more than a byte.
        case .planes, .packedSteps, .planesOfSteps: mask = nil
        }
        if mask != nil { reader = probe }
        return mask
    }
}

extension BitPack {
    /// The places of the numbers that satisfy a condition; nil where one takes more than a byte.
    func places(count: Int, _ holding: ([Int64]) -> RowMask) -> RowMask? {
        // Not for a few numbers more questions than there are numbers.
        guard width <= 8, 1 << width <= max(64, count) else { return nil }
        let found = holding((0..<1 << width).map { least &+ Int64($0) })
        guard width > 0 else {
            return found.contains(0) ? RowMask(all: count) : RowMask(none: count)
        }
        let verdicts = (0..<1 << width).map { found.contains($0) ? UInt64(1) : 0 }
        // Two narrow numbers are looked up at once.
        let isPaired = width <= 4
        let table =
            isPaired
            ? (0..<1 << (2 * width)).map { pair in
                verdicts[pair & (1 << width - 1)] | verdicts[pair >> width] << 1
            } : verdicts
        var words: [UInt64] = []
        words.reserveCapacity((count + 63) / 64)
        let source = bytes.span
        var byte = 0
        // Eight numbers take `width` bytes, and one load of eight has them all.
        while (words.count &+ 1) &* 64 <= count, byte &+ 7 &* width &+ 8 <= source.count {
            var found: UInt64 = 0
            for start in stride(from: 0, to: 64, by: 8) {
                let bits = word(source, at: byte).littleEndian
                let eight =
                    isPaired
                    ? Self.look(bits, table.span, step: 2 * width, count: 4, 2)
                    : Self.look(bits, table.span, step: width, count: 8, 1)
                found |= eight &<< UInt64(truncatingIfNeeded: start)
                byte &+= width
            }
            words.append(found)
        }
        var mask = RowMask(words: words, rowCount: count)
        for index in words.count * 64..<max(count, words.count * 64)
        where verdicts[Int(self[index] &- least)] == 1 {
            mask.insert(index)
        }
        return mask
    }

    /// What a table says of the bits of several numbers, one after the other.
    @inline(__always)
    private static func look(
        _ bits: UInt64, _ table: Span<UInt64>, step: Int, count: Int, _ bitCount: Int
    ) -> UInt64 {
        let mask = (UInt64(1) &<< UInt64(truncatingIfNeeded: step)) &- 1
        var bits = bits
        var found: UInt64 = 0
        for place in 0..<count {
            let verdict = table[Int(truncatingIfNeeded: bits & mask)]
            found |= verdict &<< UInt64(truncatingIfNeeded: place &* bitCount)
            bits &>>= UInt64(truncatingIfNeeded: step)
        }
        return found
    }
}

extension CodeList {
    /// The places of the codes that satisfy a condition, without making codes; nil where that is no
    /// less work: then the reader is nowhere.
    static func places(
        count: Int, of verdicts: [Bool], _ reader: inout ByteReader
    ) throws -> RowMask? {
        guard try reader.read(UInt8.self) == plain else { return nil }
        return try IntegerCodec.places(count: count, &reader) { codes in
            RowMask(of: codes.span) { $0 >= 0 && $0 < verdicts.count && verdicts[Int($0)] }
        }
    }
}

extension NumberCodec {
    /// The places of the whole numbers that satisfy a condition, without making numbers; nil where
    /// that is no less work: then the reader is nowhere.
    static func places(
        count: Int, _ reader: inout ByteReader, _ holding: ([Int64]) -> RowMask
    ) throws -> RowMask? {
        guard try reader.read(UInt8.self) == Layout.plain else { return nil }
        return try IntegerCodec.places(count: count, &reader, holding)
    }
}

extension IntegerCodec {
    /// Whether all numbers are below another: all are looked at, several at once.
    static func areBelow(_ limit: UInt32, _ numbers: [UInt32]) -> Bool {
        let span = numbers.span
        var greatest: UInt32 = 0
        for index in span.indices { greatest = max(greatest, span[index]) }
        return numbers.isEmpty || greatest < limit
    }
}
