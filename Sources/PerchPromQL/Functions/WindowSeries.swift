import PerchModel

/// The samples of one series, over which a window moves; marks of a series' end are left out.
struct WindowSeries: Sendable {
    var labels: Labels
    /// Whether the name goes away already, as after a function in a subquery.
    var dropsName = false
    var times: [Int64] = []
    var values: [Double] = []
    /// When the counter of each sample began, 0 where that is not known; empty when none is.
    var startTimes: [Int64] = []
    var histogramTimes: [Int64] = []
    var histograms: [NativeHistogram] = []
    var histogramStartTimes: [Int64] = []

    init(_ chunk: SeriesChunk) {
        labels = chunk.labels
        if Self.hasMark(chunk.values) {
            let kept = chunk.values.indices.filter { !StepSeries.isAbsent(chunk.values[$0]) }
            times = kept.map { chunk.times[$0] }
            values = kept.map { chunk.values[$0] }
            if !chunk.startTimes.isEmpty { startTimes = kept.map { chunk.startTimes[$0] } }
        } else {
            times = chunk.times
            values = chunk.values
            startTimes = chunk.startTimes
        }
        for (index, sample) in chunk.histograms.enumerated()
        where !sample.histogram.isStaleMarker {
            histogramTimes.append(sample.timeMillis)
            histograms.append(sample.histogram)
            if !chunk.histogramStartTimes.isEmpty {
                histogramStartTimes.append(chunk.histogramStartTimes[index])
            }
        }
    }

    /// Whether any value marks the end of the series; without a branch, so that several are looked
    /// at at once.
    private static func hasMark(_ values: [Double]) -> Bool {
        var found: UInt64 = 0
        for value in values { found |= StepSeries.isAbsent(value) ? 1 : 0 }
        return found != 0
    }

    /// The result of a subquery.
    init(_ series: StepSeries, _ grid: StepGrid) {
        labels = series.labels
        dropsName = series.dropsName
        for index in series.values.indices {
            if series.hasFloat(index) {
                times.append(grid.time(index))
                values.append(series.values[index])
            } else if var histogram = series.histogram(index) {
                // A subquery may leave out the sample with the reset, or repeat it.
                if histogram.resetHint == .reset || histogram.resetHint == .notReset {
                    histogram.resetHint = .unknown
                }
                histogramTimes.append(grid.time(index))
                histograms.append(histogram)
            }
        }
    }

    var metricName: String { labels.metricName }

    var isEmpty: Bool { times.isEmpty && histograms.isEmpty }
}

/// The part of a series that a range function sees at one step.
struct Window {
    var floats: Range<Int>
    var histograms: Range<Int>
    /// The range is open at its start.
    var rangeStart: Int64
    var rangeEnd: Int64
    /// The time of evaluation.
    var time: Int64
    var step: Int
}

/// What a function gives at one step.
enum StepValue {
    case none
    case float(Double)
    case histogram(NativeHistogram)
}
