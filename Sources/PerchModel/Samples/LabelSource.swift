/// Says which labels there are, without samples.
///
/// Safe to call from any task.
package protocol LabelSource: Sendable {
    /// The names of labels of the series that match and may have samples in the range, sorted by
    /// their bytes; at most `limit` of them.
    func labelNames(
        _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String]

    /// The values of one label of those series, sorted by their bytes; at most `limit` of them.
    func labelValues(
        _ name: String, _ matchers: [LabelMatcher], times: ClosedRange<Int64>, limit: Int?
    ) async throws(StoreFailure) -> [String]

    /// What makes most of the series that are written to now; at most `limit` rows of each kind.
    func cardinality(limit: Int) async -> Cardinality
}

/// How many series there are, and what makes most of them.
package struct Cardinality: Sendable, Equatable {
    /// One row: a metric, a label's name, or `name=value`.
    package struct Row: Sendable, Equatable {
        package var name: String
        package var count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    package var seriesCount = 0
    /// Different pairs of a label and a value.
    package var pairCount = 0
    /// Pieces of memory that hold samples.
    package var chunkCount = 0
    /// Time of the oldest and newest sample that is not in a segment; nil without one.
    package var times: ClosedRange<Int64>?
    /// Metrics by their series.
    package var seriesByMetric: [Row] = []
    /// Labels by their different values.
    package var valuesByLabel: [Row] = []
    /// Pairs as `name=value` by the series that have them.
    package var seriesByPair: [Row] = []
    /// Labels by the bytes of their different values.
    package var bytesByLabel: [Row] = []

    package init() {}
}
