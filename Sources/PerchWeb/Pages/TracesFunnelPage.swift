package import PerchLogQL
package import PerchModel

/// What the address of a funnel says.
package struct FunnelState: Sendable, Hashable {
    /// Searches of spans, in their order.
    package var steps: [String]
    package var range: TimeRange

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        steps = parameters.all("step").map { String($0.prefix(4_097)) }
            .filter { $0.contains { !$0.isWhitespace } }
        if steps.count > Limits.funnelStepsMax { steps.removeSubrange(Limits.funnelStepsMax...) }
    }

    /// What the spans of each step must satisfy.
    package func predicates(now: Int64) throws(SearchFailure) -> [EventPredicate] {
        var predicates: [EventPredicate] = []
        for step in steps { predicates.append(try Search.filter(step, now: now).predicate) }
        return predicates
    }

    var kept: [(name: StaticString, value: String?)] { steps.map { ("step", $0) } }

    func link(_ range: TimeRange) -> Link {
        Link("/traces/funnel", query: kept + range.query)
    }
}

/// A funnel: how many traces pass some steps in their order, and where the others stop.
package struct TracesFunnelPage: Sendable {
    var state: FunnelState
    var funnel: TraceFunnel?
    var failure: SearchFailure?

    /// `funnel` is nil without steps, and when one could not be read, as `failure` says.
    package init(state: FunnelState, funnel: TraceFunnel?, failure: SearchFailure? = nil) {
        self.state = state
        self.funnel = funnel
        self.failure = failure
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Funnel", .traces) {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(Link("/traces"))) { "Traces" }
                        " / funnel"
                    }
                    tag(.h1) { "Funnel" }
                }
                rangeBar(state.range, frame) { state.link($0) }
            }
            rangeForm(
                Link("/traces/funnel"),
                state.kept.map { (String(describing: $0.name), $0.value) })
            form
            if let failure {
                tag(.p, .class("mistake"), .attribute("role", "alert")) {
                    "A step cannot be read: \(failure.description)."
                }
            }
            if let funnel { results(funnel) } else if failure == nil { introduction }
        }
    }

    private var form: Markup {
        tag(
            .form, .class("card funnel-form"), .attribute("method", "get"),
            .action(Link("/traces/funnel")), .attribute("role", "search")
        ) {
            tag(.ol) {
                for index in 0..<max(3, min(Limits.funnelStepsMax, state.steps.count + 1)) {
                    tag(.li) {
                        tag(
                            .div, .class("search-field"),
                            .attribute(
                                "data-complete",
                                Link("/traces/complete", query: state.range.query).text)
                        ) {
                            tag(
                                .input, .type("search"), .name("step"),
                                .value(index < state.steps.count ? state.steps[index] : ""),
                                .label("Step \(index + 1)"),
                                .attribute("placeholder", Self.example(index)),
                                .attribute("autocomplete", "off"),
                                .attribute("spellcheck", "false"))
                        }
                    }
                }
            }
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
            tag(.button, .class("primary"), .type("submit")) { "Count" }
        }
    }

    private static func example(_ index: Int) -> String {
        switch index {
        case 0: "http.route:/cart"
        case 1: "http.route:/orders"
        default: "name:charge -status:error"
        }
    }

    private var introduction: Markup {
        tag(.section, .class("empty")) {
            tag(.h2) { "Two to \(Limits.funnelStepsMax) steps" }
            tag(.p) {
                "Each step is a search of spans. A trace reaches a step when a span that fits "
                "begins after the step before."
            }
        }
    }

    private func results(_ funnel: TraceFunnel) -> Markup {
        let first = max(1, funnel.steps.first?.traceCount ?? 0)
        return group {
            if funnel.isPartial {
                notices([
                    "Only the newest \(Units.count(Limits.funnelSpansMax)) spans of a step were "
                        + "looked at."
                ])
            }
            tag(.section, .class("card funnel"), .label("Steps")) {
                tag(.ol) {
                    for (index, step) in funnel.steps.enumerated() {
                        let before =
                            index == 0 ? step.traceCount : funnel.steps[index - 1].traceCount
                        self.step(step, index, before: before, first: first)
                    }
                }
            }
        }
    }

    private func step(
        _ step: TraceFunnel.Step, _ index: Int, before: Int, first: Int
    ) -> Markup {
        tag(.li) {
            tag(.p, .class("funnel-words")) {
                tag(.code) { index < state.steps.count ? cut(state.steps[index], 200) : "" }
                tag(.strong) { "\(Units.count(step.traceCount)) traces" }
                if index > 0 {
                    tag(.span) { "\(Units.share(Double(step.traceCount) / Double(first))) of all" }
                    if before > step.traceCount {
                        tag(.span, .class("bad")) {
                            "−\(Units.count(before - step.traceCount)) "
                                + "(\(Units.share(Double(before - step.traceCount) / Double(max(1, before)))))"
                        }
                    }
                    if let median = step.medianNanos {
                        tag(.span, .class("faint")) { "half within \(Units.duration(median))" }
                    }
                }
            }
            tag(
                .svg, .class("funnel-bar"), .attribute("viewBox", "0 0 100 6"),
                .attribute("preserveAspectRatio", "none"), .hidden
            ) {
                tag(
                    .rect, .class("before"), .attribute("height", "6"),
                    .attribute("width", Units.fixed(Double(before) / Double(first) * 100, 1)))
                tag(
                    .rect, .attribute("height", "6"),
                    .attribute(
                        "width", Units.fixed(Double(step.traceCount) / Double(first) * 100, 1)))
            }
            if !step.lost.isEmpty {
                tag(.p, .class("small")) {
                    "Came no further: "
                    for id in step.lost {
                        tag(.a, .href(Link("/trace", segment: id))) {
                            tag(.code) { String(id.prefix(8)) }
                        }
                        " "
                    }
                }
            }
        }
    }
}
