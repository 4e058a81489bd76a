import PerchBytes
import PerchModel

/// Times of a block on the disk, in runs: one is found and read without those before it.
///
/// docs/format/event-segment.md lays it down. Arithmetic wraps, so that any numbers go through.
struct TimeFrames {
    static let rowCount = 256

    private let count: Int
    private let divisor: Int64
    private let firsts: [Int64]
    private let packs: [BitPack]

    /// Adds numbers; their count is the caller's to write down.
    static func append(_ values: [Int64], _ packer: ChunkPacker, to bytes: inout [UInt8]) {
        let divisor = divisor(of: values)
        Varint.append(UInt64(divisor), to: &bytes)
        let starts = Swift.stride(from: 0, to: values.count, by: rowCount)
        IntegerCodec.append(starts.map { values[$0] }, packer, to: &bytes)
        var steps: [Int64] = []
        var bits: [UInt8] = []
        for start in starts {
            steps.removeAll(keepingCapacity: true)
            for index in (start + 1)..<max(start + 1, min(start + rowCount, values.count)) {
                steps.append((values[index] &- values[index - 1]) / divisor)
            }
            let bounds = IntegerCodec.Bounds(steps)
            Varint.appendZigzag(bounds.least, to: &bytes)
            bytes.append(UInt8(bounds.width))
            IntegerCodec.packBits(steps, bounds, &bits)
        }
        bytes.append(contentsOf: bits)
    }

    /// The largest number that divides all steps: clocks tick in milliseconds or microseconds.
    private static func divisor(of values: [Int64]) -> Int64 {
        var divisor: UInt64 = 0
        for index in values.indices.dropFirst() {
            var other = (values[index] &- values[index - 1]).magnitude
            while other != 0 { (divisor, other) = (other, divisor % other) }
            if divisor == 1 { return 1 }
        }
        return divisor == 0 ? 1 : Int64(exactly: divisor) ?? 1
    }

    init(count: Int, _ reader: inout ByteReader) throws {
        let place = reader.position
        self.count = count
        guard let divisor = Int64(exactly: try reader.readVarint()), divisor > 0 else {
            throw ByteFailure.invalid(atByte: place)
        }
        self.divisor = divisor
        let frameCount = (count + Self.rowCount - 1) / Self.rowCount
        firsts = try IntegerCodec.read(count: frameCount, &reader)
        var heads: [(least: Int64, width: Int)] = []
        for _ in 0..<frameCount {
            heads.append((try reader.readZigzag(), Int(try reader.read(UInt8.self))))
        }
        var packs: [BitPack] = []
        for (frame, head) in heads.enumerated() {
            let stepCount = min(Self.rowCount, count - frame * Self.rowCount) - 1
            guard let byteCount = BitPack.byteCount(stepCount, head.width) else {
                throw ByteFailure.invalid(atByte: place)
            }
            packs.append(
                BitPack(
                    least: head.least, width: head.width,
                    try reader.readBytes(count: byteCount)))
        }
        self.packs = packs
    }

    /// Whether frames begin in order; what is in one is not looked at.
    var isAscending: Bool { zip(firsts, firsts.dropFirst()).allSatisfy(<=) }

    private func append(frame: Int, to values: inout [Int64]) {
        var value = firsts[frame]
        values.append(value)
        let pack = packs[frame]
        for index in 0..<(min(Self.rowCount, count - frame * Self.rowCount) - 1) {
            value &+= pack[index] &* divisor
            values.append(value)
        }
    }

    var all: [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        for frame in firsts.indices { append(frame: frame, to: &values) }
        return values
    }

    /// The times of some rows, which ascend.
    func values(at rows: [UInt32]) -> [Int64] {
        var result: [Int64] = []
        result.reserveCapacity(rows.count)
        var values: [Int64] = []
        var known = -1
        for row in rows {
            let frame = Int(row) / Self.rowCount
            if frame != known {
                values.removeAll(keepingCapacity: true)
                append(frame: frame, to: &values)
                known = frame
            }
            result.append(values[Int(row) % Self.rowCount])
        }
        return result
    }

    /// The first row whose time is not before this one, with its time; nil if there is none.
    func first(from time: Int64) -> (row: Int, time: Int64)? {
        // The last frame that begins before it.
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] < time { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return firsts.first.map { (0, $0) } }
        let frame = low - 1
        let pack = packs[frame]
        var value = firsts[frame]
        let start = frame * Self.rowCount
        for index in 0..<(min(Self.rowCount, count - start) - 1) {
            value &+= pack[index] &* divisor
            if value >= time { return (start + index + 1, value) }
        }
        return low < firsts.count ? (low * Self.rowCount, firsts[low]) : nil
    }
}

/// The times of a block, of which as few are read as are asked for.
struct BlockTimes {
    private enum Source {
        case all([Int64])
        case frames(TimeFrames)
    }

    /// The number of this layout among those of ``IntegerCodec``.
    private static let framed: UInt8 = 5
    private let source: Source

    static func append(_ times: [Int64], _ packer: ChunkPacker, to bytes: inout [UInt8]) {
        guard times.count > 2 * TimeFrames.rowCount, !isEven(times) else {
            IntegerCodec.append(times, packer, to: &bytes)
            return
        }
        bytes.append(framed)
        TimeFrames.append(times, packer, to: &bytes)
    }

    private static func isEven(_ times: [Int64]) -> Bool {
        let step = times[1] &- times[0]
        for index in 2..<times.count where times[index] &- times[index - 1] != step {
            return false
        }
        return true
    }

    /// With `isChecked`, times that are not in order are refused.
    init(count: Int, _ reader: inout ByteReader, isChecked: Bool) throws {
        var probe = reader
        let isAscending: Bool
        if try probe.read(UInt8.self) == Self.framed {
            let frames = try TimeFrames(count: count, &probe)
            reader = probe
            source = .frames(frames)
            isAscending = frames.isAscending
        } else {
            let times: [Int64] = try IntegerCodec.read(count: count, &reader)
            source = .all(times)
            isAscending = zip(times, times.dropFirst()).allSatisfy(<=)
        }
        // What follows looks for times by halves.
        guard isAscending || !isChecked else {
            throw SegmentFormat.Failure.damaged("times out of order")
        }
    }

    var all: [Int64] {
        switch source {
        case .all(let times): times
        case .frames(let frames): frames.all
        }
    }

    /// The times of some rows, which ascend.
    func values(at rows: [UInt32]) -> [Int64] {
        switch source {
        case .all(let times): rows.map { times[Int($0)] }
        case .frames(let frames): frames.values(at: rows)
        }
    }

    subscript(row: Int) -> Int64 {
        switch source {
        case .all(let times): times[row]
        case .frames(let frames): frames.values(at: [UInt32(row)])[0]
        }
    }

    /// The first row whose time is not before this one, with its time; nil if there is none.
    func first(from time: Int64) -> (row: Int, time: Int64)? {
        switch source {
        case .frames(let frames): return frames.first(from: time)
        case .all(let times):
            var low = 0
            var high = times.count
            while low < high {
                let middle = (low + high) / 2
                if times[middle] < time { low = middle + 1 } else { high = middle }
            }
            return low < times.count ? (low, times[low]) : nil
        }
    }
}
