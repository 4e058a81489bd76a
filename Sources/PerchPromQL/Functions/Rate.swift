import PerchModel

/// `rate`, `increase` and `delta`: the change over the window, extended to its ends.
extension RangeKernel {
    mutating func extrapolated(
        _ series: WindowSeries, _ window: Window, isCounter: Bool, isRate: Bool
    ) -> StepValue {
        if !window.histograms.isEmpty {
            return extrapolatedHistogram(series, window, isCounter: isCounter, isRate: isRate)
        }
        guard let first = window.floats.first, let last = window.floats.last else { return .none }
        let start = isCounter ? zeroTime(series.startTimes, series.times, first, window) : nil
        guard first < last || start != nil else { return .none }
        var change = series.values[last] - series.values[first]
        if isCounter {
            noteOverlaps(series, series.startTimes, series.times, window.floats)
            for index in window.floats.dropFirst() {
                let previous = series.values[index - 1]
                if series.values[index] < previous || series.isStartReset(index) {
                    change += previous
                }
            }
        }
        // The counter was at 0 when it began.
        if start != nil { change += series.values[first] }
        let zeroPoint =
            isCounter && change > 0 && series.values[first] >= 0
            ? series.values[first] / change : nil
        let factor = factor(
            window.rangeStart, window.rangeEnd, firstTime: series.times[first],
            lastTime: series.times[last], intervals: last - first, zeroPoint: zeroPoint,
            isRate: isRate, zeroTime: start)
        return .float(change * factor)
    }

    /// When the counter of the first sample began, if that lies in the range.
    private func zeroTime(
        _ starts: [Int64], _ times: [Int64], _ first: Int, _ window: Window
    ) -> Int64? {
        guard !starts.isEmpty else { return nil }
        let start = starts[first]
        return start != 0 && start > window.rangeStart && start < times[first] ? start : nil
    }

    /// By how much the change between the first and the last sample is to be multiplied.
    ///
    /// A sample within 1.1 average intervals of an end of the range stands for the range up to
    /// that end; otherwise the series is taken to begin or end half an interval from the sample.
    /// `zeroPoint` says how long before the first sample a counter was at 0, in sampled intervals.
    @inline(__always)
    func factor(
        _ rangeStart: Int64, _ rangeEnd: Int64, firstTime: Int64, lastTime: Int64, intervals: Int,
        zeroPoint: Double?, isRate: Bool, zeroTime: Int64? = nil
    ) -> Double {
        var toStart = Double(firstTime - rangeStart) / 1_000
        var toEnd = Double(rangeEnd - lastTime) / 1_000
        var sampled = Double(lastTime - firstTime) / 1_000
        let average = intervals > 0 ? sampled / Double(intervals) : 0
        let threshold = average * 1.1
        if let zeroTime {
            // Known, so that nothing needs to be guessed at this end.
            toStart = 0
            sampled = Double(lastTime - zeroTime) / 1_000
        } else {
            if toStart >= threshold { toStart = average / 2 }
            // A counter is never below 0.
            if let zeroPoint { toStart = min(toStart, sampled * zeroPoint) }
        }
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = 1.0
        if sampled != 0 { factor = (sampled + toStart + toEnd) / sampled }
        return isRate ? factor / rangeSeconds : factor
    }

    private mutating func extrapolatedHistogram(
        _ series: WindowSeries, _ window: Window, isCounter: Bool, isRate: Bool
    ) -> StepValue {
        guard !isMixed(series, window), let first = window.histograms.first,
            let last = window.histograms.last
        else { return .none }
        let start =
            isCounter
            ? zeroTime(series.histogramStartTimes, series.histogramTimes, first, window) : nil
        guard first < last || start != nil else { return .none }
        var change: NativeHistogram
        if first < last {
            guard let result = histogramChange(series, window.histograms, isCounter: isCounter)
            else { return .none }
            change = result
            if start != nil {
                guard let outcome = change.add(series.histograms[first]) else {
                    warnMixedBuckets(series)
                    return .none
                }
                note(outcome, .addition)
            }
        } else {
            change = series.histograms[first]
        }
        let firstCount = series.histograms[first].count
        let zeroPoint =
            isCounter && change.count > 0 && firstCount >= 0 ? firstCount / change.count : nil
        change.multiply(
            by: factor(
                window.rangeStart, window.rangeEnd, firstTime: series.histogramTimes[first],
                lastTime: series.histogramTimes[last], intervals: last - first,
                zeroPoint: zeroPoint, isRate: isRate, zeroTime: start))
        return .histogram(change)
    }

