import PerchModel
import PerchPromQL

/// Metrics: questions in PromQL with a chart or a table, and the catalogue of what there is.
package struct MetricsPage: Sendable {
    var state: MetricsState
    var list: MetricList
    var exploration: MetricExploration?

    /// `exploration` is nil when nothing is asked.
    package init(state: MetricsState, list: MetricList, exploration: MetricExploration?) {
        self.state = state
        self.list = list
        self.exploration = exploration
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Metrics", .metrics) {
            tag(.div, .class("title")) {
                tag(.h1) { "Metrics" }
                rangeBar(state.range, frame) { range in state.with { $0.range = range }.link }
            }
            rangeForm(Link("/explore"), state.pairs)
            if list.metrics.isEmpty, state.queries.isEmpty {
                teaching(frame, "No metrics in this time range")
            } else {
                form
                tag(.div, .id("results")) {
                    if let exploration { results(exploration, frame) } else { index }
                }
            }
        }
    }

    // MARK: Questions

    private var form: Markup {
        tag(
            .form, .class("promql"), .attribute("method", "get"), .action(Link("/explore")),
            .flag("data-promql")
        ) {
            for (index, query) in (state.queries.isEmpty ? [""] : state.queries).enumerated() {
                field(index, query)
            }
            tag(.div, .class("filters")) {
                tag(.button, .type("submit"), .class("primary")) { "Run" }
                tag(.button, .type("button"), .flag("data-add-query")) { "Add a query" }
                choice(
                    "Show", "view", state.showsTable ? "table" : "", any: "Chart",
                    [("table", "Table of the newest values")])
                choice(
                    "Unit", "unit", state.unit?.rawValue, any: "Automatic",
                    MetricUnit.allCases.map { ($0.rawValue, $0.words) })
                tag(.a, .class("button quiet"), .href(Link("/explore", query: state.range.query))) {
                    "All metrics"
                }
                tag(
                    .a, .class("button quiet"),
                    .href(Link("/cardinality", query: state.range.query))
                ) { "Cardinality" }
            }
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
        }
    }

    private func field(_ index: Int, _ query: String) -> Markup {
        let letter = Self.letter(index)
        return tag(.div, .class("query")) {
            tag(.label, .attribute("for", "expr-\(index)"), .class("c\(index % 8)")) { letter }
            tag(.div, .class("query-box")) {
                tag(
                    .textarea, .name("expr"), .id("expr-\(index)"), .attribute("rows", "1"),
                    .attribute("placeholder", "sum by (route) (rate(http_requests_total[5m]))"),
                    .attribute("spellcheck", "false"), .attribute("autocomplete", "off"),
                    .label("Query \(letter), in PromQL")
                ) { query }
            }
            if index > 0 {
                tag(.button, .type("button"), .class("plain"), .flag("data-remove-query")) {
                    "Remove"
                }
            }
        }
    }

    static func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "A") &+ UInt8(index % 26)))
    }

    // MARK: Answers

    private func results(_ exploration: MetricExploration, _ frame: Frame) -> Markup {
        group {
            for (index, query) in exploration.queries.enumerated() {
                failure(index, query)
                notices(query.warnings.map { "\(Self.letter(index)): \($0)" })
                if query.lineCount > max(query.lines.count, query.values.count) {
                    notices([
                        "\(Self.letter(index)): \(Units.count(query.lineCount)) series; the "
                            + "\(max(query.lines.count, query.values.count)) largest are shown. "
                            + "Group or filter to see all."
                    ])
                }
            }
            if state.showsTable { table(exploration) } else { chart(exploration) }
            tag(.p, .class("small")) {
                for (index, query) in exploration.queries.enumerated() {
                    "\(Self.letter(index)): \(Units.count(query.lineCount)) series in "
                    "\(Units.duration(query.milliseconds * 1e6)). "
                }
            }
        }
    }

    private func failure(_ index: Int, _ query: ExploredQuery) -> Markup {
        guard let failure = query.failure else { return .empty }
        let bytes = Array(query.text.utf8)
        return tag(.div, .class("mistake"), .attribute("role", "alert")) {
            tag(.p) {
                tag(.strong) { "\(Self.letter(index)) cannot be answered: " }
                failure
            }
            if let mistake = query.mistake {
                let start = max(0, min(mistake.start, bytes.count))
                let end = max(start, min(mistake.end, bytes.count))
                tag(.code) {
                    String(decoding: bytes[..<start], as: UTF8.self)
                    tag(.mark) {
                        start < end ? String(decoding: bytes[start..<end], as: UTF8.self) : "␣"
                    }
                    String(decoding: bytes[end...], as: UTF8.self)
                }
            }
        }
    }

    private func chart(_ exploration: MetricExploration) -> Markup {
        let steps = exploration.steps
        var chart = TimeChart(
            times: (0..<steps.count).map { Double(steps.time($0 + 1)) / 1e9 },
            range: state.range.nanos)
        let isSingle = exploration.queries.count == 1
        // One axis a unit; a third unit shares the second's.
        var units: [MetricUnit] = []
        for (index, query) in exploration.queries.enumerated() {
            let unit = state.unit ?? MetricUnit.guess(query.text)
            if !units.contains(unit), units.count < 2 { units.append(unit) }
            for (line, name) in zip(query.lines, Self.names(query.lines.map(\.labels))) {
                var drawn = TimeChart.Line(
                    name: isSingle ? name : Self.letter(index) + " " + name,
                    values: line.values, colour: String(chart.lines.count % 8))
                drawn.axis = units.firstIndex(of: unit) ?? 1
                chart.lines.append(drawn)
            }
            chart.points += query.exemplars.map { exemplar in
                let trace = exemplar.labels["trace_id"] ?? ""
                return TimeChart.Point(
                    timeNanos: exemplar.timeMillis &* 1_000_000, value: exemplar.value,
                    words: "trace \(trace)", link: Link("/trace", segment: trace))
            }
        }
        chart.units = units.map(\.unit)
        chart.marks = exploration.deploys.map { deploy in
            TimeChart.Mark(
                timeNanos: deploy.timeNanos, words: "\(deploy.service) \(deploy.version) deployed",
                link: Link("/services", segment: deploy.service))
        }
        return tag(.section, .class("card"), .label("Chart")) {
            tag(.div, .class("body")) {
                if exploration.queries.allSatisfy({ $0.failure != nil }) {
                    tag(.p, .class("faint")) { "Nothing to draw." }
                } else if chart.lines.isEmpty {
                    tag(.p, .class("faint")) {
                        "No points in this time range. A rate needs at least two samples of a "
                        "series."
                    }
                } else {
                    chart.html(
                        TimeChart.Place("\(chart.lines.count) lines over time", size: "high"))
                }
            }
        }
    }

    /// What tells each series from the others: a metric's name and labels that all of them share
    /// are left out, and of a single label the value is enough.
    static func names(_ labels: [Labels]) -> [String] {
        guard labels.count > 1, let first = labels.first else {
            return labels.map(LabelText.braces)
        }
        let common = Set(
            first.pairs.filter { pair in labels.allSatisfy { $0[pair.name] == pair.value } }
                .map(\.name))
        let differing = Set(labels.flatMap { $0.pairs.map(\.name) }).subtracting(common)
        return labels.map { labels in
            let pairs = labels.pairs.filter { !common.contains($0.name) }
            if pairs.isEmpty { return LabelText.braces(labels) }
            return differing.count == 1
                ? pairs[0].value : pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        }
    }

    private func table(_ exploration: MetricExploration) -> Markup {
        tag(.div, .class("scroll")) {
            tag(.table, .class("lines")) {
                tag(.caption, .class("visually-hidden")) { "Newest values" }
                tag(.thead) {
                    tag(.tr) {
                        for words in ["Series", "Value"] {
                            tag(.th, .attribute("scope", "col")) { words }
                        }
                    }
                }
                tag(.tbody) {
                    for (index, query) in exploration.queries.enumerated() {
                        let unit = (state.unit ?? MetricUnit.guess(query.text)).unit
                        for value in query.values {
                            tag(.tr) {
                                tag(.th, .attribute("scope", "row")) {
                                    if exploration.queries.count > 1 {
                                        tag(.span, .class("badge")) { Self.letter(index) }
                                        " "
                                    }
                                    tag(.code) { cut(LabelText.braces(value.labels)) }
                                }
                                tag(
                                    .td, .class("number"), .title(String(value.value))
                                ) { unit.text(value.value) }
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: The catalogue

    private var index: Markup {
        group {
            notices(list.notices)
            tag(.label, .class("search narrower")) {
                tag(.span, .class("visually-hidden")) { "Filter metrics" }
                tag(
                    .input, .type("search"), .id("search"), .attribute("data-filter", ".metrics"),
                    .attribute("placeholder", "Filter \(Units.count(list.metrics.count)) metrics"),
                    .attribute("autocomplete", "off"), .attribute("spellcheck", "false"))
                tag(.kbd, .hidden) { "/" }
            }
            catalogue
        }
    }

    private var catalogue: Markup {
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
                            tag(.a, .href(link(to: metric))) {
                                tag(.code) { cut(metric.name) }
                            }
                        }
                        tag(.td, .class("type"), .attribute("data-label", "Type")) {
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

    /// A first question that suits the metric's type.
    private func link(to metric: MetricEntry) -> Link {
        state.with { $0.queries = [Self.question(metric)] }.link
    }

    static func question(_ metric: MetricEntry) -> String {
        let isPlain = metric.name.utf8.enumerated().allSatisfy { index, byte in
            byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
                || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
                || index > 0 && byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
        let name = isPlain ? metric.name : "{\(MetricAnswers.quoted(metric.name))}"
        if metric.name.hasSuffix("_bucket"), metric.isCounter {
            return "histogram_quantile(0.95, sum by (le) (rate(\(name)[5m])))"
        }
        return metric.isCounter ? "rate(\(name)[5m])" : name
    }
}
