package import PerchModel
package import PerchPromQL

/// The answer to one question of the metrics page.
package struct ExploredQuery: Sendable {
    package var text: String
    /// Why there is none, with where the mistake is when it is one of the text.
    package var failure: String?
    package var mistake: SourceRange?
    package var warnings: [String] = []
    package var lines: [MetricAnswers.Line] = []
    package var values: [MetricAnswers.Value] = []
    /// Of lines that there were, also those beyond the limit.
    package var lineCount = 0
    package var exemplars: [Exemplar] = []
    package var milliseconds = 0.0

    init(text: String) { self.text = text }
}

/// What the metrics page shows of its questions.
package struct MetricExploration: Sendable {
    package var steps: Steps
    package var queries: [ExploredQuery]
    /// Of the services that the answers name.
    package var deploys: [Deploy] = []
}

extension PageQueries {
    /// Answers questions over the range, or at its end.
    package func explore(
        _ state: MetricsState, clock: @Sendable () -> Int64
    ) async throws(StoreFailure) -> MetricExploration {
        let steps = state.range.steps(Limits.chartStepsMax)
        var exploration = MetricExploration(steps: steps, queries: [])
        for text in state.queries {
            let start = clock()
            var query = try await explore(text, steps, state)
            query.milliseconds = Double(clock() &- start) / 1e6
            exploration.queries.append(query)
        }
        let services = Set(
            exploration.queries.flatMap(\.lines).compactMap { Self.service(of: $0.labels) })
        exploration.deploys = await deploys(state.range.nanos)
            .filter { services.contains($0.service) }
        return exploration
    }

    private func explore(
        _ text: String, _ steps: Steps, _ state: MetricsState
    ) async throws(StoreFailure) -> ExploredQuery {
        var query = ExploredQuery(text: text)
        let expression: QueryExpression
        do {
            expression = try Parser.parse(text)
        } catch {
            query.failure = error.message
            query.mistake = error.range
            return query
        }
        do throws(QueryFailure) {
            if state.showsTable {
                (query.values, query.warnings) = try await answers.table(
                    expression, text, at: state.range.nanos.upperBound)
                query.lineCount = query.values.count
                query.values = Array(query.values.prefix(Limits.tableRowsMax))
            } else {
                (query.lines, query.warnings) = try await answers.lines(expression, text, steps)
                query.lineCount = query.lines.count
                query.lines = Self.largest(query.lines)
            }
        } catch .storage(let failure) {
            throw failure
        } catch .cancelled {
            throw .cancelled
        } catch {
            query.failure = error.message
        }
        if !state.showsTable, !query.lines.isEmpty {
            query.exemplars = try await ExemplarFinder(samples: samples, options: answers.options())
                .exemplars(expression, state.range.millis)
        }
        return query
    }

    /// The lines that matter most, in their order.
    private static func largest(_ lines: [MetricAnswers.Line]) -> [MetricAnswers.Line] {
        guard lines.count > Limits.exploredLinesMax else { return lines }
        let weights = lines.map { $0.values.reduce(0) { $0 + abs($1 ?? 0) } }
        let kept = Set(
            lines.indices.sorted { (weights[$1], $0) < (weights[$0], $1) }
                .prefix(Limits.exploredLinesMax))
        return lines.indices.filter { kept.contains($0) }.map { lines[$0] }
    }
}

extension MetricAnswers {
    /// The answer of a reader's question; failures are the reader's to see.
    func lines(
        _ expression: QueryExpression, _ text: String, _ steps: Steps
    ) async throws(QueryFailure) -> ([Line], [String]) {
        let size = max(1, steps.size / 1_000_000)
        let first = steps.time(1) / 1_000_000
        let times = QueryTimes.range(
            first, first &+ size &* Int64(max(0, steps.count - 1)), step: size)
        let result = try await QueryEngine(source: samples, options: options())
            .evaluate(expression, times)
        guard case .matrix(let series) = result.value else { return ([], []) }
        return (
            series.map { Line($0, first: first, size: size, count: steps.count) },
            result.annotations.texts(.warning, query: text)
        )
    }

    func table(
        _ expression: QueryExpression, _ text: String, at nanos: Int64
    ) async throws(QueryFailure) -> ([Value], [String]) {
        let result = try await QueryEngine(source: samples, options: options())
            .evaluate(expression, .instant(nanos / 1_000_000))
        let values: [Value] =
            switch result.value {
            case .vector(let vector):
                vector.map { Value(labels: $0.labels, value: $0.value) }
            case .scalar(let value, _):
                [Value(labels: Labels(canonical: []), value: value)]
            case .matrix(let series):
                series.map { Value(labels: $0.labels, value: $0.values.last ?? .nan) }
            case .string: []
            }
        return (values, result.annotations.texts(.warning, query: text))
    }
}
