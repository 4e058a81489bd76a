/// `changes`, `resets`, `deriv`, `predict_linear` and `double_exponential_smoothing`.
extension RangeKernel {
    /// Calls `body` with each sample after the first and the one before it, floats and histograms
    /// in the order of their times; true of `body` counts.
    private func count(
        _ series: WindowSeries, _ window: Window, _ body: (SampleRef, SampleRef) -> Bool
    ) -> Double {
        var total = 0.0
        var float = window.floats.lowerBound
        var histogram = window.histograms.lowerBound
        var previous: SampleRef?
        while float < window.floats.upperBound || histogram < window.histograms.upperBound {
            let sample: SampleRef
            if histogram >= window.histograms.upperBound
                || (float < window.floats.upperBound
                    && series.times[float] < series.histogramTimes[histogram])
            {
                sample = .float(float)
                float += 1
            } else {
                sample = .histogram(histogram)
                histogram += 1
            }
            if let previous, body(previous, sample) { total += 1 }
            previous = sample
        }
        return total
    }

    private enum SampleRef {
        case float(Int)
        case histogram(Int)
    }

    func changes(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard let window = anchored(series, window) else { return .none }
        return .float(
            count(series, window) { previous, current in
                switch (previous, current) {
                case (.float(let a), .float(let b)):
                    series.values[a] != series.values[b]
                        && !(series.values[a].isNaN && series.values[b].isNaN)
                case (.histogram(let a), .histogram(let b)):
                    !series.histograms[b].isSame(as: series.histograms[a])
                default: true
                }
            })
    }

    func resets(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard let window = anchored(series, window) else { return .none }
        return .float(
            count(series, window) { previous, current in
                switch (previous, current) {
                case (.float(let a), .float(let b)):
                    series.values[b] < series.values[a] || series.isStartReset(b)
                case (.histogram(let a), .histogram(let b)):
                    series.isHistogramStartReset(b)
                        || series.histograms[b].isReset(after: series.histograms[a])
                default: true
                }
            })
    }

    mutating func regression(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard window.floats.count >= 2 else {
            if window.floats.count == 1 { noteIgnoredHistograms(series, window) }
            return .none
        }
        noteIgnoredHistograms(series, window)
        if function == .deriv {
            // A time near the samples keeps the numbers small.
            let origin = series.times[window.floats.lowerBound]
            return .float(Self.regression(series, window.floats, origin: origin).slope)
        }
        let (slope, intercept) = Self.regression(series, window.floats, origin: window.time)
        return .float(slope * scalars[0][window.step] + intercept)
    }

    /// The line of least squares, its intercept at `origin`.
    private static func regression(
        _ series: WindowSeries, _ range: Range<Int>, origin: Int64
    ) -> (slope: Double, intercept: Double) {
        var sumX = KahanSum()
        var sumY = KahanSum()
        var sumXY = KahanSum()
        var sumXX = KahanSum()
        let first = series.values[range.lowerBound]
        var isConstant = true
        for index in range {
            let x = Double(series.times[index] &- origin) / 1_000
            let y = series.values[index]
            if y != first, index > range.lowerBound { isConstant = false }
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumXX.add(x * x)
        }
        if isConstant { return first.isInfinite ? (.nan, .nan) : (0, first) }
        let n = Double(range.count)
        let x = sumX.sum + sumX.compensation
        let y = sumY.sum + sumY.compensation
        let covariance = sumXY.sum + sumXY.compensation - x * y / n
        let variance = sumXX.sum + sumXX.compensation - x * x / n
        let slope = covariance / variance
        return (slope, y / n - slope * x / n)
    }

    mutating func smoothing(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard window.floats.count >= 2 else {
            if window.floats.count == 1 { noteIgnoredHistograms(series, window) }
            return .none
        }
        noteIgnoredHistograms(series, window)
        let smoothing = scalars[0][window.step]
        let trend = scalars[1][window.step]
        let first = window.floats.lowerBound
        var previous = 0.0
        var current = series.values[first]
        var slope = series.values[first + 1] - series.values[first]
        for index in window.floats.dropFirst() {
            let x = smoothing * series.values[index]
            if index > first + 1 { slope = trend * (current - previous) + (1 - trend) * slope }
            let y = (1 - smoothing) * (current + slope)
            (previous, current) = (current, x + y)
        }
        return .float(current)
    }
}
