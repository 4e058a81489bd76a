import PerchModel

/// Metrics: pick one, filter, group, and see its lines.
package struct MetricsPage: Sendable {
    var state: MetricsState
    var list: MetricList
    var labels: [LabelEntry]
    var chart: MetricChart?

    /// `chart` is nil when no metric is picked.
    package init(
        state: MetricsState, list: MetricList, labels: [LabelEntry], chart: MetricChart?
    ) {
        self.state = state
        self.list = list
        self.labels = labels
        self.chart = chart
    }

    private var picked: MetricEntry? { list.metrics.first { $0.name == state.metric } }

    private var isRate: Bool { state.isRate ?? picked?.isCounter ?? false }

    package func html(_ frame: Frame) -> Markup {
        frame.page(state.metric ?? "Metrics", .metrics) {
            tag(.div, .class("title")) {
                tag(.h1) { "Metrics" }
                rangeBar(state.range, frame) { range in
                    var next = state
                    next.range = range
                    return next.link
                }
            }
            rangeForm(Link("/explore"), state.pairs)
            if list.metrics.isEmpty, state.metric == nil {
                teaching(frame, "No metrics in this time range")
            } else {
                form
                tag(.div, .id("results")) {
                    notices(list.notices)
                    if let chart { result(chart, frame) } else { index }
                }
            }
        }
    }

    private var form: Markup {
        tag(
            .form, .class("filters"), .attribute("method", "get"), .action(Link("/explore")),
            .flag("data-submit-on-change")
        ) {
            tag(.label, .class("search")) {
                tag(.span, .class("visually-hidden")) { "Metric" }
                tag(
                    .input, .type("search"), .name("metric"), .id("search"),
                    .value(state.metric ?? ""), .attribute("list", "metric-names"),
                    .attribute("placeholder", "Name of a metric"),
                    .attribute("autocomplete", "off"), .attribute("spellcheck", "false"))
                tag(.kbd, .hidden) { "/" }
            }
            tag(.datalist, .id("metric-names")) {
                for metric in list.metrics { tag(.option, .value(metric.name)) }
            }
            if chart != nil {
                choice(
                    "Lines", "agg", state.aggregation.rawValue, any: nil,
                    [
                        ("sum", "sum"), ("avg", "average"), ("max", "maximum"), ("min", "minimum"),
                    ])
                choice(
                    "Show", "as", isRate ? "rate" : "value", any: nil,
                    [("rate", "rate per second"), ("value", "value")])
                labelFields
            }
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
            tag(.button, .type("submit")) { "Show" }
        }
    }

    private var labelFields: Markup {
        guard !labels.isEmpty else { return .empty }
        return tag(.div, .class("labels")) {
            for label in labels {
                tag(.div, .class("label-field")) {
                    choice(
                        label.name, "l." + label.name,
                        state.filters.first { $0.name == label.name }?.text, any: "any",
                        label.values.map { ($0, cut($0, 80)) })
                    tag(.label, .class("check")) {
                        tag(
                            .input, .type("checkbox"), .name("by"), .value(label.name),
                            .flag("checked", when: state.groupBy.contains(label.name)))
                        tag(.span) { "split" }
                    }
                }
            }
        }
    }

    private func result(_ chart: MetricChart, _ frame: Frame) -> Markup {
        group {
            notices(chart.notices)
            tag(.section, .class("card"), .label("Chart")) {
                tag(.div, .class("legend")) {
                    tag(.strong) { cut(state.metric ?? "") }
                    if let metadata = picked?.metadata {
                        tag(.span, .class("badge")) { "\(metadata.type)" }
                        if let unit = unit(metadata) {
                            tag(.span, .class("faint")) { "in \(unit)" }
                        }
                        tag(.span, .class("faint")) { cut(metadata.help) }
                    }
                    if isRate { tag(.span, .class("badge")) { "per second" } }
                }
                if chart.lines.isEmpty {
                    tag(.p, .class("faint pad")) {
                        isRate
                            ? "No points. A rate needs at least two samples of a series."
                            : "No points in this time range."
                    }
                } else {
                    tag(.div, .class("body")) {
                        chart.drawing(state.range).html(
                            TimeChart.Place(
                                "\(chart.lines.count) lines over time; the table below has the "
                                    + "values", size: "high", showsLegend: false))
                    }
                }
            }
            if !chart.lines.isEmpty { table(chart) }
        }
    }

    /// What the values are in: nothing for counts, though a histogram's family has the unit of what
    /// it measures.
    private func unit(_ metadata: MetricMetadata) -> String? {
        let name = state.metric ?? ""
        let isHistogram = metadata.type != .counter && metadata.type != .gauge
        if isHistogram, name.hasSuffix("_count") || name.hasSuffix("_bucket") { return nil }
        // UCUM writes words in braces, and 1 for none.
        let unit = metadata.unit.filter { $0 != "{" && $0 != "}" }
        return unit.isEmpty || unit == "1" ? nil : unit
    }

    private func table(_ chart: MetricChart) -> Markup {
        tag(.table, .class("lines cards")) {
            tag(.caption, .class("visually-hidden")) { "Values of each line" }
            tag(.thead) {
                tag(.tr) {
                    for words in ["Line", "Last", "Lowest", "Average", "Highest"] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for (index, line) in chart.lines.enumerated() {
                    let values = line.values.compactMap(\.self)
                    tag(.tr) {
                        tag(.th, .attribute("scope", "row")) {
                            tag(.span, .class("dot c\(index % 8)"), .hidden)
                            tag(.span, .class("name")) { cut(line.name) }
                        }
                        cell("Last", values.last)
                        cell("Lowest", values.min())
                        cell(
                            "Average",
                            values.isEmpty ? nil : values.reduce(0, +) / Double(values.count))
                        cell("Highest", values.max())
                    }
                }
            }
        }
    }

    private func cell(_ words: String, _ value: Double?) -> Markup {
        tag(.td, .class("number"), .attribute("data-label", words)) {
            value.map(Units.number) ?? "–"
        }
    }

    private func link(to metric: String) -> Link {
        var next = MetricsState(range: state.range)
        next.metric = metric
        return next.link
    }

    private var index: Markup {
        tag(.table, .class("metrics cards")) {
            tag(.caption, .class("visually-hidden")) { "Metrics" }
            tag(.thead) {
                tag(.tr) {
                    for words in ["Metric", "Type", "Series", "What it says"] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for metric in list.metrics {
                    tag(.tr) {
                        tag(.th, .attribute("scope", "row")) {
                            tag(.a, .href(link(to: metric.name))) {
                                tag(.code) { cut(metric.name) }
                            }
                        }
                        tag(.td, .attribute("data-label", "Type")) {
                            metric.metadata.map { "\($0.type)" } ?? "–"
                        }
                        tag(.td, .class("number"), .attribute("data-label", "Series")) {
                            Units.count(metric.seriesCount)
                        }
                        tag(.td, .class("help"), .attribute("data-label", "What it says")) {
                            cut(metric.metadata?.help ?? "")
                        }
                    }
                }
            }
        }
    }
}
