import PerchModel

extension Evaluator {
    /// Calls `body` with each series that fits, and its samples within the times.
    func read(
        _ selector: VectorSelector, _ times: ClosedRange<Int64>,
        _ body: (SeriesChunk) throws(QueryFailure) -> Void
    ) async throws(QueryFailure) {
        var cursor = source.read(SampleQuery(matchers: selector.matchers, times: times))
        while true {
            let next: SeriesChunk?
            do {
                next = try await cursor.next()
            } catch .cancelled {
                throw .cancelled("query was canceled in expression evaluation")
            } catch {
                throw .storage(error)
            }
            guard var chunk = next else { return }
            try countSeries()
            if selector.needsOnlyTotals, !chunk.histograms.isEmpty { Self.keepTotals(&chunk) }
            let samples =
                chunk.times.count + chunk.histograms.reduce(0) { $0 + $1.histogram.sampleCount }
            try hold(samples, samples * 16)
            try body(chunk)
            release(samples, samples * 16)
        }
    }

    /// Drops the buckets of histograms, after resets were found by them.
    private static func keepTotals(_ chunk: inout SeriesChunk) {
        var previous: NativeHistogram?
        for index in chunk.histograms.indices {
            let histogram = chunk.histograms[index].histogram
            if histogram.isStaleMarker { continue }
            var totals = NativeHistogram()
            totals.schema = histogram.schema
            totals.count = histogram.count
            totals.sum = histogram.sum
            totals.resetHint = histogram.resetHint
            if histogram.resetHint == .unknown, let previous {
                totals.resetHint = histogram.isReset(after: previous) ? .reset : .notReset
            }
            previous = histogram
            chunk.histograms[index].histogram = totals
        }
    }

    /// The times that a selector looks at: those of a fixed `@`, or those of the steps.
    static func reference(
        _ at: FixedTime?, _ offset: TimeSpan, _ grid: StepGrid
    ) -> (start: Int64, end: Int64, step: Int64) {
        if case .millis(let time) = at {
            return (time &- offset.millis, time &- offset.millis, 0)
        }
        return (grid.start &- offset.millis, grid.end &- offset.millis, grid.step)
    }

    /// An instant vector selector: of each series the newest sample that is not too old.
    ///
    func select(
        _ node: VectorSelector, _ grid: StepGrid, _ content: SampleContent = .values,
        allowsHistograms: Bool = true, _ sink: Sink
    ) async throws(QueryFailure) {
        if node.boundary == .smoothed, content == .values {
            try await selectSmoothed(node, grid, sink)
            return
        }
        let (start, end, step) = Self.reference(node.at, node.offset, grid)
        let lookback = options.lookbackMillis
        let low = start &- lookback &+ 1
        guard low <= end else { return }
        try await read(node, low...end) { (chunk) throws(QueryFailure) in
            guard allowsHistograms || chunk.histograms.isEmpty else {
                throw .execution(
                    "this should be an info metric, with float samples: "
                        + LabelText.braces(chunk.labels))
            }
            if content == .startTimes, chunk.startTimes.isEmpty, chunk.histogramStartTimes.isEmpty {
                return
            }
            let series = Self.newest(
                chunk, start: start, step: step, count: grid.count, lookback: lookback, content)
            if let series { try sink(series) }
        }
    }

