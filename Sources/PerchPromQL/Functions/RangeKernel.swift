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
    /// What the range does at its ends.
    let boundary: VectorSelector.Boundary
    /// How far samples outside of the range may lie that give the values at its ends.
    let lookbackMillis: Int64
    var annotations = Annotations()
    /// What was said of the current series: remarks come again with each window.
    private var said: Set<String> = []

    init(
        function: Function, rangeSeconds: Double, scalars: [[Double]], place: SourceRange,
        boundary: VectorSelector.Boundary = .plain, lookbackMillis: Int64 = 0
    ) {
        self.boundary = boundary
        self.lookbackMillis = lookbackMillis
        self.function = function
        self.rangeSeconds = rangeSeconds
        self.scalars = scalars
        self.place = place
    }

    /// Moves the window over a series; nil when there is no result at any step.
    mutating func evaluate(
        _ series: WindowSeries, _ grid: StepGrid, _ window: RangeWindow
    ) -> StepSeries? {
        if series.histograms.isEmpty, series.startTimes.isEmpty, isChange, boundary == .plain {
            return changes(series, grid, window)
        }
        if isSum, let sums = slidingSums(series, grid, window) { return sums }
        if !said.isEmpty { said = [] }
        var result = StepSeries(
            labels: series.labels, dropsName: series.dropsName || !keepsName, count: grid.count)
        var isEmpty = true
        var floats = WindowBounds()
        var histograms = WindowBounds()
        for step in 0..<grid.count {
            let end = window.start &+ window.step &* Int64(step)
            let start = end &- window.millis
            let low = boundary == .plain ? start : start &- lookbackMillis
            let high = boundary == .smoothed ? end &+ lookbackMillis : end
            floats.move(series.times, low, high)
            if !series.histograms.isEmpty { histograms.move(series.histogramTimes, low, high) }
            guard floats.low < floats.high || histograms.low < histograms.high else { continue }
            let window = Window(
                floats: floats.low..<floats.high, histograms: histograms.low..<histograms.high,
                rangeStart: start, rangeEnd: end, time: grid.time(step), step: step)
            switch value(series, window) {
            case .none: continue
            case .float(let value): result.values[step] = value
            case .histogram(let histogram): result.set(histogram, step)
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    private var isChange: Bool {
        function == .rate || function == .increase || function == .delta
    }

    private var isSum: Bool {
        (function == .sumOverTime || function == .avgOverTime) && boundary == .plain
    }

    /// Fast path: `rate`, `increase` and `delta` of numbers, where resets are looked for once and
    /// not in each window.
    private func changes(
        _ series: WindowSeries, _ grid: StepGrid, _ window: RangeWindow
    ) -> StepSeries? {
        var result = StepSeries(labels: series.labels, dropsName: true, count: grid.count)
        let isCounter = function != .delta
        let values = series.values
        let times = series.times
        let resets = isCounter ? Self.resets(values) : []
        var firstReset = 0
        var isEmpty = true
        var bounds = WindowBounds()
        for step in 0..<grid.count {
            let end = window.start &+ window.step &* Int64(step)
            let start = end &- window.millis
            bounds.move(times, start, end)
            let (low, high) = (bounds.low, bounds.high)
            guard high - low > 1 else { continue }
            var change = values[high - 1] - values[low]
            if !resets.isEmpty {
                while firstReset < resets.count, resets[firstReset] <= low { firstReset += 1 }
                var reset = firstReset
                while reset < resets.count, resets[reset] < high {
                    change += values[resets[reset] - 1]
                    reset += 1
                }
            }
            let first = values[low]
            let zeroPoint = isCounter && change > 0 && first >= 0 ? first / change : nil
            result.values[step] =
                change
                * factor(
                    start, end, firstTime: times[low], lastTime: times[high - 1],
                    intervals: high - low - 1, zeroPoint: zeroPoint, isRate: function == .rate)
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    /// Where a value is smaller than the one before it.
    private static func resets(_ values: [Double]) -> [Int] {
        var resets: [Int] = []
        var previous = -Double.infinity
        for index in values.indices {
            let value = values[index]
            if value < previous { resets.append(index) }
            previous = value
        }
        return resets
    }

    /// These act like an offset.
    private var keepsName: Bool { function == .lastOverTime || function == .firstOverTime }

    private mutating func value(_ series: WindowSeries, _ window: Window) -> StepValue {
        switch function {
        case .rate: change(series, window, isCounter: true, isRate: true)
        case .increase: change(series, window, isCounter: true, isRate: false)
        case .delta: change(series, window, isCounter: false, isRate: false)
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

    private mutating func change(
        _ series: WindowSeries, _ window: Window, isCounter: Bool, isRate: Bool
    ) -> StepValue {
        boundary == .plain
            ? extrapolated(series, window, isCounter: isCounter, isRate: isRate)
            : extended(series, window, isCounter: isCounter, isRate: isRate)
    }

    // MARK: Remarks

    mutating func warn(_ text: String, _ series: WindowSeries) {
        guard said.insert(text).inserted else { return }
        annotations.add(.warning, "\(text) \(GoText.quote(series.metricName))", place)
    }

    mutating func noteIgnoredHistograms(_ series: WindowSeries, _ window: Window) {
        guard !window.histograms.isEmpty, said.insert("ignored").inserted else { return }
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

/// Which samples are in a window that only moves forward.
struct WindowBounds {
    var low = 0
    var high = 0

    @inline(__always)
    mutating func move(_ times: [Int64], _ start: Int64, _ end: Int64) {
        while high < times.count, times[high] <= end { high += 1 }
        while low < high, times[low] <= start { low += 1 }
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
