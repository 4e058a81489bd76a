import PerchLogQL
import PerchModel

/// One trace: its spans over time with the path that it waits for, each span's details, and its
/// logs.
package struct TracePage: Sendable {
    var trace: TraceDetail
    var state: TraceState
    var usual: [TraceOperation: UsualDuration]
    let shape: TraceShape
    let path: TraceCriticalPath
    /// The index of the span that the address puts at the top.
    let top: Int?
    /// The index of the span that the address asks for.
    let sought: Int?

    package init(
        trace: TraceDetail, state: TraceState = TraceState(),
        usual: [TraceOperation: UsualDuration] = [:]
    ) {
        self.trace = trace
        self.state = state
        self.usual = usual
        shape = TraceShape(trace.spans)
        path = TraceCriticalPath(trace.spans, shape)
        top = state.top.flatMap { id in trace.spans.firstIndex { $0.id == id } }
        sought = state.near.flatMap { id in trace.spans.firstIndex { $0.id == id } }
    }

    package func html(_ frame: Frame) -> Markup {
        let root = trace.spans.first
        return frame.page(root?.name ?? "Trace", .traces) {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(Link("/traces"))) { "Traces" }
                        " / "
                        tag(.code) { cut(trace.id, 64) }
                    }
                    tag(.h1) { cut(root?.name ?? "Only logs of this trace have arrived") }
                }
                tag(.div, .class("trace-ways")) {
                    if !trace.logs.isEmpty {
                        tag(.a, .class("button quiet"), .href(logsLink)) {
                            trace.logs.count == 1
                                ? "1 log record" : "\(Units.count(trace.logs.count)) log records"
                        }
                    }
                    tag(
                        .a, .class("button quiet"),
                        .href(Link("/api/traces", segment: trace.id)),
                        .attribute("download", "trace.json"), .title("As JSON of Jaeger")
                    ) { "JSON" }
                }
            }
            notices(trace.notices)
            if !trace.spans.isEmpty {
                facts(frame)
                errors
                tag(.nav, .class("segments trace-views"), .label("View")) {
                    for view in TraceState.View.allCases {
                        tag(
                            .a, .href(state.with { $0.view = view }.link(trace.id)),
                            view == state.view ? .attribute("aria-current", "page") : nil
                        ) { view.words }
                    }
                }
                if trace.spans.count > Limits.traceInlineMax { TraceMap(page: self).html }
                if let top { crumbs(top) }
                switch state.view {
                case .waterfall: TraceWaterfall(page: self).html(frame)
                case .flame: TraceFlame(page: self).html
                }
            }
            logs(frame)
        }
    }

    private var logsLink: Link {
        let margin: Int64 = 60_000_000_000
        let times = trace.spans.map(\.startNanos) + trace.logs.map(\.timeNanos)
        let (first, last) = (times.min() ?? 0, max(times.max() ?? 0, trace.endNanos))
        let range = TimeRange(
            from: first.subtractingReportingOverflow(margin).partialValue,
            to: last.addingReportingOverflow(margin).partialValue)
        return Link("/logs", query: [("q", SearchText.term("trace_id", trace.id))] + range.query)
    }

    // MARK: What matters most, first

    private func facts(_ frame: Frame) -> Markup {
        tag(.dl, .class("facts")) {
            fact("Duration") {
                Units.duration(Double(trace.endNanos) - Double(trace.startNanos))
                if let root = trace.spans.first, let badge = slowness(root) { badge }
            }
            fact("Spans") { Units.count(trace.spans.count) }
            fact("Errors") {
                if trace.errorCount > 0 {
                    tag(.span, .class("bad")) { Units.count(trace.errorCount) }
                } else {
                    "none"
                }
            }
            fact("Started") { frame.time(trace.startNanos) }
            fact("Services") {
                for name in trace.services {
                    tag(.a, .href(Link("/services", segment: name))) { serviceLabel(name) }
                }
            }
        }
    }

    private func fact(_ words: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
        tag(.div) {
            tag(.dt) { words }
            tag(.dd, content: content)
        }
    }

    /// Where the errors are, the innermost first: an outer one usually only tells of an inner one.
    private var errors: Markup {
        let found = trace.spans.indices.filter { trace.spans[$0].isError }
            .sorted { (trace.spans[$1].depth, $0) < (trace.spans[$0].depth, $1) }
        guard !found.isEmpty else { return .empty }
        return tag(.section, .class("mistake trace-errors"), .label("Errors")) {
            tag(.ul) {
                for index in found.prefix(Limits.traceErrorsMax) {
                    let span = trace.spans[index]
                    tag(.li) {
                        tag(
                            .a,
                            .href(
                                state.with {
                                    $0.top = nil
                                    $0.near = span.id
                                }.link(trace.id), to: anchor(span))
                        ) {
                            cut(span.name, 120)
                        }
                        " in "
                        tag(.bdi) { cut(span.service, 100) }
                        if let words = span.problem {
                            ": "
                            tag(.bdi) { cut(words, 300) }
                        }
                    }
                }
            }
            if found.count > Limits.traceErrorsMax {
                tag(.p, .class("small")) {
                    "and \(Units.count(found.count - Limits.traceErrorsMax)) more"
                }
            }
        }
    }

    /// The way from the trace's beginning to the span at the top.
    private func crumbs(_ top: Int) -> Markup {
        var way = [top]
        while let parent = shape.parents[way[0]], way.count < 30 { way.insert(parent, at: 0) }
        return tag(.p, .class("crumbs")) {
            tag(
                .a,
                .href(
                    state.with {
                        $0.top = nil; $0.skip = 0
                    }.link(trace.id))
            ) {
                "The whole trace"
            }
            for index in way {
                " › "
                if index == top {
                    cut(trace.spans[index].name, 80)
                } else {
                    tag(.a, .href(focus(index))) { cut(trace.spans[index].name, 80) }
                }
            }
        }
    }

    private func logs(_ frame: Frame) -> Markup {
        tag(.section) {
            tag(.h2) { "Logs of this trace" }
            if trace.logs.isEmpty {
                tag(.p, .class("faint")) {
                    "None. Log records show here when they carry the trace's id, which "
                    "OpenTelemetry's logging integrations add."
                }
            } else {
                tag(.div, .class("logs")) {
                    for row in trace.logs {
                        LogRowView(row: row, state: nil, showsTrace: false).html(frame)
                    }
                }
            }
        }
    }

    // MARK: For the views

    /// The page with a span at the top.
    func focus(_ index: Int, skip: Int = 0) -> Link {
        state.with {
            $0.near = nil
            $0.top = trace.spans[index].id
            $0.skip = skip
        }.link(trace.id)
    }

    /// The span that the address asks for, and the nearest of its siblings.
    var around: [Int] {
        guard let sought else { return [] }
        let siblings = shape.parents[sought].map { shape.children[$0] } ?? shape.tops
        let place = siblings.firstIndex(of: sought) ?? 0
        let near = max(0, place - 10)..<min(siblings.count, place + 11)
        return [sought] + siblings[near].filter { $0 != sought }
    }

    func anchor(_ span: SpanRow) -> String { "s-" + Link.encode(span.id) }

    /// From the first start to the last end of what is drawn.
    var times: (start: Int64, nanos: Double) {
        let spans = top.map { trace.spans[$0..<shape.ends[$0]] } ?? trace.spans[...]
        let start = spans.map(\.startNanos).min() ?? 0
        let end = spans.map(\.endNanos).max() ?? start
        return (start, max(1, Double(end) - Double(start)))
    }

    /// A badge for a span that took much longer than its operation does.
    func slowness(_ span: SpanRow) -> Markup? {
        let operation = TraceOperation(service: span.service, name: span.name)
        guard let usual = usual[operation], let ratio = usual.slowness(span.durationNanos) else {
            return nil
        }
        return tag(
            .span, .class("badge warn"),
            .title(
                "In the hour before: median \(Units.duration(usual.p50Nanos)), 95 % up to "
                    + "\(Units.duration(usual.p95Nanos)), of \(Units.count(usual.count)) spans")
        ) {
            "\(Units.number(ratio))× "
            tag(.span, .class("words")) { "slower than usual" }
        }
    }
}

extension SpanRow {
    /// What went wrong, in words: the status, else the first exception.
    var problem: String? {
        if let statusMessage, !statusMessage.isEmpty { return statusMessage }
        guard let eventsJSON, case .array(let events)? = JSONValue(eventsJSON) else { return nil }
        for event in events.prefix(100) where event["name"]?.text == "exception" {
            let attributes = event["attributes"]
            let parts = ["exception.type", "exception.message"].compactMap { attributes?[$0]?.text }
            if !parts.isEmpty { return parts.joined(separator: ": ") }
        }
        return nil
    }
}
