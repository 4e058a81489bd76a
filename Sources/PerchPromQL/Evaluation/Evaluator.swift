import PerchModel

/// Carries out one query.
///
/// Each expression hands its series, one after the other and each over all steps, to whoever asked
/// for it. Only those that need all series at once hold them.
final class Evaluator {
    typealias Sink = (consuming StepSeries) throws(QueryFailure) -> Void

    let source: any SampleSource
    let options: QueryOptions
    var annotations = Annotations()
    private let deadline: Int64?
    private var isLong = false
    private var seriesCount = 0
    /// What is held between expressions.
    private(set) var heldSamples = 0
    private(set) var heldBytes = 0
    private(set) var samples = QueryResult.SampleCounts()

    init(source: any SampleSource, options: QueryOptions) {
        self.source = source
        self.options = options
        deadline = options.clock.map { $0() &+ options.timeoutNanos }
    }

    // MARK: Limits

    /// Stops a query that nobody waits for, or that runs too long.
    func checkTime() throws(QueryFailure) {
        if Task.isCancelled { throw .cancelled("query was canceled in expression evaluation") }
        if let deadline, let clock = options.clock, clock() > deadline {
            throw .timeout("query timed out in expression evaluation")
        }
    }

    /// Moves the query to where long work belongs, once.
    func prepareForLongWork() async {
        guard !isLong, let move = options.onLongWork else { return }
        isLong = true
        await move()
    }

    /// Counts what is held from now on.
    func hold(_ samples: Int, _ bytes: Int) throws(QueryFailure) {
        heldSamples += samples
        heldBytes += bytes
        self.samples.peak = max(self.samples.peak, heldSamples)
        guard heldSamples <= options.samplesMax else { throw .tooManySamples }
        guard heldBytes <= options.byteCountMax else {
            throw .execution(
                "query processing would use more than \(options.byteCountMax) bytes of memory")
        }
    }

    /// Counts what was read.
    func countRead(_ samples: Int) { self.samples.read += samples }

    func release(_ samples: Int, _ bytes: Int) {
        heldSamples -= samples
        heldBytes -= bytes
    }

    /// Counts series that were read.
    func countSeries(_ count: Int = 1) throws(QueryFailure) {
        seriesCount += count
        guard seriesCount <= options.seriesMax else {
            throw .execution(
                "the query hit the max number of series limit (limit: \(options.seriesMax) series)")
        }
        try checkTime()
    }

    // MARK: Expressions

    /// Gives the series of an instant vector over the steps of a grid.
    func evaluate(
        _ expression: QueryExpression, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        try checkTime()
        guard grid.count > 0 else { return }
        if grid.count > 1, expression.isStepInvariant {
            try await evaluateOnce(expression, grid.first) { (series) throws(QueryFailure) in
                try sink(series.repeated(grid.count))
            }
        } else {
            try await evaluateOnce(expression, grid, sink)
        }
    }

    private func evaluateOnce(
        _ expression: QueryExpression, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        switch expression {
        case .vector(let node): try await select(node, grid, .values, sink)
        case .parenthesized(let node): try await evaluate(node.content, grid, sink)
        case .unary(let node):
            try await evaluate(node.operand, grid) { (series) throws(QueryFailure) in
                guard node.isNegative else { return try sink(series) }
                try sink(Self.negated(series))
            }
        case .binary(let node):
            try await evaluate(node, expression.range, grid, sink)
        case .aggregate(let node): try await evaluate(node, grid, sink)
        case .call(let node): try await evaluate(node, grid, sink)
        case .number, .string, .matrix, .subquery:
            throw .execution("unexpected \(expression.type.documented)")
        }
    }

    private static func negated(_ series: consuming StepSeries) -> StepSeries {
        for step in series.values.indices where series.hasFloat(step) {
            series.values[step] = -series.values[step]
        }
        for step in series.histograms.indices { series.histograms[step]?.multiply(by: -1) }
        series.dropsName = true
        return series
    }

    /// The series of an instant vector, held until they are released.
    func collect(
        _ expression: QueryExpression, _ grid: StepGrid
    ) async throws(QueryFailure) -> HeldSeries {
        var held = HeldSeries()
        try await evaluate(expression, grid) { (series) throws(QueryFailure) in
            let (samples, bytes) = (series.sampleCount, series.byteCount)
            try hold(samples, bytes)
            held.samples += samples
            held.bytes += bytes
            held.series.append(series)
        }
        return held
    }

    func release(_ held: HeldSeries) { release(held.samples, held.bytes) }

    // MARK: Scalars

    /// A scalar at each step.
    func scalars(
        _ expression: QueryExpression, _ grid: StepGrid
    ) async throws(QueryFailure) -> [Double] {
        switch expression {
        case .number(let node): return [Double](repeating: node.value, count: grid.count)
        case .parenthesized(let node): return try await scalars(node.content, grid)
        case .unary(let node):
            let values = try await scalars(node.operand, grid)
            return node.isNegative ? values.map { -$0 } : values
        case .binary(let node):
            var left = try await scalars(node.left, grid)
            let right = try await scalars(node.right, grid)
            for step in left.indices {
                left[step] = node.operation.scalar(left[step], right[step])
            }
            return left
        case .call(let node): return try await scalars(node, grid)
        default: throw .execution("unexpected \(expression.type.documented)")
        }
    }

    private func scalars(
        _ node: FunctionCall, _ grid: StepGrid
    ) async throws(QueryFailure) -> [Double] {
        switch node.function {
        case .time: return (0..<grid.count).map { Double(grid.time($0)) / 1_000 }
        case .pi: return [Double](repeating: .pi, count: grid.count)
        case .minOf, .maxOf:
            let left = try await scalars(node.arguments[0], grid)
            let right = try await scalars(node.arguments[1], grid)
            return zip(left, right).map {
                if $0.isNaN || $1.isNaN { return .nan }
                return node.function == .minOf ? min($0, $1) : max($0, $1)
            }
        case .scalar:
            var values = [Double](repeating: .nan, count: grid.count)
            var counts = [Int](repeating: 0, count: grid.count)
            try await evaluate(node.arguments[0], grid) { (series) throws(QueryFailure) in
                for step in values.indices where series.hasFloat(step) {
                    counts[step] += 1
                    values[step] = counts[step] == 1 ? series.values[step] : .nan
                }
            }
            return values
        default: throw .execution("unexpected function \(node.function.rawValue)")
        }
    }
}

/// Series that an expression holds, and what they count for.
struct HeldSeries {
    var series: [StepSeries] = []
    var samples = 0
    var bytes = 0
}

/// Puts series with the same labels together, as long as no two have a sample at the same step.
struct SeriesMerger {
    private(set) var series: [StepSeries] = []
    private var places: [Identity: Int] = [:]

    /// Series of which one is going to lose its name are not the same.
    private struct Identity: Hashable {
        var labels: Labels
        var dropsName: Bool
    }

    mutating func add(_ new: consuming StepSeries) throws(QueryFailure) {
        let identity = Identity(labels: new.labels, dropsName: new.dropsName)
        guard let place = places[identity] else {
            places[identity] = series.count
            series.append(new)
            return
        }
        for step in new.values.indices where new.hasSample(step) {
            guard !series[place].hasSample(step) else { throw .duplicateSeries }
            series[place].take(step, from: new)
        }
    }
}
