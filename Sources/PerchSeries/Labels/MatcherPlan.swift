import PerchModel
import PerchRegex

/// The matchers of a query, compiled once for all indexes that it is asked of.
struct MatcherPlan: Sendable {
    struct Matcher: Sendable {
        let name: [UInt8]
        /// Asks for the opposite of what the value or pattern says.
        let isNegated: Bool
        /// The only values for which it holds, before `isNegated`; nil when there is a pattern.
        let values: [[UInt8]]?
        let pattern: Regex?
        /// Whether it holds for a series without the label, before `isNegated`.
        let holdsForEmpty: Bool

        /// Whether the value or pattern fits, before `isNegated`.
        func holds(_ value: Span<UInt8>) -> Bool {
            if let pattern { return pattern.matchesFully(value) }
            guard let values else { return false }
            for candidate in values where candidate.span.equals(value) { return true }
            return false
        }
    }

    let matchers: [Matcher]

    init(_ matchers: [LabelMatcher]) throws(StoreFailure) {
        var plan: [Matcher] = []
        for matcher in matchers { plan.append(try Self.compile(matcher)) }
        // What leaves few series comes first.
        self.matchers = plan.sorted { $0.rank < $1.rank }
    }

    private static func compile(_ matcher: LabelMatcher) throws(StoreFailure) -> Matcher {
        let name = Array(matcher.name.utf8)
        let isNegated = matcher.operation == .notEqual || matcher.operation == .notMatches
        switch matcher.operation {
        case .equal, .notEqual:
            return Matcher(
                name: name, isNegated: isNegated, values: [Array(matcher.value.utf8)],
                pattern: nil, holdsForEmpty: matcher.value.isEmpty)
        case .matches, .notMatches:
            let pattern: Regex
            do {
                pattern = try Regex(matcher.value)
            } catch {
                throw .failed("the matcher of \(matcher.name) is not valid: \(error)")
            }
            let values = pattern.exactValues.map { $0.map { Array($0.utf8) } }
            return Matcher(
                name: name, isNegated: isNegated, values: values,
                pattern: values == nil ? pattern : nil,
                holdsForEmpty: pattern.matchesFully(""))
        }
    }

    /// The series of an index for which all matchers hold.
    func series(of index: some LabelIndex) -> SeriesSet {
        var result: SeriesSet?
        for matcher in inOrder(for: index) {
            if let candidates = result?.few(Limits.checkedSeriesMax) {
                // Fast path: to look at what a few series have is less than to find all others.
                result = matcher.filter(candidates, of: index)
                if result?.isEmpty == true { break }
                continue
            }
            let found = matcher.selection(of: index)
            // Only series with the label are in `found`.
            if matcher.isNegated == matcher.holdsForEmpty {
                if result == nil { result = found } else { result?.formIntersection(found) }
            } else {
                if result == nil { result = SeriesSet(all: index.seriesCount) }
                result?.subtract(found)
            }
            if result?.isEmpty == true { break }
        }
        return result ?? SeriesSet(all: index.seriesCount)
    }

    /// Whether all matchers, which ask for one label, hold for a value of it.
    func holds(forValue value: Span<UInt8>) -> Bool {
        matchers.allSatisfy { $0.holds(value) != $0.isNegated }
    }

    /// The matchers, those first that leave few series of an index.
    private func inOrder(for index: some LabelIndex) -> [Matcher] {
        // Fast path: a name alone, which most queries have.
        guard matchers.count > 1, matchers[1].rank == 0 else { return matchers }
        return matchers.map { (matcher: $0, size: $0.selectionSize(of: index)) }
            .sorted { ($0.matcher.rank, $0.size) < ($1.matcher.rank, $1.size) }
            .map(\.matcher)
    }

    /// Whether all matchers hold for the labels of one series.
    func matches(_ labels: Span<UInt8>) -> Bool {
        for matcher in matchers {
            var holds = matcher.holdsForEmpty
            LabelBytes.forEach(labels) { part in
                if labels.extracting(part.name).equals(matcher.name.span) {
                    holds = matcher.holds(labels.extracting(part.value))
                }
            }
            if holds == matcher.isNegated { return false }
        }
        return true
    }
}

extension MatcherPlan.Matcher {
    fileprivate var rank: Int {
        if isNegated != holdsForEmpty { return 2 }
        return values == nil ? 1 : 0
    }

    /// Of a matcher of values about how much there is to read for its series.
    fileprivate func selectionSize(of index: some LabelIndex) -> Int {
        guard rank == 0, let values else { return .max }
        return values.reduce(0) { size, value in
            size + (index.pair(name: name, value: value).map { index.postingSize(of: $0) } ?? 0)
        }
    }

    /// Those of some series for which it holds.
    fileprivate func filter(_ candidates: [UInt32], of index: some LabelIndex) -> SeriesSet {
        var kept = SeriesSet(count: index.seriesCount)
        for series in candidates {
            var holds = holdsForEmpty
            index.withValue(of: name, in: series) { holds = self.holds($0) }
            if holds != isNegated { kept.insert(series) }
        }
        return kept
    }

    /// The series with a value of which it says another thing than of an absent label.
    fileprivate func selection(of index: some LabelIndex) -> SeriesSet {
        var found = SeriesSet(count: index.seriesCount)
        if let values, !holdsForEmpty {
            for value in values {
                if let pair = index.pair(name: name, value: value) {
                    index.addSeries(of: pair, to: &found)
                }
            }
            return found
        }
        index.forEachPair(name: name) { pair, value in
            if holds(value) != holdsForEmpty { index.addSeries(of: pair, to: &found) }
        }
        return found
    }
}

/// What can be asked for series by their labels.
///
/// A pair is a label's name and value under a number.
protocol LabelIndex {
    var seriesCount: Int { get }

    /// The number of a pair, or nil when no series has it.
    func pair(name: [UInt8], value: [UInt8]) -> Int?

    /// Calls `body` with each pair of a name, and its value.
    func forEachPair(name: [UInt8], _ body: (Int, Span<UInt8>) -> Void)

    /// About how much there is to read for the series that have a pair.
    func postingSize(of pair: Int) -> Int

    /// Calls `body` with the value that a series has for a label, if it has one.
    func withValue(of name: [UInt8], in series: UInt32, _ body: (Span<UInt8>) -> Void)

    /// Adds the series that have a pair.
    func addSeries(of pair: Int, to set: inout SeriesSet)

    /// The names of all labels.
    var names: [[UInt8]] { get }
}

extension Span<UInt8> {
    /// Whether the bytes are the same.
    func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
