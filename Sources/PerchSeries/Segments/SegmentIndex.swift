import PerchBytes
import PerchModel

/// The index of a segment in memory: its pairs, its series, which series have a pair, and the
/// chunks of each; see docs/format/series-segment.md, "Index".
///
/// Series are in the order of their label bytes, so their numbers are too.
final class SegmentIndex: Sendable, LabelIndex {
    /// Runs of bytes one after the other.
    struct Runs: Sendable {
        var bytes: [UInt8] = []
        var ends: [UInt32] = []

        func range(_ number: Int) -> Range<Int> {
            (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
        }
    }

    private let pairs: Runs
    private let postings: Runs
    private let seriesLabels: Runs
    private let seriesChunks: Runs
    /// The first pair of each name; pairs of a name stand together.
    private let nameStarts: [UInt32]
    private let hashes: [SeriesHash]
    private let baseTime: Int64
    let byteCount: Int

    /// Takes an index apart.
    ///
    /// Throws where something does not fit together, so that later looks find what they expect or
    /// throw too.
    ///
    /// One for a merge cannot be asked for series by their labels.
    init(
        _ bytes: [UInt8], baseTime: Int64, seed: UInt64, isForMerge: Bool = false
    ) throws(ByteFailure) {
        var reader = ByteReader(bytes)
        pairs = try Self.readRuns(&reader)
        postings = try Self.readRuns(&reader, keepsBytes: !isForMerge)
        seriesLabels = try Self.readRuns(&reader)
        seriesChunks = try Self.readRuns(&reader)
        guard reader.isAtEnd, postings.ends.count == pairs.ends.count,
            seriesChunks.ends.count == seriesLabels.ends.count
        else { throw .invalid(atByte: reader.position) }
        self.baseTime = baseTime
        nameStarts = Self.nameStarts(pairs)
        hashes = isForMerge ? [] : try Self.hashes(pairs, seriesLabels, seed)
        byteCount =
            bytes.count + 4 * (2 * pairs.ends.count + 2 * seriesLabels.ends.count)
            + 16 * hashes.count
    }

    private static func readRuns(
        _ reader: inout ByteReader, keepsBytes: Bool = true
    ) throws(ByteFailure) -> Runs {
        var runs = Runs()
        let count = try reader.readCount()
        runs.ends.reserveCapacity(count)
        var end: UInt64 = 0
        for _ in 0..<count {
            end = end &+ (try reader.readVarint())
            guard end <= UInt64(UInt32.max) else { throw .countTooLarge(atByte: reader.position) }
            runs.ends.append(UInt32(end))
        }
        let bytes = try reader.readBytes(count: Int(end))
        if keepsBytes { runs.bytes = Array(bytes) }
        return runs
    }

    private static func nameStarts(_ pairs: Runs) -> [UInt32] {
        var starts: [UInt32] = []
        var before: Range<Int>?
        for number in pairs.ends.indices {
            let name = Self.part(pairs, number)?.name ?? 0..<0
            if let before,
                pairs.bytes.span.extracting(before).equals(pairs.bytes.span.extracting(name))
            {
                continue
            }
            starts.append(UInt32(number))
            before = name
        }
        return starts
    }

    private static func hashes(
        _ pairs: Runs, _ series: Runs, _ seed: UInt64
    ) throws(ByteFailure) -> [SeriesHash] {
        var pairHashes: [SeriesHash] = []
        pairHashes.reserveCapacity(pairs.ends.count)
        for number in pairs.ends.indices {
            pairHashes.append(
                SeriesHash(pair: pairs.bytes.span.extracting(pairs.range(number)), seed: seed))
        }
        var hashes: [SeriesHash] = []
        hashes.reserveCapacity(series.ends.count)
        for number in series.ends.indices {
            var hash = SeriesHash(seed: seed)
            try forEachPair(series, number, pairCount: pairs.ends.count) { pair in
                hash.add(pairHashes[pair])
            }
            hashes.append(hash)
        }
        return hashes
    }

    private static func forEachPair(
        _ series: Runs, _ number: Int, pairCount: Int, _ body: (Int) -> Void
    ) throws(ByteFailure) {
        let range = series.range(number)
        let bytes = series.bytes.span.extracting(range)
        var offset = 0
        var pair: Int64 = 0
        while offset < bytes.count {
            pair = pair &+ (try Varint.readZigzag(bytes, at: &offset))
            guard pair >= 0, pair < Int64(pairCount) else {
                throw .invalid(atByte: range.lowerBound)
            }
            body(Int(pair))
        }
    }

    private static func part(_ pairs: Runs, _ number: Int) -> LabelBytes.Part? {
        let range = pairs.range(number)
        var found: LabelBytes.Part?
        LabelBytes.forEach(pairs.bytes.span.extracting(range)) { part in
            func shifted(_ part: Range<Int>) -> Range<Int> {
                part.lowerBound + range.lowerBound..<part.upperBound + range.lowerBound
            }
            if found == nil {
                found = LabelBytes.Part(
                    whole: range, name: shifted(part.name), value: shifted(part.value))
            }
        }
        return found
    }

    // MARK: Series

    func hash(of series: Int) -> SeriesHash { hashes[series] }

