import PerchDashboards
import PerchModel

/// Answers made up for the queries of a panel.
enum Answers {
    static func series(
        _ labels: [(String, String)], _ values: [Double], step: Int64 = 60_000,
        from: Int64 = DashboardFiles.range.fromMillis
    ) -> PanelData.Series {
        PanelData.Series(
            labels: labels.map { FrameLabel(name: $0.0, value: $0.1) },
            times: values.indices.map { from + Int64($0) * step }, values: values)
    }

    /// A few series for every query in PromQL, and lines for every one in LogQL without a function.
    static func answer(_ queries: [PanelQuery]) -> PanelData {
        PanelData(
            queries.map { query in
                let isLines = query.language == .logQL && query.expression.hasPrefix("{")
                if isLines {
                    return PanelData.Answer(
                        query: query,
                        body: .lines([
                            .init(
                                timeNanos: query.range.toMillis * 1_000_000, text: "a line",
                                labels: [FrameLabel(name: "app", value: "api")], level: "error")
                        ]))
                }
                let count = query.isInstant ? 1 : 5
                let all = ["0.5", "1", "+Inf"].map { bound in
                    series(
                        [("__name__", "m"), ("job", "api"), ("le", bound), ("mode", bound)],
                        (0..<count).map { Double($0) + (Double(bound) ?? 2) },
                        step: query.stepMillis)
                }
                return PanelData.Answer(query: query, body: .series(all))
            })
    }
}

/// A panel of a test, asked and answered.
struct AnsweredPanel {
    var panel: Panel
    var questions: PanelQuestions
    var scope: VariableScope

    init(_ json: String, variables: String = "") async throws {
        let dashboard = try Dashboard(
            text: #"{"panels": [\#(json)], "templating": {"list": [\#(variables)]}}"#)
        let state = await DashboardFiles.state(of: dashboard)
        guard let first = dashboard.panels.first else { throw DashboardFailure.notADashboard }
        panel = first
        scope = state.scope
        questions = PanelQuestions(
            panel, in: dashboard, state: state, width: 600,
            nowMillis: DashboardFiles.range.toMillis)
    }

    /// The content for these series, those of query B behind a `nil`.
    func content(_ series: [PanelData.Series]...) -> PanelContent {
        let answers = zip(questions.queries, series).map {
            PanelData.Answer(query: $0, body: .series($1))
        }
        return PanelContent.make(
            panel, questions: questions, data: PanelData(answers), scope: scope,
            clock: DashboardFiles.clock)
    }

    func content(_ body: PanelData.Body) -> PanelContent {
        let answers = questions.queries.prefix(1).map { PanelData.Answer(query: $0, body: body) }
        return PanelContent.make(
            panel, questions: questions, data: PanelData(Array(answers)), scope: scope,
            clock: DashboardFiles.clock)
    }
}

extension PanelContent {
    var timeSeries: TimeSeriesContent? {
        if case .timeSeries(let content) = body { content } else { nil }
    }
    var stat: StatContent? { if case .stat(let content) = body { content } else { nil } }
    var gauge: GaugeContent? {
        switch body {
        case .gauge(let content), .barGauge(let content): content
        default: nil
        }
    }
    var table: TableContent? { if case .table(let content) = body { content } else { nil } }
    var pie: PieContent? { if case .pie(let content) = body { content } else { nil } }
    var bars: BarChartContent? {
        switch body {
        case .barChart(let content), .histogram(let content): content
        default: nil
        }
    }
    var heatmap: HeatmapContent? {
        if case .heatmap(let content) = body { content } else { nil }
    }
    var timeline: StateTimelineContent? {
        if case .stateTimeline(let content) = body { content } else { nil }
    }
    var logs: LogsContent? { if case .logs(let content) = body { content } else { nil } }
    var text: TextContent? { if case .text(let content) = body { content } else { nil } }
}

extension TableContent.Grid {
    /// The table as text, a line a row.
    var lines: [String] {
        [columns.map(\.name).joined(separator: "|")]
            + rows.map { $0.map(\.value.text).joined(separator: "|") }
    }
}
