import PerchModel

extension Evaluator {
    /// Calls `body` with each series that fits, and its samples within the times.
    func read(
        _ selector: VectorSelector, _ times: ClosedRange<Int64>,
        _ body: (SeriesChunk) throws(QueryFailure) -> Void
    ) async throws(QueryFailure) {
        await prepareForLongWork()
        try await read(
            source.read(SampleQuery(matchers: selector.matchers, times: times)),
            needsOnlyTotals: selector.needsOnlyTotals, body)
    }

    /// Calls `body` with each series of a cursor.
    func read(
        _ cursor: any SampleCursor, needsOnlyTotals: Bool,
        _ body: (SeriesChunk) throws(QueryFailure) -> Void
    ) async throws(QueryFailure) {
        var cursor = cursor
        while true {
            let next: SeriesChunk?
            do {
                next = try await cursor.next()
            } catch {
                throw QueryFailure(reading: error)
            }
            guard var chunk = next else { return }
            try countSeries()
            if needsOnlyTotals { chunk.keepTotals() }
            let samples = chunk.heldCount
            countRead(samples)
            try hold(samples, samples * 16)
            try body(chunk)
            release(samples, samples * 16)
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
        let worker = NewestWorker(
            start: start, step: step, count: grid.count, lookback: lookback, content: content,
            allowsHistograms: allowsHistograms)
        try await work(node, low...end, stepCount: grid.count, worker, sink)
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
            guard let times = rangeTimes(node, grid) else { return }
            try await read(node.selector, times) { (chunk) throws(QueryFailure) in
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

    /// The times that a range looks at; nil for none.
    func rangeTimes(_ node: MatrixSelector, _ grid: StepGrid) -> ClosedRange<Int64>? {
        let (start, end, _) = Self.reference(node.selector.at, node.selector.offset, grid)
        let boundary = node.selector.boundary
        let before = boundary == .plain ? 0 : options.lookbackMillis
        let after = boundary == .smoothed ? options.lookbackMillis : 0
        let low = start &- node.duration.millis &- before &+ 1
        let high = end &+ after
        return low <= high ? low...high : nil
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
