import PerchBytes
import PerchModel

/// Which entry of a dictionary each value is, on the disk.
enum CodeList {
    static let plain: UInt8 = 0
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

    /// Reads the codes at some places, which ascend and are below `count`.
    static func read(
        entryCount: Int, count: Int, at places: [UInt32], _ reader: inout ByteReader
    ) throws -> [UInt32] {
        let place = reader.position
        let layout = try reader.read(UInt8.self)
        let codes: [UInt32]
        switch layout {
        case plain: codes = try IntegerCodec.read(count: count, at: places, &reader)
        case recent: codes = try readRecent(count, places, &reader)
        default: throw ByteFailure.invalid(atByte: place)
        }
        guard IntegerCodec.areBelow(UInt32(truncatingIfNeeded: entryCount), codes) else {
            throw ByteFailure.invalid(atByte: place)
        }
        return codes
    }

    /// A code is its distance before as many new entries as there were until then.
    private static func readRecent(
        _ count: Int, _ places: [UInt32], _ reader: inout ByteReader
    ) throws -> [UInt32] {
        var probe = reader
        if let planes = try IntegerCodec.readPlanes(count: count, &probe) {
            reader = probe
            return codes(of: planes, at: places)
        }
        probe = reader
        let zeros = try IntegerCodec.places(count: count, &probe) { numbers in
            RowMask(of: numbers.span) { $0 == 0 }
        }
        if let zeros {
            let distances: [UInt32] = try IntegerCodec.read(count: count, at: places, &reader)
            var next = 0
            var start = 0
            return zip(places, distances).map { place, distance in
                next += zeros.count(in: start..<Int(place))
                start = Int(place)
                return UInt32(next) &- distance
            }
        }
        let all: [UInt32] = try read(count: count, recent: &reader)
        return places.map { all[Int($0)] }
    }

    /// The same of distances whose bytes stand in planes; eight are looked at at once.
    private static func codes(of planes: [ArraySlice<UInt8>], at places: [UInt32]) -> [UInt32] {
        var next: UInt32 = 0
        var start = 0
        var codes: [UInt32] = []
        codes.reserveCapacity(places.count)
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        for place in places {
            let end = Int(place)
            while start &+ 8 <= end {
                var bytes: UInt64 = 0
                for plane in planes { bytes |= word(plane.span, at: start) }
                // The top bit of each byte that is not zero.
                let taken = ((bytes & low) &+ low) | bytes
                next &+= UInt32(truncatingIfNeeded: 8 &- (taken & ~low).nonzeroBitCount)
                start &+= 8
            }
            while start < end {
                next &+= planes.allSatisfy { $0[$0.startIndex + start] == 0 } ? 1 : 0
                start &+= 1
            }
            var distance: UInt32 = 0
            for plane in planes.reversed() {
                distance = distance << 8 | UInt32(plane[plane.startIndex + end])
            }
            codes.append(next &- distance)
        }
        return codes
    }

    static func read(
        count: Int, entryCount: Int, _ reader: inout ByteReader
    ) throws -> [UInt32] {
        let place = reader.position
        let layout = try reader.read(UInt8.self)
        let codes: [UInt32]
        switch layout {
        case plain: codes = try IntegerCodec.read(count: count, &reader)
        case recent: codes = try read(count: count, recent: &reader)
        default: throw ByteFailure.invalid(atByte: place)
        }
        guard IntegerCodec.areBelow(UInt32(truncatingIfNeeded: entryCount), codes) else {
            throw ByteFailure.invalid(atByte: place)
        }
        return codes
    }

    private static func read(
        count: Int, recent reader: inout ByteReader
    ) throws -> [UInt32] {
        var codes: [UInt32] = try IntegerCodec.read(count: count, &reader)
        var span = codes.mutableSpan
        var next: UInt32 = 0
        for index in span.indices {
            let distance = span[index]
            span[index] = next &- distance
            next &+= distance == 0 ? 1 : 0
        }
        return codes
    }
}
