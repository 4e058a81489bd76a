import PerchModel

/// `rate`, `increase` and `delta` of ranges that are `anchored` or `smoothed`: the change between
/// the values at the two ends of the range, which samples outside of it give.
extension RangeKernel {
    mutating func extended(
        _ series: WindowSeries, _ window: Window, isCounter: Bool, isRate: Bool
    ) -> StepValue {
        if isMixed(series, window) { return .none }
        if !window.histograms.isEmpty {
            return extendedHistogram(series, window, isCounter: isCounter, isRate: isRate)
        }
        guard let ends = ends(series.times, window.floats, window) else { return .none }
        var (first, last) = ends
        let (times, values) = (series.times, series.values)
        let left = leftValue(series, first, window, isCounter: isCounter)
        let right = rightValue(series, last, window, isCounter: isCounter)
        var change = right - left
        if isCounter {
            // Resets at the ends are part of the interpolation.
            if times[first] <= window.rangeStart { first += 1 }
            if times[last] >= window.rangeEnd { last -= 1 }
            var previous = left
            if first <= last {
                for index in first...last {
                    if values[index] < previous { change += previous }
                    previous = values[index]
                }
            }
            if right < previous { change += previous }
        }
        return .float(isRate ? change / rangeSeconds : change)
    }

    /// The last sample up to the start of the range, or the first one, and the last that counts;
    /// nil where nothing lies in the range.
    private func ends(
        _ times: [Int64], _ range: Range<Int>, _ window: Window
    ) -> (first: Int, last: Int)? {
        guard !range.isEmpty else { return nil }
        var last = range.upperBound - 1
        func search(_ isFound: (Int64) -> Bool) -> Int {
            (range.lowerBound..<last).first { isFound(times[$0]) } ?? last
        }
        let first = max(range.lowerBound, search { $0 > window.rangeStart } - 1)
        if boundary == .smoothed { last = search { $0 >= window.rangeEnd } }
        guard times[last] > window.rangeStart else { return nil }
        if boundary == .smoothed, times[first] > window.rangeEnd { return nil }
        return (first, last)
    }

    private func leftValue(
        _ series: WindowSeries, _ first: Int, _ window: Window, isCounter: Bool
    ) -> Double {
        guard boundary == .smoothed, series.times[first] < window.rangeStart,
            first + 1 < window.floats.upperBound
        else { return series.values[first] }
        return Interpolation.value(
            (series.times[first], series.values[first]),
            (series.times[first + 1], series.values[first + 1]), at: window.rangeStart,
            isCounter: isCounter)
    }

    private func rightValue(
        _ series: WindowSeries, _ last: Int, _ window: Window, isCounter: Bool
    ) -> Double {
        guard boundary == .smoothed, last > window.floats.lowerBound,
            series.times[last] > window.rangeEnd
        else { return series.values[last] }
        return Interpolation.value(
            (series.times[last - 1], series.values[last - 1]),
            (series.times[last], series.values[last]), at: window.rangeEnd, isCounter: isCounter)
    }

    /// The samples of a range as a root expression gives them, with values at both ends.
    func extendedSamples(
        _ series: WindowSeries, _ window: Window
    ) -> (times: [Int64], values: [Double]) {
        guard let ends = ends(series.times, window.floats, window) else { return ([], []) }
        var (first, last) = ends
        let left = leftValue(series, first, window, isCounter: false)
        let right = rightValue(series, last, window, isCounter: false)
        if series.times[first] <= window.rangeStart { first += 1 }
        if series.times[last] >= window.rangeEnd { last -= 1 }
        let inner = first <= last ? first..<(last + 1) : first..<first
        return (
            [window.rangeStart] + series.times[inner] + [window.rangeEnd],
            [left] + series.values[inner] + [right]
        )
    }

    // MARK: Histograms

