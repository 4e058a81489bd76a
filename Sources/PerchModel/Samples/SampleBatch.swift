/// What a metric is.
///
/// Source: OpenMetrics 1.0, "Metric Types".
package enum MetricType: UInt8, Sendable, CaseIterable {
    case unknown = 0
    case counter = 1
    case gauge = 2
    case histogram = 3
    case summary = 4
    case gaugeHistogram = 5
    case info = 6
    case stateSet = 7
}

/// What is known of a metric family.
package struct MetricMetadata: Sendable, Hashable {
    /// The family's name: for a classic histogram without `_bucket`, `_sum`, `_count`.
    package var family: String
    package var type: MetricType
    package var unit: String
    package var help: String

    package init(family: String, type: MetricType, unit: String, help: String) {
        self.family = family
        self.type = type
        self.unit = unit
        self.help = help
    }
}

/// A histogram sample of a batch or an answer.
package struct HistogramSample: Sendable, Hashable {
    /// Index into the batch's series.
    package var series: UInt32
    package var timeMillis: Int64
    package var histogram: NativeHistogram

    package init(series: UInt32, timeMillis: Int64, histogram: NativeHistogram) {
        self.series = series
        self.timeMillis = timeMillis
        self.histogram = histogram
    }
}

/// An example that stood behind a sample.
package struct Exemplar: Sendable, Hashable {
    /// Index into the batch's series.
    package var series: UInt32
    package var timeMillis: Int64
    package var value: Double
    /// Usually `trace_id` and `span_id`.
    package var labels: Labels

    package init(series: UInt32, timeMillis: Int64, value: Double, labels: Labels) {
        self.series = series
        self.timeMillis = timeMillis
        self.value = value
        self.labels = labels
    }
}

/// Samples of many series as columns: each series' labels once, then (series, time, value).
package struct SampleBatch: Sendable, Hashable {
    /// The canonical bytes (see ``Labels``) of all series, one after the other.
    package var seriesBytes: [UInt8] = []
    /// Where each series ends in `seriesBytes`.
    package var seriesEnds: [UInt32] = []
    /// One a sample: an index into the series of this batch.
    package var seriesIndexes: [UInt32] = []
    /// One a sample: milliseconds since 1970.
    package var times: [Int64] = []
    /// One a sample.
    ///
    /// A staleness marker is the NaN with ``staleMarkerBits``.
    package var values: [Double] = []
    package var histograms: [HistogramSample] = []
    package var exemplars: [Exemplar] = []
    package var metadata: [MetricMetadata] = []

    /// The bits of the NaN that says "this series ended" (Prometheus, model/value).
    package static let staleMarkerBits: UInt64 = 0x7ff0_0000_0000_0002

    package init() {}

    package var seriesCount: Int { seriesEnds.count }
    package var sampleCount: Int { times.count }

    /// Adds a series by its canonical bytes and answers its index.
    ///
    /// Does not look for an equal one.
    package mutating func addSeries(_ labels: Labels) -> UInt32 {
        seriesBytes.append(contentsOf: labels.bytes)
        seriesEnds.append(UInt32(seriesBytes.count))
        return UInt32(seriesEnds.count - 1)
    }

    /// Adds a sample of a series of this batch.
    package mutating func addSample(series: UInt32, timeMillis: Int64, value: Double) {
        seriesIndexes.append(series)
        times.append(timeMillis)
        values.append(value)
    }

    /// The range in `seriesBytes` of the series at `index`.
    package func seriesRange(at index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(seriesEnds[index - 1]))..<Int(seriesEnds[index])
    }

    /// The labels of the series at `index`, for the edges.
    package func labels(at index: Int) -> Labels {
        Labels(canonical: Array(seriesBytes[seriesRange(at: index)]))
    }
}
