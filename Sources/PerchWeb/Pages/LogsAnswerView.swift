import PerchLogQL

/// The answer to what is asked behind a search's bars: a table, with a chart where it is over time
/// and bars where it counts.
struct LogsAnswerView {
    var answer: LogAnswer
    var state: LogsState

    func html(_ frame: Frame) -> Markup {
        group {
            switch answer.content {
            case .tooMuch(let message):
                tag(.p, .class("notice"), .attribute("role", "alert")) {
                    "This question would take too much: \(message)."
                }
            case .rows(let rows):
                tag(
                    .div, .class("logs cols-\(state.columns.count)"), .attribute("role", "region"),
                    .label("Log records"),
                    .attribute("data-logs", Link("/logs", query: state.query).text)
                ) {
                    for row in rows.prefix(Limits.logRowsPerPage) {
                        LogRowView(row: row, state: state).html(frame)
                    }
                }
            case .table(let table): self.table(table, frame)
            }
            if isCut {
                notices(["The first rows are shown; there are more. The CSV has up to 10,000."])
            }
        }
    }

    private var isCut: Bool {
        if case .rows(let rows) = answer.content, rows.count > Limits.logRowsPerPage { return true }
        return answer.isCut
    }

    private func table(_ table: ResultTable, _ frame: Frame) -> Markup {
        group {
            if let chart = answer.chart {
                notices(chart.notices)
                tag(.section, .class("card"), .label("The answer over time")) {
                    tag(.div, .class("body")) {
                        drawing(chart).html(
                            TimeChart.Place(
                                "The answer over time; the table below has the values",
                                size: "high"))
                    }
                }
            }
            if table.rows.isEmpty {
                tag(.section, .class("empty")) {
                    tag(.h2) { "No row" }
                    tag(.p) { "The question has no answer in this time range." }
                }
            } else {
                tag(.div, .class("log-answer card")) { grid(table, frame) }
            }
        }
    }

    /// Levels have the colours that they have everywhere.
    private func drawing(_ chart: StepChart) -> TimeChart {
        var drawing = chart.drawing(state.range)
        for index in drawing.lines.indices {
            let level = LogLevel.allCases.first { $0.name == drawing.lines[index].name }
            if let level { drawing.lines[index].colour = "--l-\(level.name)" }
        }
        return drawing
    }

    private func grid(_ table: ResultTable, _ frame: Frame) -> Markup {
        // Bars beside the first figure of a table that is not over time.
        let figure =
            table.columns.first == "time"
            ? nil
            : table.columns.indices.first { column in
                table.rows.allSatisfy { $0[column].numberShown != nil }
            }
        let high = figure.map { column in
            table.rows.compactMap { $0[column].numberShown }.max() ?? 0
        }
        return tag(.table) {
            tag(.caption, .class("visually-hidden")) { "The answer, row by row" }
            tag(.thead) {
                tag(.tr) {
                    for name in table.columns {
                        tag(.th, .attribute("scope", "col")) { cut(name, 100) }
                    }
                }
            }
            tag(.tbody) {
                for row in table.rows {
                    tag(.tr) {
                        for (column, cell) in row.enumerated() {
                            self.cell(
                                cell, table.columns[column],
                                high: column == figure ? high : nil, frame)
                        }
                    }
                }
            }
        }
    }

    private func cell(
        _ cell: ResultCell, _ name: String, high: Double?, _ frame: Frame
    ) -> Markup {
        switch cell {
        case .time(let nanos): return tag(.td) { frame.time(nanos) }
        case .none: return tag(.td, .class("faint")) { "–" }
        case .int, .double:
            return tag(.td, .class("number")) {
                if let high, let value = cell.numberShown, high > 0, value >= 0 {
                    tag(
                        .svg, .class("length"), .attribute("viewBox", "0 0 100 6"),
                        .attribute("preserveAspectRatio", "none"), .hidden
                    ) {
                        tag(
                            .rect, .attribute("height", "6"),
                            .attribute("width", Units.fixed(value / high * 100, 1)))
                    }
                }
                tag(.span, .title(cell.shown)) { shown(cell) }
            }
        case .bool, .text:
            return tag(.td) {
                let text = cell.shown
                if case .text = cell, text.utf8.count <= Limits.fieldValueBytesMax, narrows(name) {
                    tag(
                        .a,
                        .href(
                            state.with {
                                $0.search =
                                    LogSearchText(LogSearchText($0.search).terms)
                                    .adding(SearchText.term(name, text)).text
                            }.link), .title("Show these records")
                    ) { cut(text) }
                } else {
                    cut(text)
                }
            }
        }
    }

    /// Whether a column is a field, so that one of its values makes a term.
    private func narrows(_ name: String) -> Bool {
        !["pattern", "example", "message", "msg", "body"].contains(name)
    }

    private func shown(_ cell: ResultCell) -> String {
        switch cell {
        case .int(let value): Units.count(Int(clamping: value))
        case .double(let value):
            value == value.rounded() && abs(value) < 1e15
                ? Units.count(Int(value)) : Units.number(value)
        default: cell.shown
        }
    }
}
