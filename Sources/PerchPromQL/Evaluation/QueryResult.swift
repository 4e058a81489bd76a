package import PerchModel

/// The answer to a query.
package struct QueryResult: Sendable {
    package var value: QueryValue
    package var annotations: Annotations
    package var samples = SampleCounts()

    /// What the query looked at.
    package struct SampleCounts: Sendable {
        /// Samples that were read, and the most that were held at once.
        package var read = 0
        package var peak = 0
    }
}

/// What a query is worth.
package enum QueryValue: Sendable {
    /// A number and when it holds.
    case scalar(Double, timeMillis: Int64)
    case string(String, timeMillis: Int64)
    case vector([VectorSample])
    /// Sorted by labels.
    case matrix([MatrixSeries])

    package var type: ValueType {
        switch self {
        case .scalar: .scalar
        case .string: .string
        case .vector: .vector
        case .matrix: .matrix
        }
    }
}

/// One series of an instant vector.
package struct VectorSample: Sendable {
    package var labels: Labels
    package var timeMillis: Int64
    /// Counts unless there is a histogram.
    package var value: Double
    package var histogram: NativeHistogram?
}

/// One series over time, as columns, times ascending.
package struct MatrixSeries: Sendable {
    package var labels: Labels
    package var times: [Int64] = []
    package var values: [Double] = []
    package var histogramTimes: [Int64] = []
    package var histograms: [NativeHistogram] = []

    package init(labels: Labels) { self.labels = labels }

    init(_ series: StepSeries, _ grid: StepGrid) {
        labels = series.labels
        times.reserveCapacity(grid.count)
        values.reserveCapacity(grid.count)
        for step in 0..<grid.count {
            if series.hasFloat(step) {
                times.append(grid.time(step))
                values.append(series.values[step])
            } else if let histogram = series.histogram(step) {
                histogramTimes.append(grid.time(step))
                histograms.append(histogram)
            }
        }
    }

    init(_ series: WindowSeries) {
        labels = series.labels
        times = series.times
        values = series.values
        histogramTimes = series.histogramTimes
        histograms = series.histograms
    }
}
