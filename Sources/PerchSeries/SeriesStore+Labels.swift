package import PerchModel

extension SeriesStore: LabelSource {
    package func labelNames(
        _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String] {
        let plan = try MatcherPlan(matchers)
        var names: Set<[UInt8]> = []
        try forEachIndex(times) { index throws(StoreFailure) in
            if matchers.isEmpty {
                names.formUnion(index.names.filter { index.isAnyUsed($0) })
                return
            }
            var pairs = SeriesSet(count: index.pairCount)
            for series in plan.series(of: index).numbers {
                for pair in index.pairNumbers(of: series) { pairs.insert(pair) }
            }
            for pair in pairs.numbers { names.insert(index.pairText(Int(pair)).name) }
        }
        return Self.sorted(names, limit)
    }

    package func labelValues(
        _ name: String, _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String] {
        let plan = try MatcherPlan(matchers)
        // Fast path: such matchers need not look at series.
        let asksValueOnly = matchers.allSatisfy { $0.name == name }
        let name = Array(name.utf8)
        var values: Set<[UInt8]> = []
        try forEachIndex(times) { index throws(StoreFailure) in
            var pairs = SeriesSet(count: index.pairCount)
            index.forEachPair(name: name) { pair, value in
                if index.isUsed(pair), !asksValueOnly || plan.holds(forValue: value) {
                    pairs.insert(UInt32(pair))
                }
            }
            if !asksValueOnly {
                let wanted = plan.series(of: index)
                pairs = pairs.isFew ? index.used(pairs, by: wanted) : index.pairs(pairs, of: wanted)
            }
            for pair in pairs.numbers { values.insert(index.pairText(Int(pair)).value) }
        }
        return Self.sorted(values, limit)
    }

    private static func sorted(_ texts: Set<[UInt8]>, _ limit: Int?) -> [String] {
        let sorted = texts.sorted { LabelBytes.precedes($0, $1) }
        return sorted.prefix(max(0, limit ?? .max)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the index of each source that overlaps the range.
    private func forEachIndex(
        _ times: ClosedRange<Int64>, _ body: (any PairedIndex) throws(StoreFailure) -> Void
    ) throws(StoreFailure) {
        let view = head.view
        for segment in view.segments
        where segment.header.minTime <= times.upperBound
            && segment.header.maxTime >= times.lowerBound
        {
            guard !Task.isCancelled else { throw .cancelled }
            try body(try segment.index())
        }
        var seen: [HeadIndex] = []
        for memtable in [view.active] + view.frozen where memtable.summary.overlaps(times) {
            guard !seen.contains(where: { $0 === memtable.index }) else { continue }
            seen.append(memtable.index)
            // Arrays are shared with the index until it changes: nobody waits for this.
            let series = try memtable.index.withSeries { series throws(StoreFailure) in series }
            try body(series)
        }
    }

    package func cardinality(limit: Int) async -> Cardinality {
        let view = head.view
        var result = Cardinality()
        guard
            let series = try? view.active.index.withSeries({ series throws(StoreFailure) in
                series
            })
        else { return result }
        result.seriesCount = series.count
        result.pairCount = series.pairCount
        let summaries = (view.frozen + [view.active]).map(\.summary)
        result.chunkCount = summaries.reduce(0) { $0 + $1.byteCount } / Limits.slotByteCount
        let low = summaries.map(\.minTime).min() ?? .max
        let high = summaries.map(\.maxTime).max() ?? .min
        if low <= high { result.times = low...high }
        var byPair: [Cardinality.Row] = []
        for name in series.names {
            let text = String(decoding: name, as: UTF8.self)
            var (count, byteCount) = (0, 0)
            series.forEachPair(name: name) { pair, value in
                count += 1
                byteCount += value.count
                let seriesCount = series.seriesCount(of: pair)
                let value = String(decoding: series.pairText(pair).value, as: UTF8.self)
                if text == "__name__" {
                    result.seriesByMetric.append(.init(name: value, count: seriesCount))
                }
                byPair.append(.init(name: "\(text)=\(value)", count: seriesCount))
            }
            result.valuesByLabel.append(.init(name: text, count: count))
            result.bytesByLabel.append(.init(name: text, count: byteCount))
        }
        result.seriesByMetric.keepMost(limit)
        result.seriesByPair = byPair
        result.seriesByPair.keepMost(limit)
        result.valuesByLabel.keepMost(limit)
        result.bytesByLabel.keepMost(limit)
        return result
    }
}

extension [Cardinality.Row] {
    /// The greatest counts, by name where they are equal.
    fileprivate mutating func keepMost(_ limit: Int) {
        sort { ($1.count, $0.name) < ($0.count, $1.name) }
        removeLast(Swift.max(0, count - Swift.max(0, limit)))
    }
}

/// An index whose series and pairs can be listed.
protocol PairedIndex: LabelIndex {
    var pairCount: Int { get }
    func pairNumbers(of series: UInt32) -> [UInt32]
    func pairText(_ pair: Int) -> (name: [UInt8], value: [UInt8])
    /// Whether any series has the pair.
    func isUsed(_ pair: Int) -> Bool
}

extension PairedIndex {
    /// Whether any series has the label.
    fileprivate func isAnyUsed(_ name: [UInt8]) -> Bool {
        var found = false
        forEachPair(name: name) { pair, _ in
            if !found { found = isUsed(pair) }
        }
        return found
    }
}

extension SeriesSet {
    /// Whether it is cheaper to look at what each member has than to look for members.
    fileprivate var isFew: Bool { words.reduce(0) { $0 + $1.nonzeroBitCount } <= 64 }
}

extension PairedIndex {
    /// Those of `pairs` that one of some series has: pair by pair.
    fileprivate func used(_ pairs: SeriesSet, by wanted: SeriesSet) -> SeriesSet {
        var found = SeriesSet(count: pairCount)
        for pair in pairs.numbers {
            var series = SeriesSet(count: seriesCount)
            addSeries(of: Int(pair), to: &series)
            series.formIntersection(wanted)
            if !series.isEmpty { found.insert(pair) }
        }
        return found
    }

    /// The same, series by series.
    fileprivate func pairs(_ pairs: SeriesSet, of wanted: SeriesSet) -> SeriesSet {
        var found = SeriesSet(count: pairCount)
        for series in wanted.numbers {
            for pair in pairNumbers(of: series) where pairs.contains(Int(pair)) {
                found.insert(pair)
            }
        }
        return found
    }
}

extension SegmentIndex: PairedIndex {
    func pairNumbers(of series: UInt32) -> [UInt32] { pairs(of: Int(series)) }

    func pairText(_ pair: Int) -> (name: [UInt8], value: [UInt8]) {
        (name(of: pair), value(of: pair))
    }
}

extension HeadSeries: PairedIndex {
    var pairCount: Int { pairKeys.count }

    func pairNumbers(of series: UInt32) -> [UInt32] { Array(pairs(of: series)) }

    func pairText(_ pair: Int) -> (name: [UInt8], value: [UInt8]) {
        let key = pairKeys[pair]
        var text: (name: [UInt8], value: [UInt8]) = ([], [])
        LabelBytes.forEach(key.span) { part in
            text = (Array(key[part.name]), Array(key[part.value]))
        }
        return text
    }

    func isUsed(_ pair: Int) -> Bool { seriesCount(of: pair) > 0 }
}
