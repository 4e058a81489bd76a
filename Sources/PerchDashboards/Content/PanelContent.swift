import PerchModel

/// What a drawer needs of one panel.
package struct PanelContent: Sendable {
    package var title: String
    package var description: String
    package var isTransparent: Bool
    package var links: [PanelLink]
    package var body: Body
    /// What is not drawn as the file asks, and why.
    package var notices: [PanelNotice]
    /// Metrics that an empty panel waits for.
    package var missing: [String] = []

    package enum Body: Sendable {
        case timeSeries(TimeSeriesContent)
        case stat(StatContent)
        case gauge(GaugeContent)
        case barGauge(GaugeContent)
        case barChart(BarChartContent)
        case pie(PieContent)
        case table(TableContent)
        case heatmap(HeatmapContent)
        case histogram(BarChartContent)
        case stateTimeline(StateTimelineContent)
        case logs(LogsContent)
        case text(TextContent)
        /// There is nothing to draw; the notices say why where it is not for want of data.
        case empty
    }

    /// Makes the content of a panel of the answers to its questions.
    package static func make(
        _ panel: Panel, questions: PanelQuestions, data: PanelData, scope: VariableScope,
        clock: UnitFormat.Clock
    ) -> PanelContent {
        let text = Interpolator(scope: scope, policy: .text)
        var content = PanelContent(
            title: text.text(panel.title), description: text.text(panel.description),
            isTransparent: panel.isTransparent,
            links: panel.links.compactMap { PanelLink($0, scope) }, body: .empty,
            notices: questions.notices)
        let kind = PanelKind(panel)
        if case .other(let type) = kind {
            content.notices = [.panelType(type)] + content.notices
            return content
        }
        if kind == .text {
            content.body = .text(TextContent(panel, text))
            return content
        }
        let (frames, failures) = FrameMaker.frames(data)
        content.notices += failures
        if kind == .logs {
            content.body = LogsContent(panel, data).map { .logs($0) } ?? .empty
            return content
        }
        let (transformed, left) = Transformer(scope: scope, clock: clock)
            .apply(panel.transformations, to: frames)
        content.notices += left
        let styler = FieldStyler(config: panel.fieldConfig, scope: scope, clock: clock)
        let (fields, unknown) = styler.styled(transformed)
        content.notices += unknown
        let maker = ContentMaker(
            panel: panel, frames: fields, data: data, scope: scope, clock: clock)
        content.body = maker.body(kind, &content.notices)
        if case .empty = content.body {
            for name in data.answers.flatMap(\.missing) where !content.missing.contains(name) {
                content.missing.append(name)
            }
        }
        return content
    }
}

/// The kinds of panels that are drawn.
package enum PanelKind: Sendable, Hashable {
    case timeSeries
    case stat
    case gauge
    case barGauge
    case barChart
    case pie
    case table
    case heatmap
    case histogram
    case stateTimeline
    case statusHistory
    case logs
    case text
    case other(String)

    package init(_ panel: Panel) {
        switch panel.type {
        case "timeseries", "graph", "trend":
            let mode = panel.json.at("xaxis", "mode")?.scalarText
            self = mode == "histogram" ? .histogram : mode == "series" ? .barChart : .timeSeries
        case "stat", "singlestat", "grafana-singlestat-panel":
            self = panel.json.at("gauge", "show").isTrue ? .gauge : .stat
        case "gauge": self = .gauge
        case "bargauge": self = .barGauge
        case "barchart": self = .barChart
        case "piechart", "grafana-piechart-panel": self = .pie
        case "table", "table-old": self = .table
        case "heatmap", "heatmap-new": self = .heatmap
        case "histogram": self = .histogram
        case "state-timeline": self = .stateTimeline
        case "status-history": self = .statusHistory
        case "logs": self = .logs
        case "text": self = .text
        case let type: self = .other(type)
        }
    }
}