    /// The last histogram less the first one, and what was lost at resets.
    private mutating func histogramChange(
        _ series: WindowSeries, _ range: Range<Int>, isCounter: Bool
    ) -> NativeHistogram? {
        let points = series.histograms[range]
        guard let firstPoint = points.first, let last = points.last else { return nil }
        var previous = firstPoint
        var usesCustomBounds = firstPoint.usesCustomBounds
        if isCounter, previous.resetHint == .gauge || last.resetHint == .gauge {
            warnNotCounter(series)
        }
        let second = points[range.lowerBound + 1]
        if isCounter,
            series.isHistogramStartReset(range.lowerBound + 1) || second.isReset(after: previous)
        {
            // Nothing of the first one is needed, so its buckets need not fit.
            previous = NativeHistogram()
            previous.schema = second.schema
            previous.customBounds = second.customBounds
            usesCustomBounds = second.usesCustomBounds
        }
        guard last.usesCustomBounds == usesCustomBounds else {
            warnMixedBuckets(series)
            return nil
        }
        var schema = min(last.schema, previous.schema)
        if isCounter {
            for point in points.dropFirst().dropLast() {
                if point.resetHint == .gauge { warnNotCounter(series) }
                schema = min(schema, point.schema)
                guard point.usesCustomBounds == usesCustomBounds else {
                    warnMixedBuckets(series)
                    return nil
                }
            }
        }
        var change = last.reduced(to: schema)
        if let outcome = change.subtract(previous) { note(outcome, .subtraction) }
        if isCounter {
            noteOverlaps(series, series.histogramStartTimes, series.histogramTimes, range)
            for index in range.dropFirst() {
                let point = series.histograms[index]
                if series.isHistogramStartReset(index) || point.isReset(after: previous),
                    let outcome = change.add(previous)
                {
                    note(outcome, .addition)
                }
                previous = point
            }
        } else if firstPoint.resetHint != .gauge || last.resetHint != .gauge {
            warn("this native histogram metric is not a gauge:", series)
        }
        change.resetHint = .gauge
        change.compact()
        return change
    }

    mutating func warnNotCounter(_ series: WindowSeries) {
        warn("this native histogram metric is not a counter:", series)
    }

    // MARK: irate, idelta

    /// The change between the last two samples.
    mutating func instant(
        _ series: WindowSeries, _ window: Window, isRate: Bool
    ) -> StepValue {
        guard window.floats.count + window.histograms.count >= 2 else { return .none }
        if window.histograms.isEmpty {
            let last = window.floats.upperBound - 1
            return instant(
                series.values[last - 1], series.values[last],
                seconds: Double(series.times[last] - series.times[last - 1]) / 1_000,
                isRate: isRate, isReset: series.isStartReset(last))
        }
        // The last two of floats and histograms together.
        var float = window.floats.upperBound - 1
        var histogram = window.histograms.upperBound - 1
        var picked: [(isFloat: Bool, index: Int, time: Int64)] = []
        while picked.count < 2 {
            let hasFloat = float >= window.floats.lowerBound
            let hasHistogram = histogram >= window.histograms.lowerBound
            if hasFloat,
                !hasHistogram || series.times[float] > series.histogramTimes[histogram]
            {
                picked.append((true, float, series.times[float]))
                float -= 1
            } else {
                picked.append((false, histogram, series.histogramTimes[histogram]))
                histogram -= 1
            }
        }
        let (last, first) = (picked[0], picked[1])
        let seconds = Double(last.time - first.time) / 1_000
        guard seconds != 0 else { return .none }
        guard last.isFloat == first.isFloat else {
            warn("encountered a mix of histograms and floats for metric name", series)
            return .none
        }
        if last.isFloat {
            return instant(
                series.values[first.index], series.values[last.index], seconds: seconds,
                isRate: isRate, isReset: series.isStartReset(last.index))
        }
        return instantHistogram(
            series, series.histograms[last.index], series.histograms[first.index], seconds,
            isRate: isRate, isReset: series.isHistogramStartReset(last.index))
    }

    private func instant(
        _ first: Double, _ last: Double, seconds: Double, isRate: Bool, isReset: Bool
    ) -> StepValue {
        guard seconds != 0 else { return .none }
        // After a reset, the counter has grown from 0.
        let change = isRate && (isReset || last < first) ? last : last - first
        return .float(isRate ? change / seconds : change)
    }

    private mutating func instantHistogram(
        _ series: WindowSeries, _ last: NativeHistogram, _ first: NativeHistogram,
        _ seconds: Double, isRate: Bool, isReset: Bool
    ) -> StepValue {
        if isRate, last.resetHint == .gauge || first.resetHint == .gauge { warnNotCounter(series) }
        if !isRate, last.resetHint != .gauge || first.resetHint != .gauge {
            warn("this native histogram metric is not a gauge:", series)
        }
        var change = last
        if !isRate || !(isReset || last.isReset(after: first)) {
            guard let outcome = change.subtract(first) else {
                warnMixedBuckets(series)
                return .none
            }
            note(outcome, .subtraction)
        }
        change.resetHint = .gauge
        change.compact()
        if isRate { change.divide(by: seconds) }
        return .histogram(change)
    }
}
