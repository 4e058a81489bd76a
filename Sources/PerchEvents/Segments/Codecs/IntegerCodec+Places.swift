import PerchBytes

extension IntegerCodec {
    /// Reads the numbers at some places, which ascend and are below `count`.
    ///
    /// Of packed bits only these are looked at; what stands in planes or as steps costs as much as
    /// all would.
    static func read<Value: FixedWidthInteger & BitwiseCopyable>(
        count: Int, at places: [UInt32], _ reader: inout ByteReader
    ) throws -> [Value] {
        let start = reader.position
        let layout = try readLayout(&reader)
        switch layout {
        case .constant:
            let value = Value(truncatingIfNeeded: try reader.readZigzag())
            return [Value](repeating: value, count: places.count)
        case .packed:
            let pack = try BitPack(count: count, &reader)
            return places.map { Value(truncatingIfNeeded: pack[Int($0)]) }
        case .planes: return try readPlanes(count, at: places, &reader)
        case .packedSteps, .planesOfSteps:
            let all: [Value] = try read(layout, count: count, start, &reader)
            return places.map { all[Int($0)] }
        }
    }

    /// The number that all are, if they are written so; then it is read, else nothing.
    static func readConstant(_ reader: inout ByteReader) throws -> Int64? {
        var probe = reader
        guard try readLayout(&probe) == .constant else { return nil }
        let value = try probe.readZigzag()
        reader = probe
        return value
    }

    private static func readPlanes<Value: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int, at places: [UInt32], _ reader: inout ByteReader
    ) throws -> [Value] {
        let (least, planeCount, start) = try readPlanesHead(&reader)
        var values = [Value](repeating: Value(truncatingIfNeeded: least), count: places.count)
        for position in 0..<planeCount {
            let plane = try ChunkPacker.readSlice(&reader, byteCountMax: count)
            guard plane.count == count else { throw ByteFailure.invalid(atByte: start) }
            for (index, place) in places.enumerated() {
                let byte = UInt64(plane[plane.startIndex + Int(place)])
                values[index] &+= Value(truncatingIfNeeded: byte << UInt64(8 * position))
            }
        }
        return values
    }

    /// The bytes of the numbers, the lowest first, where they stand in planes and the least is 0;
    /// else nothing.
    static func readPlanes(
        count: Int, _ reader: inout ByteReader
    ) throws -> [ArraySlice<UInt8>]? {
        guard try readLayout(&reader) == .planes else { return nil }
        let (least, planeCount, start) = try readPlanesHead(&reader)
        guard least == 0, planeCount <= 4 else { return nil }
        var planes: [ArraySlice<UInt8>] = []
        for _ in 0..<planeCount {
            let plane = try ChunkPacker.readSlice(&reader, byteCountMax: count)
            guard plane.count == count else { throw ByteFailure.invalid(atByte: start) }
            planes.append(plane)
        }
        return planes
    }
}
