import PerchBytes
import PerchFiles
import PerchModel

/// Times of a block on the disk, in runs: one is found and read without those before it.
///
/// docs/format/event-segment.md lays it down. Arithmetic wraps, so that any numbers go through.
///
/// This says where each run is; its bytes come from whoever has them.
struct TimeFrames: Sendable {
    static let rowCount = 256

    /// Where the steps of a run are.
    private struct Head {
        var least: Int64
        var width: Int
        var bytes: Range<Int>
    }

    /// Answers bytes of the chunk, by their place in it.
    typealias Source = (Range<Int>) throws -> ArraySlice<UInt8>

    private let count: Int
    private let divisor: Int64
    private let firsts: [Int64]
    private let heads: [Head]

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
        var heads: [Head] = []
        heads.reserveCapacity(frameCount)
        for _ in 0..<frameCount {
            let least = try reader.readZigzag()
            heads.append(Head(least: least, width: Int(try reader.read(UInt8.self)), bytes: 0..<0))
        }
        for frame in heads.indices {
            let stepCount = min(Self.rowCount, count - frame * Self.rowCount) - 1
            guard let byteCount = BitPack.byteCount(stepCount, heads[frame].width) else {
                throw ByteFailure.invalid(atByte: place)
            }
            let start = reader.position
            _ = try reader.readBytes(count: byteCount)
            heads[frame].bytes = start..<reader.position
        }
        self.heads = heads
    }

    /// Whether frames begin in order; what is in one is not looked at.
    var isAscending: Bool { zip(firsts, firsts.dropFirst()).allSatisfy(<=) }

    /// The steps of a run.
    private func pack(_ frame: Int, _ source: Source) throws -> BitPack {
        let head = heads[frame]
        return BitPack(least: head.least, width: head.width, try source(head.bytes))
    }

    private func append(frame: Int, to values: inout [Int64], _ source: Source) throws {
        var value = firsts[frame]
        values.append(value)
        let pack = try pack(frame, source)
        for index in 0..<(min(Self.rowCount, count - frame * Self.rowCount) - 1) {
            value &+= pack[index] &* divisor
            values.append(value)
        }
    }

    func all(_ source: Source) throws -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        for frame in firsts.indices { try append(frame: frame, to: &values, source) }
        return values
    }

    /// The times of some rows, which ascend.
    func values(at rows: [UInt32], _ source: Source) throws -> [Int64] {
        var result: [Int64] = []
        result.reserveCapacity(rows.count)
        var values: [Int64] = []
        var known = -1
        for row in rows {
            let frame = Int(row) / Self.rowCount
            if frame != known {
                values.removeAll(keepingCapacity: true)
                try append(frame: frame, to: &values, source)
                known = frame
            }
            result.append(values[Int(row) % Self.rowCount])
        }
        return result
    }

    /// The first row whose time is not before this one, with its time; nil if there is none.
    func first(from time: Int64, _ source: Source) throws -> (row: Int, time: Int64)? {
        // The last frame that begins before it.
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] < time { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return firsts.first.map { (0, $0) } }
        let frame = low - 1
        let pack = try pack(frame, source)
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
        /// The chunk of all times was read.
        case frames(TimeFrames, [UInt8])
        /// It was before: only what is asked for is read.
        case file(TimeFrames, any ReadableFile, SegmentChunk)
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

    /// Takes the chunk of all; with `isChecked`, times that are not in order are refused.
    init(count: Int, _ chunk: [UInt8], isChecked: Bool) throws {
        var reader = ByteReader(chunk)
        let isAscending: Bool
        if chunk.first == Self.framed {
            _ = try reader.read(UInt8.self)
            let frames = try TimeFrames(count: count, &reader)
            source = .frames(frames, chunk)
            isAscending = frames.isAscending
        } else {
            let times: [Int64] = try IntegerCodec.read(count: count, &reader)
            source = .all(times)
            isAscending = zip(times, times.dropFirst()).allSatisfy(<=)
        }
        guard reader.isAtEnd else { throw ByteFailure.invalid(atByte: reader.position) }
        // What follows looks for times by halves.
        guard isAscending || !isChecked else {
            throw SegmentFormat.Failure.damaged("times out of order")
        }
    }

    /// Times of which a part of the file is read when it is asked for.
    init(_ frames: TimeFrames, in file: any ReadableFile, _ chunk: SegmentChunk) {
        source = .file(frames, file, chunk)
    }

    /// Whether all times are in memory.
    var isWhole: Bool { if case .file = source { false } else { true } }

    /// Where runs of times are, if they stand so.
    var frames: TimeFrames? {
        switch source {
        case .all: nil
        case .frames(let frames, _), .file(let frames, _, _): frames
        }
    }

    func all() throws -> [Int64] {
        switch source {
        case .all(let times): return times
        case .frames(let frames, let bytes): return try frames.all { bytes[$0] }
        case .file(let frames, let file, let chunk):
            let bytes = try file.read(chunk)
            return try frames.all { bytes[$0] }
        }
    }

    /// The times of some rows, which ascend.
    func values(at rows: [UInt32]) throws -> [Int64] {
        switch source {
        case .all(let times): rows.map { times[Int($0)] }
        case .frames(let frames, let bytes): try frames.values(at: rows) { bytes[$0] }
        case .file(let frames, let file, let chunk):
            try frames.values(at: rows) { try file.read($0, of: chunk) }
        }
    }

    func time(of row: Int) throws -> Int64 {
        if case .all(let times) = source { return times[row] }
        return try values(at: [UInt32(row)])[0]
    }

    /// The first row whose time is not before this one, with its time; nil if there is none.
    func first(from time: Int64) throws -> (row: Int, time: Int64)? {
        switch source {
        case .frames(let frames, let bytes): return try frames.first(from: time) { bytes[$0] }
        case .file(let frames, let file, let chunk):
            return try frames.first(from: time) { try file.read($0, of: chunk) }
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
