import PerchBytes
import PerchModel

/// The state of a ``HeadIndex``.
struct HeadSeries: Sendable, LabelIndex {
    private struct GrownLabel {
        var metric: UInt32
        var seriesCount: Int
        var label: String
        var valueCount: Int
    }

    /// Stands for a series that was not taken.
    static let noRef = UInt32.max

    private var series: ByteTable
    private var pairs: ByteTable
    private var pairHashes: [SeriesHash] = []
    private var nameTable: ByteTable
    /// Of each name its pairs, in the order of their coming.
    private var pairsOfName: [[UInt32]] = []
    /// Of each pair the series that have it, ascending.
    private var postings: [[UInt32]] = []
    /// Of each series the numbers of its pairs, one after the other.
    private var seriesPairs: [UInt32] = []
    private var seriesPairEnds: [UInt32] = []
    private var hashes: [SeriesHash] = []
    /// The refs in the order of the label bytes, and of each ref its place there.
    ///
    /// Series that came later than the last sort are in neither.
    private var sorted: [UInt32] = []
    private var places: [UInt32] = []
    /// What was found of the metric that was refused last; a metric at its limit stays as it is.
    private var grown: GrownLabel?
    /// For new series.
    ///
    /// None until they are set: a start must keep what it finds.
    var bounds: SeriesBounds?
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        series = ByteTable(seed: seed)
        pairs = ByteTable(seed: seed)
        nameTable = ByteTable(seed: seed)
    }

    var count: Int { series.count }

    func labels(of ref: UInt32) -> Labels { Labels(canonical: series.keys[Int(ref)]) }

    func hash(of ref: UInt32) -> SeriesHash { hashes[Int(ref)] }

    /// The ref of the series whose canonical bytes are `bytes[range]`; nil when it would be a new
    /// one over the limit.
    ///
    /// `last` is the ref resolved before in the same batch.
    mutating func resolve(
        _ bytes: Span<UInt8>, _ range: Range<Int>, after last: inout UInt32?
    ) -> UInt32? {
        // Of a series that is known, nothing more is asked.
        if let known = series.intern(bytes, range, after: &last, countMax: 0) {
            return known.number
        }
        guard boundPassed(bytes.extracting(range)) == nil,
            let found = series.intern(
                bytes, range, after: &last, countMax: Int(Self.noRef) - 1)
        else { return nil }
        addLabels(bytes.extracting(range), found.number)
        return found.number
    }

    // MARK: Bounds

    /// The bound that a new series with these labels would be over, or nil.
    func boundPassed(_ labels: Span<UInt8>) -> SeriesCulprit.Limit? {
        guard let bounds else { return nil }
        if count >= bounds.totalMax { return .total }
        guard bounds.metricMax != nil || bounds.targetMax != nil else { return nil }
        var passed: SeriesCulprit.Limit?
        LabelBytes.forEach(labels) { part in
            let (bound, limit): (Int?, SeriesCulprit.Limit) =
                if isName(labels, part, Self.metricName) {
                    (bounds.metricMax, .metric)
                } else if isName(labels, part, Self.targetName) {
                    (bounds.targetMax, .target)
                } else {
                    (nil, .total)
                }
            guard passed == nil, let bound, seriesCount(labels, part) >= bound else { return }
            passed = limit
        }
        return passed
    }

    /// What there is to tell of a series that was refused.
    mutating func culprit(
        _ labels: Span<UInt8>, _ limit: SeriesCulprit.Limit
    ) -> SeriesCulprit {
        let countMax =
            switch limit {
            case .total: bounds?.totalMax
            case .metric: bounds?.metricMax
            case .target: bounds?.targetMax
            }
        var culprit = SeriesCulprit(limit: limit, countMax: countMax ?? 0)
        var metric: UInt32?
        LabelBytes.forEach(labels) { part in
            let value = String(decoding: Array(copying: labels, part.value), as: UTF8.self)
            if isName(labels, part, Self.targetName) { culprit.target = value }
            guard isName(labels, part, Self.metricName) else { return }
            culprit.metric = value
            culprit.metricCount = seriesCount(labels, part)
            metric = pairs.find(labels, part.whole)
        }
        guard let metric else { return culprit }
        let count = postings[Int(metric)].count
        if grown?.metric != metric || grown?.seriesCount != count { grown = grownLabel(of: metric) }
        culprit.label = grown?.label ?? ""
        culprit.valueCount = grown?.valueCount ?? 0
        culprit.isAtLeast = count > Limits.culpritSeriesMax
        return culprit
    }

    /// The label of a metric that has the most values among its series, the newest of them.
    private func grownLabel(of metric: UInt32) -> GrownLabel {
        let refs = postings[Int(metric)]
        var isSeen = SeriesSet(count: pairs.count)
        for ref in refs.suffix(Limits.culpritSeriesMax) {
            for pair in pairs(of: ref) where pair != metric { isSeen.insert(pair) }
        }
        var valueCounts = [Int](repeating: 0, count: nameTable.count)
        for pair in isSeen.numbers {
            let key = pairs.keys[Int(pair)]
            LabelBytes.forEach(key.span) { part in
                guard let name = nameTable.find(key.span, part.name) else { return }
                valueCounts[Int(name)] += 1
            }
        }
        var result = GrownLabel(metric: metric, seriesCount: refs.count, label: "", valueCount: 0)
        for (name, count) in valueCounts.enumerated() where count > result.valueCount {
            result.label = String(decoding: nameTable.keys[name], as: UTF8.self)
            result.valueCount = count
        }
        return result
    }

    /// How many series have a label that may be a new one.
    private func seriesCount(_ labels: Span<UInt8>, _ part: LabelBytes.Part) -> Int {
        pairs.find(labels, part.whole).map { postings[Int($0)].count } ?? 0
    }

    private func isName(_ labels: Span<UInt8>, _ part: LabelBytes.Part, _ name: [UInt8]) -> Bool {
        ByteCopy.equal(labels, part.name, name.span, 0..<name.count)
    }

    private static let metricName = Array("__name__".utf8)
    private static let targetName = Array("instance".utf8)

    private mutating func addLabels(_ labels: Span<UInt8>, _ ref: UInt32) {
        var hash = SeriesHash(seed: seed)
        var parts: [LabelBytes.Part] = []
        LabelBytes.forEach(labels) { parts.append($0) }
        var last: UInt32?
        for part in parts {
            guard
                let pair = pairs.intern(
                    labels, part.whole, after: &last, countMax: Int(UInt32.max) - 1)
            else { break }
            if pair.isNew {
                addPair(labels, part, pair.number)
            }
            postings[Int(pair.number)].append(ref)
            seriesPairs.append(pair.number)
            hash.add(pairHashes[Int(pair.number)])
        }
        seriesPairEnds.append(UInt32(seriesPairs.count))
        hashes.append(hash)
    }

    private mutating func addPair(
        _ labels: Span<UInt8>, _ part: LabelBytes.Part, _ number: UInt32
    ) {
        postings.append([])
        pairHashes.append(SeriesHash(pair: labels.extracting(part.whole), seed: seed))
        var last: UInt32?
        guard
            let name = nameTable.intern(
                labels, part.name, after: &last, countMax: Int(UInt32.max) - 1)
        else { return }
        if name.isNew { pairsOfName.append([]) }
        pairsOfName[Int(name.number)].append(number)
    }

    // MARK: Matching

    var seriesCount: Int { count }

    var names: [[UInt8]] { nameTable.keys }

    func pair(name: [UInt8], value: [UInt8]) -> Int? {
        var bytes: [UInt8] = []
        Labels.append(name, to: &bytes)
        Labels.append(value, to: &bytes)
        return pairs.find(bytes.span, 0..<bytes.count).map { Int($0) }
    }

    func forEachPair(name: [UInt8], _ body: (Int, Span<UInt8>) -> Void) {
        guard let number = nameTable.find(name.span, 0..<name.count) else { return }
        for pair in pairsOfName[Int(number)] {
            let key = pairs.keys[Int(pair)]
            LabelBytes.forEach(key.span) { part in
                body(Int(pair), key.span.extracting(part.value))
            }
        }
    }

    func postingSize(of pair: Int) -> Int { postings[pair].count }

    func withValue(of name: [UInt8], in ref: UInt32, _ body: (Span<UInt8>) -> Void) {
        for pair in pairs(of: ref) {
            let key = pairs.keys[Int(pair)]
            LabelBytes.forEach(key.span) { part in
                if key.span.extracting(part.name).equals(name.span) {
                    body(key.span.extracting(part.value))
                }
            }
        }
    }

    func addSeries(of pair: Int, to set: inout SeriesSet) {
        for ref in postings[pair] { set.insert(ref) }
    }

    /// How many series have a pair.
    func seriesCount(of pair: Int) -> Int { postings[pair].count }

    // MARK: Order

    /// All pairs by number, and the numbers of a series' pairs: for a segment's tables.
    var pairKeys: [[UInt8]] { pairs.keys }

    func pairs(of ref: UInt32) -> ArraySlice<UInt32> {
        let start = ref == 0 ? 0 : Int(seriesPairEnds[Int(ref) - 1])
        return seriesPairs[start..<Int(seriesPairEnds[Int(ref)])]
    }

    /// Refs in the order of their label bytes.
    mutating func inOrder(_ refs: [UInt32]) -> [UInt32] {
        sortIfManyCame()
        var known: [UInt32] = []
        var fresh: [UInt32] = []
        known.reserveCapacity(refs.count)
        for ref in refs {
            if Int(ref) < places.count { known.append(places[Int(ref)]) } else { fresh.append(ref) }
        }
        if known.count > sorted.count / 8 {
            // Fast path: of many, walk all places rather than sort.
            var isWanted = SeriesSet(count: sorted.count)
            for place in known { isWanted.insert(place) }
            known = isWanted.numbers
        } else {
            known.sort()
        }
        for index in known.indices { known[index] = sorted[Int(known[index])] }
        guard !fresh.isEmpty else { return known }
        fresh.sort { precedes($0, $1) }
        var result: [UInt32] = []
        result.reserveCapacity(refs.count)
        var next = 0
        for ref in known {
            while next < fresh.count, precedes(fresh[next], ref) {
                result.append(fresh[next])
                next += 1
            }
            result.append(ref)
        }
        result.append(contentsOf: fresh[next...])
        return result
    }

    private func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        LabelBytes.precedes(series.keys[Int(left)], series.keys[Int(right)])
    }

    /// All refs, in the order of their label bytes as of the last sort.
    var refsInOrder: [UInt32] { sorted }

    private mutating func sortIfManyCame() {
        if count - sorted.count > sorted.count / 8 + 64 { sortNow() }
    }

    /// Puts all series in order.
    mutating func sortNow() {
        guard count > sorted.count else { return }
        // Pairs cannot be prefixes of each other, so the order of series by their bytes is that
        // by the places of their pairs: few pairs are compared byte by byte, and series by number.
        let pairOrder = pairs.keys.indices.sorted {
            LabelBytes.precedes(pairs.keys[$0], pairs.keys[$1])
        }
        var pairPlaces = Array(repeating: UInt32(0), count: pairOrder.count)
        for (place, pair) in pairOrder.enumerated() { pairPlaces[pair] = UInt32(place) }
        let ranks = seriesPairs.map { pairPlaces[Int($0)] }
        let ends = seriesPairEnds
        sorted = (0..<UInt32(count)).sorted { left, right in
            let leftEnd = Int(ends[Int(left)])
            let rightEnd = Int(ends[Int(right)])
            var leftPlace = left == 0 ? 0 : Int(ends[Int(left) - 1])
            var rightPlace = right == 0 ? 0 : Int(ends[Int(right) - 1])
            while leftPlace < leftEnd, rightPlace < rightEnd {
                let (one, other) = (ranks[leftPlace], ranks[rightPlace])
                if one != other { return one < other }
                leftPlace += 1
                rightPlace += 1
            }
            return leftPlace == leftEnd && rightPlace < rightEnd
        }
        places = Array(repeating: 0, count: sorted.count)
        for (place, ref) in sorted.enumerated() { places[Int(ref)] = UInt32(place) }
    }
}
