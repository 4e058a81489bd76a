package import PerchDashboards
import PerchLogQL
package import PerchModel
package import PerchPromQL

/// Answers the questions of dashboards from the stores.
package struct PanelAnswers: Sendable {
    private let events: any EventSource
    private let samples: any SampleSource
    private let options: @Sendable () -> QueryOptions
    private let now: @Sendable () -> Int64

    /// `options` bounds questions in both languages; `now` answers nanoseconds since 1970.
    package init(
        events: any EventSource, samples: any SampleSource,
        options: @escaping @Sendable () -> QueryOptions, now: @escaping @Sendable () -> Int64
    ) {
        self.options = options
        self.events = events
        self.samples = samples
        self.now = now
    }

    // MARK: Panels

    /// The answers to a panel's queries, in their order.
    package func data(_ questions: PanelQuestions) async -> PanelData {
        var answers: [PanelData.Answer] = []
        for query in questions.queries {
            let body: PanelData.Body
            do {
                body =
                    switch query.language {
                    case .promQL: try await promQL(query)
                    case .logQL: try await logQL(query)
                    }
            } catch let failure as PerchPromQL.QueryFailure {
                body = .failed(failure.message)
            } catch let failure as LogQLFailure {
                body = .failed(failure.description)
            } catch let failure as ParseFailure {
                body = .failed(failure.description)
            } catch {
                body = .failed("the store did not answer")
            }
            var answer = PanelData.Answer(query: query, body: body)
            if case .series(let series) = body, query.language == .promQL {
                if series.isEmpty {
                    answer.missing = await missing(query)
                } else if query.wantsExemplars, !query.isInstant {
                    answer.exemplars = await exemplars(query)
                }
            }
            answers.append(answer)
        }
        return PanelData(answers)
    }

    /// The metrics of a query that have no series at all in its range.
    private func missing(_ query: PanelQuery) async -> [String] {
        guard let expression = try? Parser.parse(query.expression) else { return [] }
        var names: [String] = []
        for matcher in expression.selectors.joined()
        where matcher.name == "__name__" && matcher.operation == .equal
            && !names.contains(matcher.value) && names.count < Limits.missingMetricsMax
        {
            names.append(matcher.value)
        }
        var missing: [String] = []
        for name in names {
            let from = min(query.range.fromMillis, query.range.toMillis)
            var wanted = SampleQuery(
                matchers: [LabelMatcher("__name__", .equal, name)],
                times: from...query.range.toMillis)
            wanted.labelsOnly = true
            wanted.seriesLimit = Limits.labelSeriesMax
            var cursor = samples.read(wanted)
            do {
                if try await cursor.next() == nil { missing.append(name) }
            } catch {
                continue
            }
        }
        return missing
    }

    /// A chart is worth showing without them, so a failure leaves none.
    private func exemplars(_ query: PanelQuery) async -> [PanelData.Exemplar] {
        guard var expression = try? Parser.parse(query.expression) else { return [] }
        expression.add(query.filters.map(Self.matcher))
        let (from, to) = (query.range.fromMillis, query.range.toMillis)
        let found = try? await ExemplarFinder(samples: samples, options: options())
            .exemplars(expression, from...max(from, to))
        return (found ?? []).map { exemplar in
            PanelData.Exemplar(
                timeMillis: exemplar.timeMillis, value: exemplar.value,
                traceID: exemplar.labels["trace_id"] ?? "")
        }
    }

    private func promQL(_ query: PanelQuery) async throws -> PanelData.Body {
        try await promQL(
            query.expression, query.filters, isInstant: query.isInstant, query.range,
            stepMillis: query.stepMillis)
    }

    private func promQL(
        _ text: String, _ filters: [AdHocFilter], isInstant: Bool,
        _ range: PerchDashboards.TimeRange, stepMillis: Int64
    ) async throws -> PanelData.Body {
        var expression = try Parser.parse(text)
        expression.add(filters.map(Self.matcher))
        let times: QueryTimes
        if isInstant {
            times = .instant(range.toMillis)
        } else {
            let step = max(1, stepMillis)
            // On round times, so that a refresh moves no point.
            let start = range.fromMillis - Self.remainder(range.fromMillis, step)
            times = .range(start, max(start, range.toMillis), step: step)
        }
        let result = try await QueryEngine(source: samples, options: options())
            .evaluate(expression, times)
        switch result.value {
        case .scalar(let value, let time):
            return .series([PanelData.Series(labels: [], times: [time], values: [value])])
        case .string: return .series([])
        case .vector(let vector):
            return .series(
                vector.map {
                    PanelData.Series(
                        labels: Self.labels($0.labels), times: [$0.timeMillis], values: [$0.value])
                })
        case .matrix(let matrix):
            return .series(
                matrix.map {
                    PanelData.Series(
                        labels: Self.labels($0.labels), times: $0.times, values: $0.values)
                })
        }
    }

    private func logQL(_ query: PanelQuery) async throws -> PanelData.Body {
        try await logQL(
            query.expression, isInstant: query.isInstant, query.range,
            stepMillis: query.stepMillis, limit: query.limit, isForward: query.isForward)
    }

    private func logQL(
        _ text: String, isInstant: Bool, _ range: PerchDashboards.TimeRange, stepMillis: Int64,
        limit: Int, isForward: Bool
    ) async throws -> PanelData.Body {
        var options = logOptions
        options.limit = limit
        options.isNewestFirst = !isForward
        let expression = try LogQLParser.parse(text)
        let (from, to) = (range.fromMillis &* 1_000_000, range.toMillis &* 1_000_000)
        var isInstant = isInstant
        if case .lines = expression { isInstant = false }
        let times: LogQLTimes =
            isInstant
            ? .instant(to) : .range(from, to, step: max(1, stepMillis) &* 1_000_000)
        let (result, _) = try await LogQLEngine(source: events, options: options)
            .evaluate(expression, times)
        switch result {
        case .scalar(let value, let nanos):
            return .series([
                PanelData.Series(labels: [], times: [nanos / 1_000_000], values: [value])
            ])
        case .vector(let table, let nanos):
            return .series(Self.series(table, [nanos / 1_000_000]))
        case .matrix(let table, let times):
            let step = times.step ?? 1
            return .series(
                Self.series(
                    table,
                    (0..<table.stepCount).map { (times.start &+ Int64($0) &* step) / 1_000_000 }))
        case .streams(let streams): return .lines(Self.lines(streams, isForward))
        }
    }

    /// What the query of an annotation finds.
    func annotation(
        _ text: String, isLoki: Bool, _ range: PerchDashboards.TimeRange, stepMillis: Int64
    ) async -> PanelData.Body {
        do {
            guard isLoki else {
                return try await promQL(text, [], isInstant: false, range, stepMillis: stepMillis)
            }
            return try await logQL(
                text, isInstant: false, range, stepMillis: stepMillis,
                limit: Limits.marksMax, isForward: false)
        } catch {
            return .failed("the annotation has no answer")
        }
    }

    private static func series(_ table: SeriesTable, _ steps: [Int64]) -> [PanelData.Series] {
        table.sortedSeries().map { labels, series in
            var times: [Int64] = []
            var values: [Double] = []
            for step in 0..<min(table.stepCount, steps.count) {
                let value = table.value(series, step)
                guard !SeriesTable.isAbsent(value) else { continue }
                times.append(steps[step])
                values.append(value)
            }
            return PanelData.Series(labels: Self.labels(labels), times: times, values: values)
        }
    }

    private static func lines(_ streams: [LogStream], _ isForward: Bool) -> [PanelData.Line] {
        var lines: [PanelData.Line] = []
        for stream in streams {
            let labels = stream.labels.map { FrameLabel(name: $0.name, value: $0.value) }
            let level = stream.labels.first { $0.name == "detected_level" || $0.name == "level" }
            for entry in stream.entries {
                lines.append(
                    PanelData.Line(
                        timeNanos: entry.nanos, text: String(decoding: entry.line, as: UTF8.self),
                        labels: labels, level: level?.value))
            }
        }
        return lines.sorted {
            isForward ? $0.timeNanos < $1.timeNanos : $0.timeNanos > $1.timeNanos
        }
    }

    private static func labels(_ labels: Labels) -> [FrameLabel] {
        labels.pairs.map { FrameLabel(name: $0.name, value: $0.value) }
    }

    private static func matcher(_ filter: AdHocFilter) -> LabelMatcher {
        let operation: LabelMatcher.Operation =
            switch filter.comparison {
            case .equal: .equal
            case .notEqual: .notEqual
            case .matches: .matches
            case .notMatches: .notMatches
            }
        return LabelMatcher(filter.label, operation, filter.value)
    }

    private static func remainder(_ value: Int64, _ size: Int64) -> Int64 {
        let rest = value % size
        return rest < 0 ? rest + size : rest
    }

    // MARK: Variables

    /// The answer to the question of a variable, over a range of time.
    package func answer(
        _ question: VariableQuestion, _ range: PerchDashboards.TimeRange
    ) async -> VariableAnswer {
        do {
            return try await values(question, range)
        } catch let failure as PerchPromQL.QueryFailure {
            return .failed(failure.message)
        } catch let failure as LogQLFailure {
            return .failed(failure.description)
        } catch let failure as ParseFailure {
            return .failed(failure.description)
        } catch {
            return .failed("the store did not answer")
        }
    }

    private func values(
        _ question: VariableQuestion, _ range: PerchDashboards.TimeRange
    ) async throws -> VariableAnswer {
        let nanos =
            range.fromMillis
            &* 1_000_000..<max(
                range.fromMillis &* 1_000_000 &+ 1, range.toMillis &* 1_000_000)
        switch question {
        case .labelNames(let selector):
            return .values(
                try await read(selector, range).reduce(into: Set<String>()) {
                    for (name, _) in $1.pairs { $0.insert(name) }
                }.sorted())
        case .labelValues(let label, let selector):
            return .values(
                try await read(selector, range).reduce(into: Set<String>()) {
                    if let value = $1[label] { $0.insert(value) }
                }.sorted())
        case .metricNames(let pattern):
            let selector = "{__name__=~\(MetricAnswers.quoted(".*(?:" + pattern + ").*"))}"
            return .values(
                Set(try await read(selector, range).map(\.metricName)).sorted())
        case .series(let selector):
            return .samples(
                try await read(selector, range).map {
                    VariableAnswer.Sample(
                        labels: Self.labels($0), value: 1, timeMillis: range.toMillis)
                })
        case .queryResult(let text):
            let result = try await QueryEngine(source: samples, options: options())
                .evaluate(try Parser.parse(text), .instant(range.toMillis))
            guard case .vector(let vector) = result.value else { return .samples([]) }
            return .samples(
                vector.map {
                    VariableAnswer.Sample(
                        labels: Self.labels($0.labels), value: $0.value,
                        timeMillis: $0.timeMillis)
                })
        case .lokiLabelNames:
            let catalog = try await logs.streams([[]], times: nanos)
            return .values(
                catalog.reduce(into: Set<String>()) {
                    for (name, _) in $1.pairs { $0.insert(name) }
                }.sorted())
        case .lokiLabelValues(let label, let selector):
            let matchers = selector.isEmpty ? [] : try LogQLParser.parseMatchers(selector)
            return .values(try await logs.values(of: label, matchers, times: nanos))
        }
    }

    private var logs: LogQLEngine { LogQLEngine(source: events, options: logOptions) }

    private var logOptions: LogQLOptions {
        let bounds = options()
        var options = LogQLOptions()
        options.now = now()
        options.clock = bounds.clock
        options.timeoutNanos = bounds.timeoutNanos
        return options
    }

    /// The label sets of the series that a selector names; all of them when it is empty.
    private func read(
        _ selector: String, _ range: PerchDashboards.TimeRange
    ) async throws -> [Labels] {
        var result: [Labels] = []
        var selectors: [[LabelMatcher]] = [[]]
        if !selector.isEmpty { selectors = try Parser.parse(selector).selectors }
        for matchers in selectors {
            var query = SampleQuery(matchers: matchers, times: range.fromMillis...range.toMillis)
            query.labelsOnly = true
            query.seriesLimit = Limits.labelSeriesMax
            var cursor = samples.read(query)
            while result.count < Limits.variableSeriesMax, let chunk = try await cursor.next() {
                result.append(chunk.labels)
            }
        }
        return result
    }
}
