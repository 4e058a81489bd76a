package import PerchLogQL
package import PerchModel

/// The answer to what a search asks behind its bars.
package struct LogAnswer: Sendable {
    /// What it consists of.
    package enum Content: Sendable {
        case rows([LogRow])
        case table(ResultTable)
        /// It would have taken too much; the text says what to ask instead.
        case tooMuch(String)
    }

    package var content: Content
    /// Whether there is more than is shown.
    package var isCut = false

    package init(content: Content, isCut: Bool = false) {
        self.content = content
        self.isCut = isCut
    }

    /// The lines of an answer over time, one for each group and figure, with those of most weight
    /// first; nil when its first column is no time, or its times are too many steps apart for a
    /// chart to show all of them.
    package var chart: StepChart? {
        guard case .table(let table) = content, table.columns.first == "time" else { return nil }
        // Rows may stand in any order, as after `| sort`.
        var seen: Set<Int64> = []
        for row in table.rows {
            guard case .time(let nanos)? = row.first else { return nil }
            seen.insert(nanos)
        }
        let times = seen.sorted()
        guard let first = times.first, let last = times.last else { return nil }
        let (length, overflow) = last.subtractingReportingOverflow(first)
        let size = zip(times.dropFirst(), times).map { $0 &- $1 }.filter { $0 > 0 }.min()
        guard !overflow, let size, length / size <= Int64(Limits.answerRowsMax) else { return nil }
        let steps = Steps(start: first, size: size, count: Int(length / size) + 1)
        var chart = StepChart(steps: steps)
        chart.lines = Self.lines(table, steps)
        guard !chart.lines.isEmpty else { return nil }
        if chart.lines.count > Limits.answerLinesMax {
            chart.notices.append(
                "The chart shows the \(Limits.answerLinesMax) largest of "
                    + "\(Units.count(chart.lines.count)) lines; the table has all.")
            chart.lines.removeSubrange(Limits.answerLinesMax...)
        }
        return chart
    }

    private static func lines(_ table: ResultTable, _ steps: Steps) -> [StepChart.Line] {
        // A column is a figure when each of its values is a number.
        let figures = table.columns.indices.dropFirst().filter { column in
            table.rows.allSatisfy { column < $0.count && $0[column].isNumberOrNone }
                && table.rows.contains { $0[column] != .none }
        }
        let groups = table.columns.indices.dropFirst().filter { !figures.contains($0) }
        var lines: [String: StepChart.Line] = [:]
        var sums: [String: Double] = [:]
        for row in table.rows {
            guard case .time(let nanos)? = row.first, let step = steps.index(of: nanos) else {
                continue
            }
            let group = groups.map { row[$0] == .none ? "(none)" : row[$0].shown }
                .joined(separator: " · ")
            for figure in figures {
                guard let value = row[figure].numberShown else { continue }
                let name =
                    groups.isEmpty
                    ? table.columns[figure]
                    : figures.count == 1 ? group : "\(group) · \(table.columns[figure])"
                // Where nothing was counted there was nothing.
                let gap: Double? = table.columns[figure] == "count" ? 0 : nil
                lines[
                    name,
                    default: StepChart.Line(
                        name: name, values: [Double?](repeating: gap, count: steps.count))
                ].values[step] = value
                sums[name, default: 0] += abs(value)
            }
        }
        return lines.values.sorted {
            (sums[$1.name] ?? 0, $0.name) < (sums[$0.name] ?? 0, $1.name)
        }
    }
}

extension ResultCell {
    /// The number that it is; nil for a text, even for one that reads as a number.
    var numberShown: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value.isFinite ? value : nil
        case .none, .text, .bool, .time: nil
        }
    }

    fileprivate var isNumberOrNone: Bool {
        switch self {
        case .none, .int, .double: true
        case .text, .bool, .time: false
        }
    }
}

/// Forms of messages in a range.
package struct LogPatterns: Sendable {
    package var steps: Steps
    package var table: PatternTable

    package init(steps: Steps, table: PatternTable) {
        self.steps = steps
        self.table = table
    }
}

extension PageQueries {
    /// All that the logs page of a state shows; only what its view needs is asked for.
    package func page(
        _ question: LogQuestion, _ state: LogsState
    ) async throws(StoreFailure) -> LogsPage.Answer {
        let (filter, range) = (question.filter, state.range)
        if state.view == .live {
            return LogsPage.Answer(
                histogram: LogHistogram(
                    steps: range.steps(1), counts: [], total: LevelCounts()), page: LogPage())
        }
        var answer = LogsPage.Answer(
            histogram: try await histogram(filter, range), page: LogPage())
        guard answer.histogram.total.total > 0 else { return answer }
        if state.view == .patterns {
            answer.patterns = try await patterns(filter, range)
        } else if let query = question.query {
            answer.asked = try await self.answer(query, filter, range)
        } else {
            answer.page = try await logs(
                filter, range, from: state.position, count: state.rowCount)
        }
        return answer
    }

    /// The answer to what is asked about rows.
    package func answer(
        _ query: SearchQuery, _ filter: LogFilter, _ range: TimeRange
    ) async throws(StoreFailure) -> LogAnswer {
        var query = query
        query.search.predicate = filter.combined
        do throws(QueryFailure) {
            let answer = try await SearchRunner(source: events, dataset: .logs)
                .answer(query, times: range.nanos, limit: Limits.answerRowsMax)
            switch answer.content {
            case .events(let batch):
                return LogAnswer(content: .rows(Self.rows(batch)), isCut: answer.isCut)
            case .table(let table): return LogAnswer(content: .table(table), isCut: answer.isCut)
            }
        } catch {
            switch error {
            case .store(let failure): throw failure
            case .tooMuch(let message): return LogAnswer(content: .tooMuch(message))
            }
        }
    }

    /// The forms of the messages that fit.
    package func patterns(
        _ filter: LogFilter, _ range: TimeRange
    ) async throws(StoreFailure) -> LogPatterns {
        let steps = range.steps(30)
        let times = filter.times.clamped(to: range.nanos)
        let table = try await SearchRunner(source: events, dataset: .logs).patterns(
            filter.combined, times: times, stepNanos: steps.size,
            rowsMax: Limits.patternRowsMax)
        return LogPatterns(steps: steps, table: table)
    }
}
