package import PerchDashboards

/// What stands inside a panel.
package struct PanelView: Sendable {
    var content: PanelContent
    var range: TimeRange
    /// What happened meanwhile, for charts over time.
    var marks: [TimeChart.Mark]
    /// Who sees a dashboard through its link alone may see no other page.
    var isShared: Bool

    package init(
        content: PanelContent, range: TimeRange, marks: [TimeChart.Mark] = [],
        isShared: Bool = false
    ) {
        self.content = content
        self.range = range
        self.marks = marks
        self.isShared = isShared
    }

    package func html(_ frame: Frame) -> Markup {
        group {
            notices(content.notices.map(\.text))
            body(frame)
            if !content.links.isEmpty {
                tag(.p, .class("links small")) {
                    for link in content.links { Self.link(link) }
                }
            }
        }
    }

    private func body(_ frame: Frame) -> Markup {
        switch content.body {
        case .timeSeries(let chart):
            PanelChart(chart: chart, marks: unlinked, hasLinks: !isShared).html
        case .stat(let stat): PanelStat(stat: stat).html
        case .gauge(let gauge): PanelGauge(gauge: gauge).html
        case .barGauge(let gauge): PanelGauge(gauge: gauge).bars
        case .barChart(let bars): PanelBars(bars: bars).html
        case .histogram(let bars): PanelBars(bars: bars).columns
        case .pie(let pie): PanelPie(pie: pie).html
        case .table(let table): PanelTable(table: table).html
        case .heatmap(let heatmap): PanelHeatmap(heatmap: heatmap, frame: frame).html
        case .stateTimeline(let timeline): PanelTimeline(timeline: timeline, frame: frame).html
        case .logs(let logs): PanelLogs(logs: logs, frame: frame).html
        case .text(let text): PanelText(text: text).html
        case .empty:
            content.notices.isEmpty ? nothing : .empty
        }
    }

    /// Whether a metric is unknown or only quiet is the first question of who sees an empty panel.
    private var nothing: Markup {
        tag(.div, .class("nothing")) {
            tag(.p) { "No data" }
            if !content.missing.isEmpty {
                tag(.p, .class("small")) {
                    "Waits for "
                    for (place, name) in content.missing.prefix(4).enumerated() {
                        if place > 0 { ", " }
                        tag(.code) { cut(name, 80) }
                    }
                }
            }
        }
    }

    private var unlinked: [TimeChart.Mark] {
        guard isShared else { return marks }
        return marks.map { mark in
            var mark = mark
            mark.link = nil
            return mark
        }
    }

    /// A link of a file: to a page of ours, or out; as words when it leads to neither.
    static func link(_ link: PanelLink, _ words: String? = nil) -> Markup {
        let words = words ?? link.title
        guard case .address(let address) = link.target else {
            return tag(.a, .href(Link("/dashboards"))) { words }
        }
        return Self.link(address: address, title: link.title) { words }
    }

    /// An address of a file with what stands in it.
    static func link(
        address: String, title: String? = nil, @MarkupBuilder content: () -> Markup
    ) -> Markup {
        if let outer = OuterLink(address) {
            return tag(
                .a, .href(outer), .attribute("rel", "noopener noreferrer"),
                title.map { .title($0) },
                content: content)
        }
        if let local = LocalPath(address) {
            return tag(.a, .href(local.link), title.map { .title($0) }, content: content)
        }
        return content()
    }

    /// A colour in a picture.
    static func paint(_ colour: Colour?) -> String {
        guard let colour else { return "var(--faint)" }
        return colour.token.map { "var(\($0))" } ?? colour.light
    }

    /// A colour in a chart.
    static func pen(_ colour: Colour) -> String { colour.token ?? colour.light }
}

extension Attribute {
    static func fill(_ colour: Colour?) -> Attribute { attribute("fill", PanelView.paint(colour)) }

    /// A colour of words, which the page's script sets: it may be any.
    static func ink(_ colour: Colour?) -> Attribute? {
        colour.map { attribute("data-ink", PanelView.paint($0)) }
    }

    /// The same of what lies behind.
    static func ground(_ colour: Colour?) -> Attribute? {
        colour.map { attribute("data-ground", PanelView.paint($0)) }
    }

    static func number(_ name: StaticString, _ value: Double) -> Attribute {
        attribute(name, ChartJSON.number(value.isFinite ? value : 0))
    }

    /// A picture whose sides are stretched to those of its place.
    static var stretched: Attribute { attribute("preserveAspectRatio", "none") }
}
