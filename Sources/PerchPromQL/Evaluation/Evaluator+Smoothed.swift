import PerchModel

/// Selectors that are `smoothed` or `anchored` outside of functions.
extension Evaluator {
    /// Of each series the value on the line between the samples around each step.
    func selectSmoothed(
        _ node: VectorSelector, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        let (start, end, step) = Self.reference(node.at, node.offset, grid)
        let lookback = options.lookbackMillis
        let (low, high) = (start &- lookback &+ 1, end &+ lookback)
        guard low <= high else { return }
        var notes = Annotations()
        try await read(node, low...high) { (chunk) throws(QueryFailure) in
            let series = WindowSeries(chunk)
            var result = StepSeries(labels: series.labels, count: grid.count)
            for index in 0..<grid.count {
                let time = start &+ step &* Int64(index)
                let value = Self.smoothed(series, time, lookback, node.range, &notes)
                if let value { result.set(value, index) }
            }
            if !result.isEmpty { try sink(result) }
        }
        annotations.merge(notes)
    }

    private static func smoothed(
        _ series: WindowSeries, _ time: Int64, _ lookback: Int64, _ place: SourceRange,
        _ notes: inout Annotations
    ) -> Operand? {
        func indexes(_ times: [Int64]) -> Range<Int> {
            let low = times.firstIndex { $0 > time &- lookback } ?? times.count
            let high = times.firstIndex { $0 > time &+ lookback } ?? times.count
            return low..<max(low, high)
        }
        let floats = indexes(series.times)
        let histograms = indexes(series.histogramTimes)
        let name = GoText.quote(series.metricName)
        guard floats.isEmpty || histograms.isEmpty else {
            notes.add(
                .warning, "encountered a mix of histograms and floats for metric name \(name)",
                place)
            return nil
        }
        if !histograms.isEmpty {
            return smoothedHistogram(series, histograms, time, place, &notes)
        }
        let next = floats.first { series.times[$0] >= time }
        if let next, series.times[next] == time { return .float(series.values[next]) }
        let last = (next ?? floats.upperBound) - 1
        guard last >= floats.lowerBound else { return nil }
        guard let next else { return .float(series.values[last]) }
        return .float(
            Interpolation.value(
                (series.times[last], series.values[last]),
                (series.times[next], series.values[next]), at: time, isCounter: false))
    }

    private static func smoothedHistogram(
        _ series: WindowSeries, _ range: Range<Int>, _ time: Int64, _ place: SourceRange,
        _ notes: inout Annotations
    ) -> Operand? {
        let times = series.histogramTimes
        let next = range.first { times[$0] >= time }
        if let next, times[next] == time { return .histogram(series.histograms[next]) }
        let last = (next ?? range.upperBound) - 1
        guard last >= range.lowerBound else { return nil }
        var before = series.histograms[last]
        guard let next else {
            // The hint is about two samples after each other, which these are not.
            before.resetHint = .unknown
            return .histogram(before)
        }
        let after = series.histograms[next]
        let outcome = Interpolation.histogram(
            (times[last], before), (times[next], after), at: time,
            isCounter: before.resetHint != .gauge || after.resetHint != .gauge)
        guard let outcome else {
            notes.add(
                .warning, "\(RangeKernel.mixedBuckets) \(GoText.quote(series.metricName))", place)
            return nil
        }
        for (isTrue, operation) in [
            (outcome.hasReconciledSubtraction, HistogramOperation.subtraction),
            (outcome.hasReconciledAddition, .addition),
        ] where isTrue {
            notes.add(.info, operation.reconciledText, place)
        }
        return .histogram(outcome.histogram)
    }

    /// Gives a range values at its ends, and drops what lies outside.
    func extend(
        _ series: inout WindowSeries, _ boundary: VectorSelector.Boundary, _ range: RangeWindow
    ) throws(QueryFailure) {
        guard series.histograms.isEmpty else {
            throw .execution(
                "\(boundary.rawValue) modifier is not supported with histograms")
        }
        let kernel = RangeKernel(
            function: .rate, rangeSeconds: 0, scalars: [], place: SourceRange(start: 0, end: 0),
            boundary: boundary, lookbackMillis: options.lookbackMillis)
        let window = Window(
            floats: series.times.indices, histograms: 0..<0,
            rangeStart: range.start &- range.millis, rangeEnd: range.start, time: range.start,
            step: 0)
        (series.times, series.values) = kernel.extendedSamples(series, window)
    }
}
