/// Samples of a batch that a store did not take, by reason.
///
/// The others of the batch were taken.
package struct SampleRefusals: Sendable, Equatable {
    /// The series has another value at the time.
    package var conflicting = 0
    /// Older than the newest sample of all by more than the out-of-order window.
    package var tooOld = 0
    /// More than ten minutes ahead of the server's clock.
    package var tooFarAhead = 0
    /// Of a new series over a limit of series.
    package var overSeriesLimit = 0
    /// Of these, those over the limit of one metric, and of one target.
    package var overMetricLimit = 0
    package var overTargetLimit = 0
    /// What one of these series was too many for.
    package var culprit: SeriesCulprit?

    package init() {}

    package var count: Int { conflicting + tooOld + tooFarAhead + overSeriesLimit }

    /// For the sender; empty when everything was taken.
    package var message: String {
        var parts: [String] = []
        if conflicting > 0 {
            parts.append("\(conflicting) with another value than the stored one at the same time")
        }
        if tooOld > 0 { parts.append("\(tooOld) older than the out-of-order window") }
        if tooFarAhead > 0 { parts.append("\(tooFarAhead) more than 10 minutes ahead") }
        if overSeriesLimit > 0 {
            let reason = culprit?.message ?? "the limit of series"
            parts.append("\(overSeriesLimit) of new series over \(reason)")
        }
        return parts.joined(separator: ", ")
    }
}

/// Takes samples and says which it did not take.
package protocol ReportingSampleSink: SampleSink {
    /// As ``SampleSink/append(_:)``; a sample that is refused does not harm the others.
    ///
    /// A backfill may be of any age, past the out-of-order window.
    func write(
        _ batch: SampleBatch, isBackfill: Bool
    ) async throws(StoreFailure) -> SampleRefusals
}
