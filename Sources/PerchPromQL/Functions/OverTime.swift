import PerchModel

/// The functions whose names end in `_over_time`.
extension RangeKernel {
    mutating func sum(_ series: WindowSeries, _ window: Window) -> StepValue {
        if isMixed(series, window) { return .none }
        if window.floats.isEmpty { return histogramSum(series, window) }
        let values = series.values.span
        var total = KahanSum()
        for index in window.floats { total.add(values[index]) }
        return .float(total.total)
    }

    private mutating func histogramSum(_ series: WindowSeries, _ window: Window) -> StepValue {
        let points = series.histograms[window.histograms]
        guard let first = points.first else { return .none }
        noteHints(points)
        var total = HistogramSum(first)
        for point in points.dropFirst() {
            guard let outcome = total.add(point) else {
                warnMixedBuckets(series)
                return .none
            }
            note(outcome, .aggregation)
        }
        return .histogram(total.total)
    }

    /// Says where histograms contradict each other about resets.
    private mutating func noteHints(_ points: ArraySlice<NativeHistogram>) {
        if points.contains(where: { $0.resetHint == .reset }),
            points.contains(where: { $0.resetHint == .notReset })
        {
            annotations.add(.warning, HistogramOperation.aggregation.collisionText, place)
        }
    }

    mutating func average(_ series: WindowSeries, _ window: Window) -> StepValue {
        if isMixed(series, window) { return .none }
        if window.floats.isEmpty { return histogramAverage(series, window) }
        let values = series.values.span
        var mean = RunningMean()
        for index in window.floats { mean.add(values[index]) }
        return .float(mean.value)
    }

    private mutating func histogramAverage(
        _ series: WindowSeries, _ window: Window
    ) -> StepValue {
        let points = series.histograms[window.histograms]
        guard let first = points.first else { return .none }
        noteHints(points)
        var mean = HistogramMean(first)
        for point in points.dropFirst() {
            guard let outcome = mean.add(point) else {
                warnMixedBuckets(series)
                return .none
            }
            note(outcome, .aggregation)
        }
        return .histogram(mean.value)
    }

    func last(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard let histogram = window.histograms.last else {
            return .float(series.values[window.floats.upperBound - 1])
        }
        if let float = window.floats.last, series.histogramTimes[histogram] < series.times[float] {
            return .float(series.values[float])
        }
        return .histogram(series.histograms[histogram])
    }

    func first(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard let histogram = window.histograms.first else {
            return .float(series.values[window.floats.lowerBound])
        }
        if let float = window.floats.first, series.times[float] < series.histogramTimes[histogram] {
            return .float(series.values[float])
        }
        return .histogram(series.histograms[histogram])
    }

    func timeOfEnd(_ series: WindowSeries, _ window: Window) -> StepValue {
        let times: [Int64]
        if function == .tsOfFirstOverTime {
            times = [
                window.floats.first.map { series.times[$0] },
                window.histograms.first.map { series.histogramTimes[$0] },
            ].compactMap(\.self)
            return .float(Double(times.min() ?? 0) / 1_000)
        }
        times = [
            window.floats.last.map { series.times[$0] },
            window.histograms.last.map { series.histogramTimes[$0] },
        ].compactMap(\.self)
        return .float(Double(times.max() ?? 0) / 1_000)
    }

    /// The largest or smallest value, or when it was: of equal ones, the last.
    mutating func extremum(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard !window.floats.isEmpty else { return .none }
        noteIgnoredHistograms(series, window)
        let isMax = function == .maxOverTime || function == .tsOfMaxOverTime
        let wantsTime = function == .tsOfMaxOverTime || function == .tsOfMinOverTime
        let values = series.values.span
        let sign = isMax ? 1.0 : -1
        var found = window.floats.lowerBound
        var best = values[found] * sign
        for index in window.floats {
            let value = values[index] * sign
            if value > best || best.isNaN || (wantsTime && value == best) {
                found = index
                best = value
            }
        }
        return .float(wantsTime ? Double(series.times[found]) / 1_000 : values[found])
    }

    mutating func variance(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard !window.floats.isEmpty else { return .none }
        noteIgnoredHistograms(series, window)
        let values = series.values.span
        var count = 0.0
        var mean = KahanSum()
        var squares = KahanSum()
        for index in window.floats {
            count += 1
            let value = values[index]
            let delta = value - (mean.sum + mean.compensation)
            mean.add(delta / count)
            squares.add(delta * (value - (mean.sum + mean.compensation)))
        }
        let variance = (squares.sum + squares.compensation) / count
        return .float(function == .stddevOverTime ? variance.squareRoot() : variance)
    }

    mutating func quantile(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard !window.floats.isEmpty else { return .none }
        let wanted = scalars[0][window.step]
        if wanted.isNaN || wanted < 0 || wanted > 1 {
            annotations.add(.warning, Quantile.invalidText(wanted), place)
        }
        noteIgnoredHistograms(series, window)
        var values = Array(series.values[window.floats])
        return .float(Quantile.of(&values, wanted))
    }

    mutating func medianDeviation(_ series: WindowSeries, _ window: Window) -> StepValue {
        guard !window.floats.isEmpty else { return .none }
        noteIgnoredHistograms(series, window)
        var values = Array(series.values[window.floats])
        if values.contains(where: \.isNaN) { return .float(.nan) }
        let median = Quantile.of(&values, 0.5)
        for index in values.indices { values[index] = (values[index] - median).magnitude }
        return .float(Quantile.of(&values, 0.5))
    }
}

/// The quantile of a list of numbers.
enum Quantile {
    /// Sorts the values, NaN first, and interpolates between the two next to the rank.
    static func of(_ values: inout [Double], _ quantile: Double) -> Double {
        if values.isEmpty || quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        values.sort { $0.isNaN ? !$1.isNaN : $0 < $1 }
        let rank = quantile * Double(values.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(values.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[lower] * (1 - weight) + values[upper] * weight
    }

    static func invalidText(_ quantile: Double) -> String {
        "quantile value should be between 0 and 1, got \(NumberText.general(quantile))"
    }
}
