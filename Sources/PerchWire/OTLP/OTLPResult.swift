package import PerchModel

/// What a request of events held, and what of it could not be taken.
package struct OTLPResult: Sendable {
    /// The records that were taken.
    package var batch: EventBatch
    /// How many records were refused, for the partial success of the answer.
    package var rejectedCount: Int
    /// Why, for people; empty when nothing was refused.
    package var rejectedMessage: String

    package init(batch: EventBatch, rejectedCount: Int = 0, rejectedMessage: String = "") {
        self.batch = batch
        self.rejectedCount = rejectedCount
        self.rejectedMessage = rejectedMessage
    }
}

/// What a request of metrics held, and what of it could not be taken.
package struct OTLPMetricsResult: Sendable {
    /// The samples that were taken.
    ///
    /// Each series stands in it once.
    package var batch: SampleBatch
    /// How many data points the request held, refused ones included.
    package var pointCount: Int
    /// How many data points were refused, for the partial success of the answer.
    package var rejectedCount: Int
    /// Why, for people; empty when nothing was refused.
    package var rejectedMessage: String
    /// The series of `batch` whose values are increments since the point before, and the time in
    /// milliseconds since 1970 from which the first of them counts (0 when the sender gave none).
    ///
    /// Their samples and histograms are as sent. Whoever stores them adds them up first; gauges,
    /// and the series of cumulative metrics, are never here.
    package var deltaSeries: [UInt32: Int64]

    package init() {
        batch = SampleBatch()
        pointCount = 0
        rejectedCount = 0
        rejectedMessage = ""
        deltaSeries = [:]
    }
}
