package import PerchLogQL

/// Traces: a search, the durations of what it finds over time, and a list.
package struct TracesPage: Sendable {
    var state: TracesState
    var services: [String]
    var list: TraceList?
    var failure: SearchFailure?
    var saved: [SavedSearch]

    /// `list` is nil when the search could not be read, as `failure` says.
    package init(
        state: TracesState, services: [String], list: TraceList?, failure: SearchFailure? = nil,
        saved: [SavedSearch] = []
    ) {
        self.state = state
        self.services = services
        self.list = list
        self.failure = failure
        self.saved = saved
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Traces", .traces) {
            tag(.div, .class("title")) {
                tag(.div, .class("trace-ways")) {
                    tag(.h1) { "Traces" }
                    tag(.a, .class("button quiet"), .href(funnel)) { "Funnel" }
                    LogsSaved(link: state.link, saved: saved).menu
                }
                rangeBar(state.range, frame) { range in state.with { $0.range = range }.link }
            }
            rangeForm(Link("/traces"), state.kept.map { (String(describing: $0.name), $0.value) })
            form
            tag(
                .div, .id("results"), isLive ? Fragment.get(state.link) : nil, Fragment.target,
                Fragment.select, Fragment.swap, isLive ? Fragment.trigger("every 10s") : nil
            ) {
                if let failure {
                    searchMistake(
                        state.search, position: failure.position, message: failure.description)
                }
                if let list { results(list, frame) }
            }
        }
    }

    /// A page of the past would not change.
    private var isLive: Bool { state.range.relative != nil && failure == nil }

    private var form: Markup {
        tag(
            .form, .class("filters trace-filters"), .attribute("method", "get"),
            .action(Link("/traces")),
            .attribute("role", "search"), Fragment.get(Link("/traces")), Fragment.target,
            Fragment.select, Fragment.swap, Fragment.push, Fragment.trigger("change, submit")
        ) {
            tag(
                .div, .class("search-field"),
                .attribute(
                    "data-complete", Link("/traces/complete", query: state.range.query).text)
            ) {
                searchBox(state.search, placeholder: "http.route:/orders status:error")
            }
            choice(
                "Service", "service", state.service, any: "All services",
                services.map { ($0, $0) })
            tag(.label, .class("field")) {
                tag(.span) { "Operation" }
                tag(
                    .input, .type("text"), .name("operation"), .value(state.operation ?? ""),
                    .attribute("list", "operations"), .attribute("placeholder", "any"),
                    .attribute("autocomplete", "off"), .attribute("size", "14"))
            }
            tag(.datalist, .id("operations")) {
                for name in list?.operations ?? [] { tag(.option, .value(name)) }
            }
            bound("At least", "min", state.minimum, "250ms")
            bound("At most", "max", state.maximum, "10s")
            choice(
                "Order", "order", state.order.rawValue, any: nil,
                [("newest", "newest first"), ("slowest", "slowest first")])
            box("With errors", "errors", state.errorsOnly)
            box("Only roots", "roots", state.rootsOnly)
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
            tag(.button, .class("primary"), .type("submit")) { "Search" }
        }
    }

    private func bound(
        _ words: String, _ name: String, _ value: String?, _ example: String
    ) -> Markup {
        tag(.label, .class("field")) {
            tag(.span) { words }
            tag(
                .input, .type("text"), .name(name), .value(value ?? ""),
                .attribute("placeholder", example), .attribute("size", "4"))
        }
    }

    private func box(_ words: String, _ name: String, _ isChecked: Bool) -> Markup {
        tag(.label, .class("check")) {
            tag(
                .input, .type("checkbox"), .name(name), .value("1"),
                .flag("checked", when: isChecked))
            tag(.span) { words }
        }
    }

    private func results(_ list: TraceList, _ frame: Frame) -> Markup {
        group {
            notices(list.notices)
            if list.traces.isEmpty {
                if TracesState(range: state.range) == state {
                    teaching(
                        frame, "No traces in this time range",
                        wider: Link("/traces", query: [("range", "30d")]))
                } else {
                    tag(.section, .class("empty")) {
                        tag(.h2) { "No trace fits" }
                        tag(.p) { "No span in this time range matches the search and filters." }
                        tag(.p) {
                            tag(.a, .class("button"), .href(TracesState(range: state.range).link)) {
                                "Clear search and filters"
                            }
                        }
                    }
                }
            } else {
                scatter(list)
                table(list.traces, frame)
                tag(.p, .class("end")) {
                    if let older = list.olderNanos {
                        tag(.a, .class("button"), .href(link(before: older))) { "Older traces" }
                    } else {
                        "That is all in this time range."
                    }
                }
            }
        }
    }

    private func link(before nanos: Int64) -> Link {
        state.with { $0.range = TimeRange(from: $0.range.nanos.lowerBound, to: nanos) }.link
    }

    /// Durations over time; the list below has the same for who cannot see it.
    private func scatter(_ list: TraceList) -> Markup {
        let points = list.points.filter { $0.durationNanos > 0 }
            // Failed ones are drawn last, above the others.
            .sorted { ($0.isError ? 1 : 0, $0.timeNanos) < ($1.isError ? 1 : 0, $1.timeNanos) }
        guard points.count > 1 else { return .empty }
        let seconds = { (point: TracePoint) in Double(point.durationNanos) / 1e9 }
        // A drawing finds its scale by the values of lines: this one is not seen, and leaves room
        // above and below the points.
        let values = points.map(seconds)
        let (low, high) = (values.min() ?? 1, values.max() ?? 1)
        let ends = [state.range.nanos.lowerBound, state.range.nanos.upperBound]
        var chart = TimeChart(times: ends.map { Double($0) / 1e9 }, range: state.range.nanos)
        chart.units = [.seconds]
        chart.logarithms = [10]
        chart.isScatter = true
        var line = TimeChart.Line(name: "", values: [low * 0.8, high * 1.5], colour: "--surface")
        line.width = 0
        line.showsPoints = false
        chart.lines = [line]
        chart.points = points.map { point in
            var drawn = TimeChart.Point(
                timeNanos: point.timeNanos, value: seconds(point),
                words: "\(cut(point.name, 80)) · \(point.service) · "
                    + Units.duration(Double(point.durationNanos))
                    + (point.isError ? " · error" : ""),
                link: Link("/trace", segment: point.id))
            drawn.colour = point.isError ? "--l-error" : "--c0"
            return drawn
        }
        var place = TimeChart.Place(
            "Durations of \(points.count) traces over time; the list below names them",
            showsLegend: false)
        place.brushesValues = true
        return tag(.section, .class("card trace-scatter"), .label("Durations over time")) {
            tag(.header) {
                tag(.h2) { "Durations" }
                tag(.span, .class("small")) {
                    "\(Units.count(points.count)) traces; "
                    tag(.span, .class("bad")) { "red" }
                    " ones have errors. Drag to narrow time and duration, click one to open it."
                }
            }
            tag(.div, .class("body"), .flag("data-scatter")) { chart.html(place) }
        }
    }

    private var funnel: Link {
        let search = state.wholeSearch
        return Link(
            "/traces/funnel",
            query: [("step", search.isEmpty ? nil : search)] + state.range.query)
    }

    private func table(_ traces: [TraceSummary], _ frame: Frame) -> Markup {
        let longest = Double(max(1, traces.map(\.durationNanos).max() ?? 1))
        return tag(.table, .class("traces cards")) {
            tag(.caption, .class("visually-hidden")) {
                state.order == .newest ? "Traces, newest first" : "Traces, slowest first"
            }
            tag(.thead) {
                tag(.tr) {
                    for words in ["Trace", "Duration", "Spans", "Errors", "Started"] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for trace in traces { row(trace, longest, frame) }
            }
        }
    }

    private func row(_ trace: TraceSummary, _ longest: Double, _ frame: Frame) -> Markup {
        tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                tag(.a, .href(Link("/trace", segment: trace.id))) {
                    serviceLabel(trace.service)
                    tag(.span, .class("name")) {
                        cut(trace.name.isEmpty ? "(no name)" : trace.name)
                    }
                }
                if !trace.hasRoot {
                    tag(.span, .class("badge"), .title("The first span has not arrived")) {
                        "no root"
                    }
                }
            }
            tag(.td, .class("number"), .attribute("data-label", "Duration")) {
                tag(
                    .svg, .class("length"), .attribute("viewBox", "0 0 100 6"),
                    .attribute("preserveAspectRatio", "none"), .hidden
                ) {
                    tag(
                        .rect, .class(trace.errorCount > 0 ? "bad" : "good"),
                        .attribute("height", "6"),
                        .attribute(
                            "width",
                            Units.fixed(
                                max(1, Double(trace.durationNanos) / longest * 100), 1)))
                }
                tag(.span) { Units.duration(Double(trace.durationNanos)) }
            }
            tag(.td, .class("number"), .attribute("data-label", "Spans")) {
                Units.count(trace.spanCount)
                if trace.services.count > 1 {
                    tag(.small) { " in \(trace.services.count) services" }
                }
            }
            tag(.td, .class("number"), .attribute("data-label", "Errors")) {
                if trace.errorCount > 0 {
                    tag(.span, .class("bad")) { Units.count(trace.errorCount) }
                } else {
                    tag(.span, .class("faint")) { "0" }
                }
            }
            tag(.td, .class("seen"), .attribute("data-label", "Started")) {
                frame.time(trace.startNanos)
            }
        }
    }
}
