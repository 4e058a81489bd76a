import PerchModel

/// The known series by number ("ref"), and which of them have a label.
struct SeriesIndex: Sendable {
    private var series: ByteTable
    private var pairs: ByteTable
    /// The series that have a pair, ascending.
    private var postings: [[UInt32]] = []
    private let countMax: Int

    init(countMax: Int, seed: UInt64) {
        self.countMax = countMax
        series = ByteTable(seed: seed)
        pairs = ByteTable(seed: seed)
    }

    var count: Int { series.count }

    func labels(of ref: UInt32) -> Labels { Labels(canonical: series.keys[Int(ref)]) }

    /// The ref of the series whose canonical bytes are `bytes[range]`; nil when it would be a new
    /// one over the limit.
    ///
    /// `last` is the ref resolved before in the same batch.
    mutating func resolve(
        _ bytes: Span<UInt8>, _ range: Range<Int>, after last: inout UInt32?
    ) -> UInt32? {
        guard let found = series.intern(bytes, range, after: &last, countMax: countMax) else {
            return nil
        }
        if found.isNew { addPostings(bytes.extracting(range), found.number) }
        return found.number
    }

    private mutating func addPostings(_ labels: Span<UInt8>, _ ref: UInt32) {
        var parts: [Range<Int>] = []
        LabelBytes.forEach(labels) { parts.append($0.whole) }
        var last: UInt32?
        for part in parts {
            guard let pair = pairs.intern(labels, part, after: &last, countMax: Int(UInt32.max) - 1)
            else { return }
            if pair.isNew { postings.append([]) }
            postings[Int(pair.number)].append(ref)
        }
    }

    /// The series for which all matchers hold, ascending.
    func matching(_ matchers: [LabelMatcher]) -> [UInt32] {
        var lists: [[UInt32]] = []
        var others: [LabelMatcher] = []
        for matcher in matchers {
            guard matcher.operation == .equal, !matcher.value.isEmpty else {
                others.append(matcher)
                continue
            }
            var pair: [UInt8] = []
            Labels.append(matcher.name.utf8, to: &pair)
            Labels.append(matcher.value.utf8, to: &pair)
            guard let number = pairs.find(pair.span, 0..<pair.count) else { return [] }
            lists.append(postings[Int(number)])
        }
        lists.sort { $0.count < $1.count }
        var refs = lists.first ?? (0..<UInt32(series.count)).map { $0 }
        for list in lists.dropFirst() { refs = Self.intersection(refs, list) }
        guard !others.isEmpty else { return refs }
        return refs.filter { LabelBytes.match(series.keys[Int($0)], others) }
    }

    private static func intersection(_ left: [UInt32], _ right: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var index = 0
        for value in left {
            while index < right.count, right[index] < value { index += 1 }
            guard index < right.count else { break }
            if right[index] == value { result.append(value) }
        }
        return result
    }
}