    /// The labels of a series.
    func labels(of series: Int) -> Labels {
        let source = pairs
        var byteCount = 0
        // Every series was read once when the index was loaded.
        try? Self.forEachPair(seriesLabels, series, pairCount: pairs.ends.count) { pair in
            byteCount += source.range(pair).count
        }
        // Room behind the end makes the copies quick; it is cut off again.
        var bytes = Array(repeating: UInt8(0), count: byteCount + ByteCopy.slack)
        var target = bytes.mutableSpan
        var place = 0
        try? Self.forEachPair(seriesLabels, series, pairCount: pairs.ends.count) { pair in
            let range = source.range(pair)
            ByteCopy.copy(source.bytes.span, range, to: &target, at: place)
            place += range.count
        }
        bytes.removeLast(ByteCopy.slack)
        return Labels(canonical: bytes)
    }

    /// The numbers of a series' pairs, in the order of its labels.
    func pairs(of series: Int) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(24)
        try? Self.forEachPair(seriesLabels, series, pairCount: pairs.ends.count) { pair in
            result.append(UInt32(pair))
        }
        return result
    }

    /// The bytes of every pair, ascending.
    var pairKeys: [[UInt8]] {
        pairs.ends.indices.map { Array(pairs.bytes[pairs.range($0)]) }
    }

    /// Adds the chunks of a series, in the order of kind and time.
    func chunks(of series: Int, into entries: inout [ChunkEntry]) throws(ByteFailure) {
        let runs = seriesChunks
        let range = runs.range(series)
        let bytes = runs.bytes.span.extracting(range)
        var place = 0
        var offset = try Varint.read(bytes, at: &place)
        while place < bytes.count {
            let head = try Varint.read(bytes, at: &place)
            let least = baseTime &+ (try Varint.readZigzag(bytes, at: &place))
            let length = Int64(truncatingIfNeeded: try Varint.read(bytes, at: &place))
            let byteCount = try Varint.read(bytes, at: &place)
            guard let kind = ChunkEntry.Kind(rawValue: UInt8(head & 3)), length >= 0,
                head >> 2 <= UInt64(Limits.chunkReadCountMax), head >> 2 > 0,
                byteCount <= UInt64(UInt32.max), offset <= UInt64(Int64.max) - byteCount
            else { throw .invalid(atByte: range.lowerBound + place) }
            entries.append(
                ChunkEntry(
                    kind: kind, count: Int(head >> 2), minTime: least,
                    maxTime: least &+ length, offset: Int(offset), byteCount: Int(byteCount)))
            offset += byteCount
        }
    }

    // MARK: Matching

    var seriesCount: Int { seriesLabels.ends.count }

    var pairCount: Int { pairs.ends.count }

    var names: [[UInt8]] {
        nameStarts.compactMap { number in
            Self.part(pairs, Int(number)).map { Array(pairs.bytes[$0.name]) }
        }
    }

    /// A pair's value.
    func value(of pair: Int) -> [UInt8] {
        Self.part(pairs, pair).map { Array(pairs.bytes[$0.value]) } ?? []
    }

    /// A pair's name.
    func name(of pair: Int) -> [UInt8] {
        Self.part(pairs, pair).map { Array(pairs.bytes[$0.name]) } ?? []
    }

    func pair(name: [UInt8], value: [UInt8]) -> Int? {
        var key: [UInt8] = []
        Labels.append(name, to: &key)
        Labels.append(value, to: &key)
        var low = 0
        var high = pairs.ends.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(middle, key.span)
            if order == 0 { return middle }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Below 0 when a pair comes before the key.
    private func compare(_ number: Int, _ key: Span<UInt8>) -> Int {
        let runs = pairs
        let pair = runs.bytes.span.extracting(runs.range(number))
        for index in 0..<min(pair.count, key.count) where pair[index] != key[index] {
            return Int(pair[index]) - Int(key[index])
        }
        return pair.count - key.count
    }

    func forEachPair(name: [UInt8], _ body: (Int, Span<UInt8>) -> Void) {
        let runs = pairs
        for (place, start) in nameStarts.enumerated() {
            guard let part = Self.part(runs, Int(start)),
                runs.bytes.span.extracting(part.name).equals(name.span)
            else { continue }
            let end = place + 1 < nameStarts.count ? Int(nameStarts[place + 1]) : pairs.ends.count
            for number in Int(start)..<end {
                guard let part = Self.part(runs, number) else { continue }
                body(number, runs.bytes.span.extracting(part.value))
            }
            return
        }
    }

    func postingSize(of pair: Int) -> Int { postings.range(pair).count }

    func withValue(of name: [UInt8], in series: UInt32, _ body: (Span<UInt8>) -> Void) {
        let runs = pairs
        try? Self.forEachPair(seriesLabels, Int(series), pairCount: runs.ends.count) { pair in
            if let part = Self.part(runs, pair),
                runs.bytes.span.extracting(part.name).equals(name.span)
            {
                body(runs.bytes.span.extracting(part.value))
            }
        }
    }

    func addSeries(of pair: Int, to set: inout SeriesSet) {
        let runs = postings
        let bytes = runs.bytes.span.extracting(runs.range(pair))
        var offset = 0
        var series: UInt64 = 0
        while offset < bytes.count {
            guard let step = try? Varint.read(bytes, at: &offset) else { return }
            series = series &+ step
            guard series < UInt64(seriesCount) else { return }
            set.insert(UInt32(series))
        }
    }

    /// Whether any series has a pair.
    func isUsed(_ pair: Int) -> Bool { !postings.range(pair).isEmpty }
}
