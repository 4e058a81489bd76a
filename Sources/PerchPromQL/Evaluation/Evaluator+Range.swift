import PerchModel

extension Evaluator {
    /// A function over a range.
    func evaluateRange(
        _ node: FunctionCall, argument: Int, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        var columns: [[Double]] = []
        for (index, expression) in node.arguments.enumerated() where index != argument {
            columns.append(try await scalars(expression, grid))
        }
        let range = node.arguments[argument]
        let window = Self.window(range, grid)
        var boundary = VectorSelector.Boundary.plain
        if case .matrix(let selector) = range { boundary = selector.selector.boundary }
        try Self.check(boundary, node.function)
        var kernel = RangeKernel(
            function: node.function, rangeSeconds: Double(window.millis) / 1_000,
            scalars: columns, place: node.arguments[0].range, boundary: boundary,
            lookbackMillis: options.lookbackMillis)
        var presence = node.function == .absentOverTime ? Presence(grid.count) : nil
        func give(_ result: consuming StepSeries) throws(QueryFailure) {
            if presence == nil { try sink(result) } else { presence?.add(result) }
        }
        if case .matrix(let selector) = range {
            guard let times = rangeTimes(selector, grid) else { return }
            let worker = RangeWorker(kernel: kernel, grid: grid, window: window)
            try await work(
                selector.selector, times, stepCount: grid.count, worker
            ) { (series) throws(QueryFailure) in try give(series) }
        } else {
            try await readRange(range, grid) { (series) throws(QueryFailure) in
                if let result = try kernel.result(of: series, grid, window) { try give(result) }
            }
            annotations.merge(kernel.annotations)
        }
        if let presence, let series = presence.absence(Self.absentLabels(range)) {
            try sink(series)
        }
    }

    /// Refuses functions that would count samples outside of the range.
    private static func check(
        _ boundary: VectorSelector.Boundary, _ function: Function
    ) throws(QueryFailure) {
        let allowed: [Function]
        switch boundary {
        case .plain: return
        case .anchored: allowed = [.changes, .delta, .increase, .rate, .resets]
        case .smoothed: allowed = [.delta, .increase, .rate]
        }
        guard allowed.contains(function) else {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            throw .execution(
                "\(boundary.rawValue) modifier can only be used with: \(names) - not with "
                    + function.rawValue)
        }
    }

    /// `absent`: 1 at each step at which there is nothing.
    func evaluateAbsent(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        var presence = Presence(grid.count)
        try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
            presence.add(series)
        }
        if let series = presence.absence(Self.absentLabels(node.arguments[0])) {
            try sink(series)
        }
    }

    /// The labels that a selector asks for by one value each.
    private static func absentLabels(_ expression: QueryExpression) -> Labels {
        let matchers: [LabelMatcher]
        switch expression {
        case .vector(let node): matchers = node.matchers
        case .matrix(let node): matchers = node.selector.matchers
        default: return Labels(canonical: [])
        }
        var pairs: [(name: String, value: String)] = []
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != "__name__" {
            if matcher.operation == .equal, seen.insert(matcher.name).inserted {
                pairs.append((matcher.name, matcher.value))
            } else {
                pairs.removeAll { $0.name == matcher.name }
            }
        }
        return Labels(pairs)
    }
}

/// At which steps there is any sample.
private struct Presence {
    private var isPresent: [Bool]

    init(_ count: Int) { isPresent = [Bool](repeating: false, count: count) }

    mutating func add(_ series: StepSeries) {
        for step in isPresent.indices where series.hasSample(step) { isPresent[step] = true }
    }

    /// 1 at each step without a sample; nil when there is none.
    func absence(_ labels: Labels) -> StepSeries? {
        guard isPresent.contains(false) else { return nil }
        return StepSeries(
            labels: labels, dropsName: true,
            values: isPresent.map { $0 ? StepSeries.absent : 1 })
    }
}

/// Moves the window of a function over series of a selector.
private struct RangeWorker: SeriesWorker {
    var kernel: RangeKernel
    let grid: StepGrid
    let window: RangeWindow

    var annotations: Annotations {
        get { kernel.annotations }
        set { kernel.annotations = newValue }
    }

    mutating func result(of chunk: SeriesChunk) throws(QueryFailure) -> StepSeries? {
        try kernel.result(of: WindowSeries(chunk), grid, window)
    }
}

extension RangeKernel {
    /// The function over one series, with its remarks.
    fileprivate mutating func result(
        of series: WindowSeries, _ grid: StepGrid, _ window: RangeWindow
    ) throws(QueryFailure) -> StepSeries? {
        try checkFactors()
        guard let result = evaluate(series, grid, window) else { return nil }
        if function == .rate || function == .increase,
            result.values.contains(where: { !StepSeries.isAbsent($0) })
        {
            notePossibleGauge(series)
        }
        return result
    }

    private static let counterSuffixes = ["_total", "_sum", "_count", "_bucket"].map {
        Array($0.utf8)
    }

    /// Says that a rate is taken of a metric that does not look like a counter.
    private mutating func notePossibleGauge(_ series: WindowSeries) {
        guard let name = series.labels.valueBytes(Labels.nameBytes),
            !Self.counterSuffixes.contains(where: { name.suffix($0.count).elementsEqual($0) })
        else { return }
        annotations.add(
            .info,
            "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                + GoText.quote(bytes: Array(name)), place)
    }

    /// Refuses factors of smoothing that are no part of a whole.
    private func checkFactors() throws(QueryFailure) {
        guard function == .doubleExponentialSmoothing else { return }
        for (name, column) in zip(["smoothing", "trend"], scalars) {
            guard let wrong = column.first(where: { !($0 > 0 && $0 < 1) && !$0.isNaN }) else {
                continue
            }
            throw .execution(
                "invalid \(name) factor. Expected: 0 < \(name.prefix(1))f < 1, got: "
                    + NumberText.fixed(wrong, digits: 6))
        }
    }
}