    private static func newest(
        _ chunk: SeriesChunk, start: Int64, step: Int64, count: Int, lookback: Int64,
        _ content: SampleContent
    ) -> StepSeries? {
        let times = chunk.times
        let values = chunk.values
        var result = StepSeries(labels: chunk.labels, count: count)
        var isEmpty = true
        // How many samples there are up to the time of the step.
        var floats = 0
        var histograms = 0
        for index in 0..<count {
            let time = start &+ step &* Int64(index)
            while floats < times.count, times[floats] <= time { floats += 1 }
            var newest = floats > 0 ? times[floats - 1] : .min
            var isFloat = floats > 0
            if !chunk.histograms.isEmpty {
                while histograms < chunk.histograms.count,
                    chunk.histograms[histograms].timeMillis <= time
                {
                    histograms += 1
                }
                if histograms > 0, chunk.histograms[histograms - 1].timeMillis > newest {
                    newest = chunk.histograms[histograms - 1].timeMillis
                    isFloat = false
                }
            }
            guard newest > time &- lookback, newest != .min else { continue }
            if isFloat {
                let value = values[floats - 1]
                if StepSeries.isAbsent(value) { continue }
                result.values[index] =
                    content == .values
                    ? value : seconds(newest, chunk.startTimes, floats - 1, content)
            } else {
                let histogram = chunk.histograms[histograms - 1].histogram
                if histogram.isStaleMarker { continue }
                if content == .values {
                    result.set(histogram, index)
                } else {
                    result.values[index] = seconds(
                        newest, chunk.histogramStartTimes, histograms - 1, content)
                }
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    private static func seconds(
        _ time: Int64, _ starts: [Int64], _ index: Int, _ content: SampleContent
    ) -> Double {
        guard content == .startTimes else { return Double(time) / 1_000 }
        return starts.isEmpty ? 0 : Double(starts[index]) / 1_000
    }

    // MARK: Ranges

    /// The grid on which a subquery's content is evaluated: multiples of its step, so that results
    /// do not depend on when the query runs.
    func subqueryGrid(_ node: Subquery, _ grid: StepGrid) throws(QueryFailure) -> StepGrid {
        let step = node.step.millis == 0 ? options.subqueryStepMillis : node.step.millis
        let (start, end, _) = Self.reference(node.at, node.offset, grid)
        let open = start &- node.duration.millis
        var first = open / step * step
        if first <= open { first &+= step }
        let result = StepGrid(start: first, end: end, step: step)
        guard result.count <= Limits.stepsMax else { throw .tooManySamples }
        return result
    }

    /// Gives each series of a range with its samples.
    func readRange(
        _ argument: QueryExpression, _ grid: StepGrid,
        _ body: (WindowSeries) throws(QueryFailure) -> Void
    ) async throws(QueryFailure) {
        switch argument {
        case .matrix(let node):
            let (start, end, _) = Self.reference(node.selector.at, node.selector.offset, grid)
            let boundary = node.selector.boundary
            let before = boundary == .plain ? 0 : options.lookbackMillis
            let after = boundary == .smoothed ? options.lookbackMillis : 0
            let low = start &- node.duration.millis &- before &+ 1
            let high = end &+ after
            guard low <= high else { return }
            try await read(node.selector, low...high) { (chunk) throws(QueryFailure) in
                try body(WindowSeries(chunk))
            }
        case .subquery(let node):
            let inner = try subqueryGrid(node, grid)
            try await evaluate(node.content, inner) { (series) throws(QueryFailure) in
                let samples = series.sampleCount
                try hold(samples, samples * 16)
                try body(WindowSeries(series, inner))
                release(samples, samples * 16)
            }
        default: throw .execution("unexpected \(argument.type.documented)")
        }
    }

    /// Where the window of a range ends at each step.
    static func window(_ argument: QueryExpression, _ grid: StepGrid) -> RangeWindow {
        switch argument {
        case .matrix(let node):
            let (start, _, step) = reference(node.selector.at, node.selector.offset, grid)
            return RangeWindow(start: start, step: step, millis: node.duration.millis)
        case .subquery(let node):
            let (start, _, step) = reference(node.at, node.offset, grid)
            return RangeWindow(start: start, step: step, millis: node.duration.millis)
        default: return RangeWindow(start: grid.start, step: grid.step, millis: 0)
        }
    }
}

/// What of samples is wanted.
enum SampleContent {
    case values
    /// Their times, in seconds.
    case times
    /// When their counters began, in seconds.
    case startTimes
}

/// The moving window of a range.
struct RangeWindow: Sendable {
    /// Where it ends at the first step.
    var start: Int64
    var step: Int64
    var millis: Int64
}
