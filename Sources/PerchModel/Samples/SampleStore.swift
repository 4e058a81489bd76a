/// A condition on one label.
///
/// An absent label has the empty value.
package struct LabelMatcher: Sendable, Hashable {
    /// How the label's value is compared.
    package enum Operation: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        /// The whole value is matched by a regular expression.
        case matches = "=~"
        case notMatches = "!~"
    }

    package var name: String
    package var operation: Operation
    package var value: String

    package init(_ name: String, _ operation: Operation = .equal, _ value: String) {
        self.name = name
        self.operation = operation
        self.value = value
    }

    /// Whether a series with these labels fits.
    ///
    /// A source compiles the patterns: `matchesPattern` says whether the whole of a value is
    /// matched by the pattern in `value`.
    package func matches(
        _ labels: Labels, matchesPattern: (String) -> Bool = { _ in false }
    ) -> Bool {
        let found = labels[name] ?? ""
        return switch operation {
        case .equal: found == value
        case .notEqual: found != value
        case .matches: matchesPattern(found)
        case .notMatches: !matchesPattern(found)
        }
    }
}

/// A question to a ``SampleSource``.
package struct SampleQuery: Sendable, Hashable {
    /// All must hold.
    package var matchers: [LabelMatcher]
    /// Inclusive at both ends, milliseconds since 1970.
    package var times: ClosedRange<Int64>
    /// At most so many series; nil for all.
    package var seriesLimit: Int?
    /// Whether samples are wanted, or only which series exist in the range.
    package var labelsOnly = false

    package init(matchers: [LabelMatcher], times: ClosedRange<Int64>) {
        self.matchers = matchers
        self.times = times
    }
}

/// One series of an answer, as columns, times ascending and unique.
package struct SeriesChunk: Sendable, Hashable {
    package var labels: Labels
    package var times: [Int64] = []
    package var values: [Double] = []
    /// When the counter of each sample began to count, 0 where that is not known; empty when no
    /// sample has one.
    package var startTimes: [Int64] = []
    /// Histogram samples of the series, times ascending; `series` is 0.
    package var histograms: [HistogramSample] = []
    /// The same as `startTimes`, for the histograms.
    package var histogramStartTimes: [Int64] = []
    /// Exemplars of the series, times ascending; `series` is 0.
    package var exemplars: [Exemplar] = []

    package init(labels: Labels) {
        self.labels = labels
    }
}

/// Takes samples.
///
/// Safe to call from any task.
package protocol SampleSink: Sendable {
    /// Makes the batch durable, then visible. When it returns, the batch survives power loss;
    /// when it throws, the batch is not visible and need not be on disk.
    func append(_ batch: SampleBatch) async throws(StoreFailure)
}

/// Gives samples.
///
/// Safe to call from any task.
package protocol SampleSource: Sendable {
    /// Opens a snapshot: what was visible at the call, and nothing that comes later.
    func read(_ query: SampleQuery) -> any SampleCursor

    /// Everything known of metric families, sorted by name.
    func metadata() async throws(StoreFailure) -> [MetricMetadata]
}

/// The answer to a query, series by series in the order of their canonical bytes.
package protocol SampleCursor: Sendable {
    /// The next series with data in the range, or nil at the end.
    ///
    /// Checks for cancellation at least once a series and throws ``StoreFailure/cancelled``.
    mutating func next() async throws(StoreFailure) -> SeriesChunk?

    /// How many series it may have, for a cursor that can go to any of them; nil for others.
    ///
    /// Copies of such a cursor may be read at the same time.
    mutating func rowCount() async throws(StoreFailure) -> Int?

    /// Goes to some of the series by their places; `next` ends behind them.
    mutating func restrict(to rows: Range<Int>)
}

extension SampleCursor {
    package mutating func rowCount() async throws(StoreFailure) -> Int? { nil }

    package mutating func restrict(to rows: Range<Int>) {}
}

extension SampleSource {
    /// All series of a query, for answers known to be small.
    package func all(_ query: SampleQuery) async throws(StoreFailure) -> [SeriesChunk] {
        var cursor = read(query)
        var chunks: [SeriesChunk] = []
        while let chunk = try await cursor.next() { chunks.append(chunk) }
        return chunks
    }
}
