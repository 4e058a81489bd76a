package import PerchLogQL
package import PerchModel

/// What the address of the traces page says.
package struct TracesState: Sendable, Hashable {
    package var search = ""
    package var service: String?
    /// As typed: `250ms`.
    package var minimum: String?
    package var errorsOnly = false
    package var range: TimeRange

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        search = String((parameters["q"] ?? "").prefix(PerchLogQL.Limits.searchCharactersMax + 1))
        service = parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
        minimum = parameters["min"].flatMap { $0.isEmpty ? nil : String($0.prefix(20)) }
        errorsOnly = parameters["errors"] == "1"
    }

    /// The traces that this state asks for.
    package func filter(now: Int64) throws(SearchFailure) -> TraceFilter {
        var filter = TraceFilter()
        let read = try Search.filter(search, now: now)
        filter.times = read.times
        var parts = [read.predicate]
        // The language knows durations; a number alone is meant in milliseconds.
        if let minimum {
            let text = Double(minimum) == nil ? minimum : minimum + "ms"
            do {
                parts.append(try SearchParser.parse("duration>=" + SearchText.quoted(text)))
            } catch {
                throw SearchFailure(
                    position: 0, found: "“\(minimum)”",
                    expected: "a duration such as 250ms or 1.5s in the field At least")
            }
        }
        filter.predicate = both(parts)
        filter.service = service
        filter.errorsOnly = errorsOnly
        return filter
    }

    var link: Link {
        Link(
            "/traces",
            query: [
                ("q", search), ("service", service), ("min", minimum),
                ("errors", errorsOnly ? "1" : nil),
            ] + range.query)
    }
}

/// Traces: a list with filters.
package struct TracesPage: Sendable {
    var state: TracesState
    var services: [String]
    var list: TraceList?
    var failure: SearchFailure?

    /// `list` is nil when the search could not be read, as `failure` says.
    package init(
        state: TracesState, services: [String], list: TraceList?, failure: SearchFailure? = nil
    ) {
        self.state = state
        self.services = services
        self.list = list
        self.failure = failure
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Traces", .traces) {
            tag(.div, .class("title")) {
                tag(.h1) { "Traces" }
                rangeBar(state.range, frame) { range in
                    var next = state
                    next.range = range
                    return next.link
                }
            }
            rangeForm(
                Link("/traces"),
                [
                    ("q", state.search), ("service", state.service), ("min", state.minimum),
                    ("errors", state.errorsOnly ? "1" : nil),
                ])
            form
            tag(
                .div, .id("results"), Fragment.get(state.link), Fragment.target, Fragment.select,
                Fragment.swap,
                state.range.relative != nil && failure == nil ? Fragment.trigger("every 10s") : nil
            ) {
                if let failure {
                    searchMistake(
                        state.search, position: failure.position, message: failure.description)
                }
                if let list { results(list, frame) }
            }
        }
    }

    private var form: Markup {
        tag(
            .form, .class("filters"), .attribute("method", "get"), .action(Link("/traces")),
            .attribute("role", "search"), Fragment.get(Link("/traces")), Fragment.target,
            Fragment.select, Fragment.swap, Fragment.push, Fragment.trigger("change, submit")
        ) {
            searchBox(state.search, placeholder: "name:checkout http.route:/orders status:error")
            choice(
                "Service", "service", state.service, any: "All services",
                services.map { ($0, $0) })
            tag(.label, .class("field")) {
                tag(.span) { "At least" }
                tag(
                    .input, .type("text"), .name("min"), .value(state.minimum ?? ""),
                    .attribute("placeholder", "250ms"), .attribute("size", "7"))
            }
            tag(.label, .class("check")) {
                tag(
                    .input, .type("checkbox"), .name("errors"), .value("1"),
                    .flag("checked", when: state.errorsOnly))
                tag(.span) { "With errors" }
            }
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
            tag(.button, .type("submit")) { "Search" }
        }
    }

    private func results(_ list: TraceList, _ frame: Frame) -> Markup {
        group {
            notices(list.notices)
            if list.traces.isEmpty {
                if TracesState(range: state.range) == state {
                    teaching(frame, "No traces in this time range")
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
        var next = state
        next.range = TimeRange(from: state.range.nanos.lowerBound, to: nanos)
        return next.link
    }

    private func table(_ traces: [TraceSummary], _ frame: Frame) -> Markup {
        let longest = Double(max(1, traces.map(\.durationNanos).max() ?? 1))
        return tag(.table, .class("traces cards")) {
            tag(.caption, .class("visually-hidden")) { "Traces, newest first" }
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
