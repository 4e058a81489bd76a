import PerchModel

/// A function over a range, applied window by window.
struct RangeKernel {
    let function: Function
    /// The range in seconds.
    let rangeSeconds: Double
    /// One a step, for each of the other arguments.
    let scalars: [[Double]]
    /// Where the first argument stands.
    let place: SourceRange
    var annotations = Annotations()

    init(function: Function, rangeSeconds: Double, scalars: [[Double]], place: SourceRange) {
        self.function = function
        self.rangeSeconds = rangeSeconds
        self.scalars = scalars
        self.place = place
    }

    /// Moves the window of `rangeMillis`, which ends at `ends`, over a series; nil when there is no
    /// result at any step.
    mutating func evaluate(
        _ series: WindowSeries, _ grid: StepGrid, ends: (Int) -> Int64, rangeMillis: Int64
    ) -> StepSeries? {
        var result = StepSeries(
            labels: series.labels, dropsName: series.dropsName || !keepsName, count: grid.count)
        var isEmpty = true
        var (low, high) = (0, 0)
        var (histogramLow, histogramHigh) = (0, 0)
        for step in 0..<grid.count {
            let end = ends(step)
            let start = end &- rangeMillis
            while high < series.times.count, series.times[high] <= end { high += 1 }
            while low < high, series.times[low] <= start { low += 1 }
            if !series.histograms.isEmpty {
                while histogramHigh < series.histogramTimes.count,
                    series.histogramTimes[histogramHigh] <= end
                {
                    histogramHigh += 1
                }
                while histogramLow < histogramHigh, series.histogramTimes[histogramLow] <= start {
                    histogramLow += 1
                }
            }
            guard low < high || histogramLow < histogramHigh else { continue }
            let window = Window(
                floats: low..<high, histograms: histogramLow..<histogramHigh, rangeStart: start,
                rangeEnd: end, time: grid.time(step), step: step)
            switch value(series, window) {
            case .none: continue
            case .float(let value): result.values[step] = value
            case .histogram(let histogram): result.set(histogram, step)
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    /// These act like an offset.
    private var keepsName: Bool { function == .lastOverTime || function == .firstOverTime }

    private mutating func value(_ series: WindowSeries, _ window: Window) -> StepValue {
        switch function {
        case .rate: extrapolated(series, window, isCounter: true, isRate: true)
        case .increase: extrapolated(series, window, isCounter: true, isRate: false)
        case .delta: extrapolated(series, window, isCounter: false, isRate: false)
        case .irate: instant(series, window, isRate: true)
        case .idelta: instant(series, window, isRate: false)
        case .sumOverTime: sum(series, window)
        case .avgOverTime: average(series, window)
        case .countOverTime: .float(Double(window.floats.count + window.histograms.count))
        case .presentOverTime, .absentOverTime: .float(1)
        case .lastOverTime: last(series, window)
        case .firstOverTime: first(series, window)
        case .minOverTime, .maxOverTime, .tsOfMinOverTime, .tsOfMaxOverTime:
            extremum(series, window)
        case .tsOfFirstOverTime, .tsOfLastOverTime: timeOfEnd(series, window)
        case .stddevOverTime, .stdvarOverTime: variance(series, window)
        case .quantileOverTime: quantile(series, window)
        case .madOverTime: medianDeviation(series, window)
        case .changes: changes(series, window)
        case .resets: resets(series, window)
        case .deriv, .predictLinear: regression(series, window)
        case .doubleExponentialSmoothing: smoothing(series, window)
        default: .none
        }
    }

    // MARK: Remarks

    mutating func warn(_ text: String, _ series: WindowSeries) {
        annotations.add(.warning, "\(text) \(GoText.quote(series.metricName))", place)
    }

    mutating func noteIgnoredHistograms(_ series: WindowSeries, _ window: Window) {
        guard !window.histograms.isEmpty else { return }
        annotations.add(
            .info,
            "ignored histograms in a range containing both floats and histograms for metric name "
                + GoText.quote(series.metricName), place)
    }

    /// Whether a window holds floats and histograms, which is then said.
    mutating func isMixed(_ series: WindowSeries, _ window: Window) -> Bool {
        guard !window.floats.isEmpty, !window.histograms.isEmpty else { return false }
        warn("encountered a mix of histograms and floats for metric name", series)
        return true
    }

    mutating func warnMixedBuckets(_ series: WindowSeries) {
        warn(Self.mixedBuckets, series)
    }

    static let mixedBuckets =
        "vector contains a mix of histograms with exponential and custom buckets schemas for "
        + "metric name"

    mutating func note(_ outcome: HistogramOutcome, _ operation: HistogramOperation) {
        if outcome.hasReconciledBounds {
            annotations.add(.info, operation.reconciledText, place)
        }
    }
}

/// What histograms were put together for, as remarks name it.
enum HistogramOperation: String {
    case addition
    case subtraction
    case aggregation

    var reconciledText: String {
        "mismatched custom buckets were reconciled during \(rawValue)"
    }

    var collisionText: String {
        "conflicting counter resets during histogram \(rawValue)"
    }
}
