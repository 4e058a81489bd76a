import PerchModel

/// One service: rate, errors and duration by operation, what it calls, what fails, where it runs.
package struct ServicePage: Sendable {
    var range: TimeRange
    var detail: ServiceDetail

    package init(range: TimeRange, detail: ServiceDetail) {
        self.range = range
        self.detail = detail
    }

    private func link(_ range: TimeRange) -> Link {
        Link("/services", segment: detail.name, query: range.query)
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page(detail.name, .services) {
            tag(
                .div, .id("results"), range.relative == nil ? nil : Fragment.get(link(range)),
                Fragment.target, Fragment.select,
                Fragment.swap, range.relative == nil ? nil : Fragment.trigger("every 30s")
            ) {
                tag(.div, .class("title")) {
                    tag(.div) {
                        tag(.p, .class("crumbs")) {
                            tag(.a, .href(Link("/"))) { "Services" }
                        }
                        tag(.h1, .class("headline")) {
                            if let state = detail.summary?.state {
                                tag(.span, .class("state \(state.name)"), .hidden)
                            }
                            detail.name
                        }
                    }
                    rangeBar(range, frame, link)
                }
                rangeForm(Link("/services", segment: detail.name), [])
                if detail.isEmpty {
                    teaching(
                        frame, "Nothing of this service in this time range",
                        wider: Link("/services", segment: detail.name, query: [("range", "30d")]))
                } else {
                    content(frame)
                }
            }
        }
    }

    private func content(_ frame: Frame) -> Markup {
        group {
            if let troubles = detail.summary?.troubles, !troubles.isEmpty {
                tag(.div, .class("fire \(detail.summary?.state.name ?? "")")) {
                    tag(.ul) { for trouble in troubles { tag(.li) { trouble.words } } }
                }
            }
            tag(.p, .class("links")) {
                tag(
                    .a, .class("button"),
                    .href(Link("/traces", query: [("service", detail.name)] + range.query))
                ) { "Traces" }
                tag(
                    .a,
                    .class(
                        detail.summary?.troubles.contains { $0.kind == .errors } == true
                            ? "button primary" : "button"),
                    .href(
                        Link(
                            "/traces",
                            query: [("service", detail.name), ("errors", "1")] + range.query))
                ) { "Failed traces" }
                tag(
                    .a, .class("button"),
                    .href(Link("/logs", query: [("service", detail.name)] + range.query))
                ) { "Logs" }
                tag(.a, .class("button"), .href(Link("/map", query: range.query))) { "Map" }
            }
            charts
            tag(.div, .class("grid")) {
                operations
                errors(frame)
                calls
                instances(frame)
                deploys(frame)
            }
        }
    }

    // MARK: Charts

    private var marks: [TimeChart.Mark] {
        detail.deploys.map { deploy in
            TimeChart.Mark(timeNanos: deploy.timeNanos, words: "deployed \(deploy.version)")
        }
    }

    private func chart(_ lines: [TimeChart.Line], _ unit: ChartUnit) -> TimeChart {
        var chart = TimeChart(
            times: (0..<detail.steps.count).map { Double(detail.steps.time($0 + 1)) / 1e9 },
            range: range.nanos)
        chart.lines = lines
        chart.units = [unit]
        chart.marks = marks
        return chart
    }

    private var charts: Markup {
        var failed = TimeChart.Line(name: "failed", values: detail.errorShares, colour: "--l-error")
        failed.fill = 0.2
        return tag(.div, .class("grid")) {
            card("Requests", chart(detail.rates, .perSecond), detail.rates.isEmpty)
            card(
                "Failed", chart([failed], .share),
                detail.errorShares.allSatisfy { $0 == nil }, showsLegend: false)
            card(
                "Duration", chart(detail.durations, .milliseconds), detail.durations.isEmpty)
        }
    }

    private func card(
        _ words: String, _ chart: TimeChart, _ isEmpty: Bool, showsLegend: Bool = true
    ) -> Markup {
        tag(.section, .class("card w4")) {
            tag(.header) { tag(.h2) { words } }
            tag(.div, .class("body")) {
                if isEmpty {
                    tag(.p, .class("faint")) { "No requests were counted." }
                } else {
                    chart.html(
                        TimeChart.Place("\(words) over time", showsLegend: showsLegend))
                }
            }
        }
    }

    // MARK: Tables

    private func section(
        _ words: String, _ width: String, @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        tag(.section, .class("card \(width)")) {
            tag(.header) { tag(.h2) { words } }
            content()
        }
    }

    private func table(_ words: [String], @MarkupBuilder _ rows: () -> Markup) -> Markup {
        tag(.table, .class("cards")) {
            tag(.thead) {
                tag(.tr) { for word in words { tag(.th, .attribute("scope", "col")) { word } } }
            }
            tag(.tbody) { rows() }
        }
    }

    private func cell(_ words: String, _ text: String, bad: Bool = false) -> Markup {
        tag(.td, .class(bad ? "number bad" : "number"), .attribute("data-label", words)) { text }
    }

    private func textCell(_ words: String, _ text: String) -> Markup {
        tag(.td, .attribute("data-label", words)) { text }
    }

    private func healthCells(_ health: ServiceHealth) -> Markup {
        group {
            cell("Requests", Units.rate(health.requests / detail.seconds))
            cell(
                "Failed", health.errorShare.map(Units.share) ?? "–",
                bad: health.errorShare ?? 0 >= 0.01)
            cell("p50", health.durationNanos(0.5).map(Units.duration) ?? "–")
            cell("p95", health.durationNanos(0.95).map(Units.duration) ?? "–")
            cell("p99", health.durationNanos(0.99).map(Units.duration) ?? "–")
        }
    }

    private var operations: Markup {
        let entries = detail.operations.filter { !$0.isOutgoing }
        return section("Operations", "w12") {
            if entries.isEmpty {
                tag(.p, .class("faint body")) { "This service sent no spans in this range." }
            } else {
                table(["Operation", "Requests", "Failed", "p50", "p95", "p99"]) {
                    for operation in entries.prefix(Limits.serviceTableRowsMax) {
                        tag(.tr) {
                            tag(.th, .attribute("scope", "row")) {
                                tag(
                                    .a,
                                    .href(
                                        Link(
                                            "/traces",
                                            query: [
                                                ("service", detail.name),
                                                ("q", Self.search(operation.name)),
                                            ] + range.query))
                                ) { cut(operation.name, 120) }
                                if !operation.isEntry {
                                    " "
                                    tag(.span, .class("badge")) { "inner" }
                                }
                            }
                            healthCells(operation.health)
                        }
                    }
                }
            }
        }
    }

    private static func search(_ name: String) -> String {
        let text = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "name:\"\(text)\""
    }

    private var calls: Markup {
        let outgoing = detail.operations.filter(\.isOutgoing)
        return group {
            section("Neighbours", "w6") {
                if detail.calls.isEmpty {
                    tag(.p, .class("faint body")) { "No calls to or from others were seen." }
                } else {
                    table(["Call", "Requests", "Failed", "p95"]) {
                        for call in detail.calls.prefix(Limits.serviceTableRowsMax) {
                            tag(.tr) {
                                tag(.th, .attribute("scope", "row")) { neighbour(call) }
                                cell(
                                    "Requests", Units.rate(call.requests / detail.seconds))
                                cell(
                                    "Failed", Units.share(call.errorShare),
                                    bad: call.errorShare >= 0.01)
                                cell("p95", call.p95Nanos.map(Units.duration) ?? "–")
                            }
                        }
                    }
                }
            }
            section("Database and external calls", "w6") {
                if outgoing.isEmpty {
                    tag(.p, .class("faint body")) { "No client spans." }
                } else {
                    table(["Call", "Requests", "Failed", "p50", "p95", "p99"]) {
                        for operation in outgoing.prefix(Limits.serviceTableRowsMax) {
                            tag(.tr) {
                                tag(.th, .attribute("scope", "row")) {
                                    tag(.code) { cut(operation.name, 120) }
                                }
                                healthCells(operation.health)
                            }
                        }
                    }
                }
            }
        }
    }

    private func neighbour(_ call: ServiceCall) -> Markup {
        let isCaller = call.server == detail.name
        let other = isCaller ? call.client : call.server
        return group {
            tag(.span, .class("faint")) { isCaller ? "from " : "to " }
            if call.connection.isEmpty || call.connection == "messaging_system" {
                tag(.a, .href(Link("/services", segment: other, query: range.query))) {
                    serviceLabel(other)
                }
            } else {
                tag(.span) { cut(other, 80) }
            }
            if !call.connection.isEmpty {
                " "
                tag(.span, .class("badge")) { call.kind }
            }
        }
    }

    private func errors(_ frame: Frame) -> Markup {
        section("Errors", "w12") {
            if detail.errors.isEmpty, detail.messages.isEmpty {
                tag(.p, .class("faint body")) { "No failed spans and no error logs." }
            } else {
                tag(.div, .class("body")) {
                    tag(.ul, .class("list")) {
                        for error in detail.errors.prefix(12) {
                            tag(.li) {
                                tag(.b, .class("number count")) {
                                    Units.number(Double(error.count))
                                }
                                tag(.span, .class("grow")) {
                                    tag(.strong) { cut(error.name, 120) }
                                    " "
                                    tag(.span, .class("faint")) { cut(error.message, 200) }
                                }
                                if let trace = error.traceID {
                                    tag(.a, .href(Link("/trace", segment: trace))) {
                                        "newest trace"
                                    }
                                }
                                frame.ago(error.newestNanos)
                            }
                        }
                        for message in detail.messages {
                            tag(.li) {
                                tag(.b, .class("number count")) {
                                    Units.number(Double(message.count))
                                }
                                tag(.span, .class("grow")) {
                                    tag(.span, .class("badge")) { "log" }
                                    " "
                                    tag(
                                        .a,
                                        .href(
                                            Link(
                                                "/logs",
                                                query: [
                                                    ("service", detail.name), ("level", "error"),
                                                ] + range.query))
                                    ) { cut(message.example, 200) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    private func instances(_ frame: Frame) -> Markup {
        section("Instances", "w6") {
            table(["Instance", "Version", "Host", "Last seen"]) {
                for instance in detail.instances.prefix(Limits.serviceTableRowsMax) {
                    tag(.tr) {
                        tag(.th, .attribute("scope", "row")) {
                            tag(.code) { cut(instance.name, 60) }
                        }
                        textCell(
                            "Version", instance.version.isEmpty ? "–" : cut(instance.version, 40))
                        textCell("Host", instance.host.isEmpty ? "–" : cut(instance.host, 60))
                        tag(.td, .attribute("data-label", "Last seen")) {
                            frame.ago(instance.lastSeenNanos)
                        }
                    }
                }
            }
        }
    }

    private func deploys(_ frame: Frame) -> Markup {
        section("Deploys", "w6") {
            if detail.deploys.isEmpty {
                tag(.p, .class("faint body")) {
                    "None in this range. Tell of one by "
                    tag(.code) { "perch deploy \(cut(detail.name, 40)) VERSION" }
                    "."
                }
            } else {
                table(["Version", "Where", "When"]) {
                    for deploy in detail.deploys.prefix(Limits.serviceTableRowsMax) {
                        tag(.tr) {
                            tag(.th, .attribute("scope", "row")) {
                                if let link = OuterLink(deploy.link) {
                                    tag(.a, .href(link), .attribute("rel", "noopener noreferrer")) {
                                        cut(deploy.version, 60)
                                        " "
                                        Icons.external
                                    }
                                } else {
                                    cut(deploy.version, 60)
                                }
                            }
                            textCell(
                                "Where",
                                deploy.environment.isEmpty ? "–" : cut(deploy.environment, 60))
                            tag(.td, .attribute("data-label", "When")) {
                                frame.ago(deploy.timeNanos)
                            }
                        }
                    }
                }
            }
        }
    }
}
