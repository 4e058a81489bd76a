import PerchBytes
import PerchCodec
import PerchModel

/// What the index says of one chunk.
struct ChunkEntry: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        case samples = 0
        case histograms = 1
        case exemplars = 2
    }

    var kind: Kind
    /// How many samples.
    var count: Int
    var minTime: Int64
    var maxTime: Int64
    /// Where it stands in the chunk section.
    var offset: Int
    /// With its checksum.
    var byteCount: Int
}

/// Working memory for chunks, kept from one to the next.
struct ChunkScratch: Sendable {
    var values = ValueColumn.Scratch()
    var numbers: [Int64] = []
    var times: [Int64] = []
    var decoded: [Double] = []
    var bytes: [UInt8] = []

    init() {}
}

/// The bytes of a chunk; see docs/format/series-segment.md, "Chunks".
enum SegmentChunk {
    static let checksumByteCount = 4
    private static let constantStep: UInt8 = 0

    // MARK: Samples

    /// Adds samples whose times ascend.
    static func append(
        times: [Int64], values: [Double], _ scratch: inout ChunkScratch, to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        if stepIsConstant(times) {
            bytes.append(constantStep)
        } else {
            scratch.numbers.removeAll(keepingCapacity: true)
            for time in times { scratch.numbers.append(time &- times[0]) }
            bytes.append(0)
            let order = IntegerColumn.append(
                scratch.numbers, candidates: [.once, .twice], &scratch.values.integers,
                to: &bytes)
            bytes[start] = order.rawValue
        }
        ValueColumn.append(values, &scratch.values, to: &bytes)
        seal(&bytes, from: start)
    }

    private static func stepIsConstant(_ times: [Int64]) -> Bool {
        guard times.count > 2 else { return true }
        let step = times[1] &- times[0]
        var before = times[1]
        for time in times[2...] {
            guard time &- before == step else { return false }
            before = time
        }
        return true
    }

    /// Adds the samples of a chunk that are in a range.
    static func read(
        _ bytes: Span<UInt8>, _ entry: ChunkEntry, _ range: ClosedRange<Int64>,
        _ scratch: inout ChunkScratch, into chunk: inout SeriesChunk
    ) throws(ByteFailure) {
        var offset = 0
        let indexes = try readTimes(bytes, at: &offset, entry, range, &scratch)
        guard !indexes.isEmpty else { return }
        if indexes.count == entry.count, chunk.values.isEmpty {
            chunk.values.reserveCapacity(entry.count)
            try ValueColumn.read(
                bytes, at: &offset, count: entry.count, &scratch.numbers, into: &chunk.values)
        } else {
            scratch.decoded.removeAll(keepingCapacity: true)
            try ValueColumn.read(
                bytes, at: &offset, count: entry.count, needed: indexes.upperBound,
                &scratch.numbers, into: &scratch.decoded)
            chunk.values.append(contentsOf: scratch.decoded[indexes])
        }
        chunk.times.append(contentsOf: scratch.times)
    }

    /// Whether a chunk has samples in a range, by its times only.
    static func hasAny(
        _ bytes: Span<UInt8>, _ entry: ChunkEntry, _ range: ClosedRange<Int64>,
        _ scratch: inout ChunkScratch
    ) throws(ByteFailure) -> Bool {
        var offset = 0
        return try !readTimes(bytes, at: &offset, entry, range, &scratch).isEmpty
    }

    /// Puts the times in the range into the scratch, and says which of the chunk's samples they
    /// are of.
    private static func readTimes(
        _ bytes: Span<UInt8>, at offset: inout Int, _ entry: ChunkEntry,
        _ range: ClosedRange<Int64>, _ scratch: inout ChunkScratch
    ) throws(ByteFailure) -> Range<Int> {
        guard let head = bytes.isEmpty ? nil : bytes[0] else { throw .truncated(atByte: 0) }
        guard entry.count > 0, entry.count <= Limits.chunkReadCountMax else {
            throw .countTooLarge(atByte: 0)
        }
        offset = 1
        scratch.times.removeAll(keepingCapacity: true)
        if head == constantStep {
            return constantTimes(entry, range, &scratch.times)
        }
        guard let order = IntegerColumn.Order(rawValue: head) else { throw .invalid(atByte: 0) }
        try IntegerColumn.read(
            bytes, at: &offset, count: entry.count, order: order, into: &scratch.times)
        for index in scratch.times.indices { scratch.times[index] &+= entry.minTime }
        if range.contains(entry.minTime), range.contains(entry.maxTime) {
            return 0..<entry.count
        }
        let low = scratch.times.firstIndex { $0 >= range.lowerBound } ?? entry.count
        let high = scratch.times.lastIndex { $0 <= range.upperBound } ?? -1
        guard low <= high else {
            scratch.times.removeAll(keepingCapacity: true)
            return 0..<0
        }
        scratch.times.removeLast(entry.count - 1 - high)
        scratch.times.removeFirst(low)
        return low..<(high + 1)
    }