    private mutating func extendedHistogram(
        _ series: WindowSeries, _ window: Window, isCounter: Bool, isRate: Bool
    ) -> StepValue {
        guard let (first, last) = ends(series.histogramTimes, window.histograms, window) else {
            return .none
        }
        for index in first...last {
            let point = series.histograms[index]
            guard point.usesCustomBounds == series.histograms[first].usesCustomBounds else {
                warnMixedBuckets(series)
                return .none
            }
            if isCounter, point.resetHint == .gauge { warnNotCounter(series) }
        }
        let isLeftBetween =
            boundary == .smoothed && series.histogramTimes[first] < window.rangeStart
            && first + 1 < window.histograms.upperBound
        let isRightBetween =
            boundary == .smoothed && last > window.histograms.lowerBound
            && series.histogramTimes[last] > window.rangeEnd
        guard
            let left = isLeftBetween
                ? interpolated(series, first, window.rangeStart, isCounter: isCounter)
                : series.histograms[first],
            let right = isRightBetween
                ? interpolated(series, last - 1, window.rangeEnd, isCounter: isCounter)
                : series.histograms[last]
        else { return .none }
        if !isCounter, left.resetHint != .gauge || right.resetHint != .gauge {
            warn("this native histogram metric is not a gauge:", series)
        }
        var change = right
        guard let outcome = change.subtract(left) else {
            warnMixedBuckets(series)
            return .none
        }
        note(outcome, .subtraction)
        if isCounter {
            for lost in lostAtResets(series, first, last, left, right, isLeftBetween) {
                guard let outcome = change.add(lost) else {
                    warnMixedBuckets(series)
                    return .none
                }
                note(outcome, .addition)
            }
        }
        if isRate { change.divide(by: rangeSeconds) }
        change.resetHint = .gauge
        change.compact()
        return .histogram(change)
    }

    private mutating func interpolated(
        _ series: WindowSeries, _ index: Int, _ time: Int64, isCounter: Bool
    ) -> NativeHistogram? {
        let outcome = Interpolation.histogram(
            (series.histogramTimes[index], series.histograms[index]),
            (series.histogramTimes[index + 1], series.histograms[index + 1]), at: time,
            isCounter: isCounter)
        guard let outcome else {
            warnMixedBuckets(series)
            return nil
        }
        note(HistogramOutcome(hasReconciledBounds: outcome.hasReconciledSubtraction), .subtraction)
        note(HistogramOutcome(hasReconciledBounds: outcome.hasReconciledAddition), .addition)
        return outcome.histogram
    }

    /// The histograms before each reset between the two ends.
    private func lostAtResets(
        _ series: WindowSeries, _ first: Int, _ last: Int, _ left: NativeHistogram,
        _ right: NativeHistogram, _ isLeftBetween: Bool
    ) -> [NativeHistogram] {
        var lost: [NativeHistogram] = []
        var next = first + 1
        var previous = left
        if isLeftBetween, series.histograms[first + 1].isReset(after: series.histograms[first]) {
            // The interpolation at the left end has met this reset already.
            previous = series.histograms[first + 1]
            next += 1
        }
        // The last sample is what `right` stands for.
        guard next <= last else { return [] }
        for index in next..<last {
            let point = series.histograms[index]
            if point.isReset(after: previous) { lost.append(previous) }
            previous = point
        }
        if right.isReset(after: previous) { lost.append(previous) }
        return lost
    }

    // MARK: changes, resets

    /// The window without the samples before its anchor, the last sample up to its start; nil where
    /// nothing lies after the start.
    func anchored(_ series: WindowSeries, _ window: Window) -> Window? {
        guard boundary == .anchored else { return window }
        let start = window.rangeStart
        var float = window.floats.first { series.times[$0] > start } ?? window.floats.upperBound
        var histogram =
            window.histograms.first { series.histogramTimes[$0] > start }
            ?? window.histograms.upperBound
        guard float < window.floats.upperBound || histogram < window.histograms.upperBound else {
            return nil
        }
        let lastFloat = float > window.floats.lowerBound ? series.times[float - 1] : nil
        let lastHistogram =
            histogram > window.histograms.lowerBound
            ? series.histogramTimes[histogram - 1] : nil
        if let lastFloat, lastFloat >= lastHistogram ?? .min {
            float -= 1
        } else if lastHistogram != nil {
            histogram -= 1
        }
        var result = window
        result.floats = float..<window.floats.upperBound
        result.histograms = histogram..<window.histograms.upperBound
        return result
    }
}
