/// How many series may be written to at a time.
///
/// They hold for new series only: what a start finds is kept.
package struct SeriesBounds: Sendable, Equatable {
    package var totalMax = 2_000_000
    /// Of one metric; nil for no limit.
    package var metricMax: Int?
    /// Of one value of the label `instance`; nil for no limit.
    package var targetMax: Int?

    package init() {}
}