    private static func constantTimes(
        _ entry: ChunkEntry, _ range: ClosedRange<Int64>, _ times: inout [Int64]
    ) -> Range<Int> {
        let step = entry.count > 1 ? (entry.maxTime &- entry.minTime) / Int64(entry.count - 1) : 0
        var low = 0
        var high = entry.count - 1
        if step > 0 {
            if range.lowerBound > entry.minTime {
                let distance = range.lowerBound &- entry.minTime
                low = Int(clamping: (distance &+ step &- 1) / step)
            }
            if range.upperBound < entry.maxTime {
                guard range.upperBound >= entry.minTime else { return 0..<0 }
                high = Int(clamping: (range.upperBound &- entry.minTime) / step)
            }
        } else if !range.contains(entry.minTime) {
            return 0..<0
        }
        guard low <= high else { return 0..<0 }
        let first = entry.minTime &+ Int64(low) &* step
        times.append(contentsOf: repeatElement(first, count: high - low + 1))
        var target = times.mutableSpan
        for index in target.indices { target[index] = first &+ Int64(index) &* step }
        return low..<(high + 1)
    }

    // MARK: Histograms and exemplars

    static func append(histograms: [HistogramSample], to bytes: inout [UInt8]) {
        var plain: [UInt8] = []
        var before: Int64 = 0
        for sample in histograms {
            Varint.appendZigzag(sample.timeMillis &- before, to: &plain)
            before = sample.timeMillis
            SamplePayload.encode(sample.histogram, into: &plain)
        }
        appendCompressed(plain, to: &bytes)
    }

    static func append(exemplars: [Exemplar], to bytes: inout [UInt8]) {
        var plain: [UInt8] = []
        for exemplar in exemplars {
            Varint.appendZigzag(exemplar.timeMillis, to: &plain)
            LittleEndian.append(exemplar.value, to: &plain)
            ByteWriter.appendBlob(exemplar.labels.bytes, to: &plain)
        }
        appendCompressed(plain, to: &bytes)
    }

    static func readHistograms(
        _ bytes: ArraySlice<UInt8>, _ entry: ChunkEntry
    ) throws -> [HistogramSample] {
        var reader = ByteReader(try decompressed(bytes))
        var samples: [HistogramSample] = []
        var time: Int64 = 0
        for _ in 0..<entry.count {
            time &+= try reader.readZigzag()
            let histogram = try SamplePayload.readHistogram(&reader)
            samples.append(HistogramSample(series: 0, timeMillis: time, histogram: histogram))
        }
        return samples
    }

    static func readExemplars(
        _ bytes: ArraySlice<UInt8>, _ entry: ChunkEntry
    ) throws -> [Exemplar] {
        var reader = ByteReader(try decompressed(bytes))
        var exemplars: [Exemplar] = []
        for _ in 0..<entry.count {
            let time = try reader.readZigzag()
            let value = try reader.read(Double.self)
            let labels = Labels(canonical: Array(try reader.readBlob()))
            exemplars.append(Exemplar(series: 0, timeMillis: time, value: value, labels: labels))
        }
        return exemplars
    }

    private static func appendCompressed(_ plain: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        if let packed = Compressor.compress(plain, encoding: .zstd), packed.count < plain.count {
            bytes.append(1)
            bytes.append(contentsOf: packed)
        } else {
            bytes.append(0)
            bytes.append(contentsOf: plain)
        }
        seal(&bytes, from: start)
    }

    private static func decompressed(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
        guard let head = bytes.first else { throw ByteFailure.truncated(atByte: 0) }
        let rest = Array(bytes.dropFirst())
        guard head == 1 else { return rest }
        return try Decompressor.decompress(
            rest, encoding: .zstd, limit: Limits.objectChunkByteCountMax)
    }

    // MARK: Checksum

    private static func seal(_ bytes: inout [UInt8], from start: Int) {
        LittleEndian.append(CRC32C.checksum(bytes[start...]), to: &bytes)
    }

    /// Whether the checksum at the end of a chunk is right.
    static func isIntact(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > checksumByteCount else { return false }
        let end = bytes.count - checksumByteCount
        let sum = try? LittleEndian.load(UInt32.self, from: bytes, at: end)
        return sum == CRC32C.checksum(bytes.extracting(..<end))
    }
}
