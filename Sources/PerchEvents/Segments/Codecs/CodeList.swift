import PerchBytes

/// Which entry of a dictionary each value is, on the disk.
enum CodeList {
    private static let plain: UInt8 = 0
    /// How far before the next new entry each is: 0 is the next new one itself.
    ///
    /// What repeats does so soon.
    private static let recent: UInt8 = 1

    static func append(
        _ codes: [UInt32], entryCount: Int, _ packer: ChunkPacker, to bytes: inout [UInt8]
    ) {
        let isRecent = entryCount > 256 && isByAppearance(codes)
        bytes.append(isRecent ? recent : plain)
        guard isRecent else {
            IntegerCodec.append(codes: codes, packer, to: &bytes)
            return
        }
        var next: UInt32 = 0
        let distances = codes.map { code in
            defer { if code == next { next += 1 } }
            return Int64(next - code)
        }
        IntegerCodec.append(distances, packer, to: &bytes)
    }

    private static func isByAppearance(_ codes: [UInt32]) -> Bool {
        var next: UInt32 = 0
        for code in codes {
            if code > next { return false }
            if code == next { next += 1 }
        }
        return true
    }

    /// Reads the codes at some places, if that is less work than to read all; else nothing.
    static func read(
        entryCount: Int, count: Int, at places: [UInt32], _ reader: inout ByteReader
    ) throws -> [UInt32]? {
        let place = reader.position
        var probe = reader
        guard try probe.read(UInt8.self) == plain else { return nil }
        let codes: [UInt32] = try IntegerCodec.read(count: count, at: places, &probe)
        guard codes.allSatisfy({ $0 < UInt32(truncatingIfNeeded: entryCount) }) else {
            throw ByteFailure.invalid(atByte: place)
        }
        reader = probe
        return codes
    }

    static func read(
        count: Int, entryCount: Int, _ reader: inout ByteReader
    ) throws -> [UInt32] {
        let place = reader.position
        let layout = try reader.read(UInt8.self)
        var codes: [UInt32] = try IntegerCodec.read(count: count, &reader)
        var span = codes.mutableSpan
        switch layout {
        case plain: break
        case recent:
            var next: UInt32 = 0
            for index in span.indices {
                let distance = span[index]
                span[index] = next &- distance
                if distance == 0 { next &+= 1 }
            }
        default: throw ByteFailure.invalid(atByte: place)
        }
        let limit = UInt32(truncatingIfNeeded: entryCount)
        var isInside = true
        for index in span.indices { isInside = isInside && span[index] < limit }
        guard isInside else { throw ByteFailure.invalid(atByte: place) }
        return codes
    }
}
