import PerchModel

/// One trace: its spans over time, each span's details, and its logs.
package struct TracePage: Sendable {
    var trace: TraceDetail

    package init(trace: TraceDetail) {
        self.trace = trace
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
            }
            notices(trace.notices)
            if !trace.spans.isEmpty {
                facts(frame)
                waterfall(frame)
            }
            tag(.section) {
                tag(.h2) { "Logs of this trace" }
                if trace.logs.isEmpty {
                    tag(.p, .class("faint")) {
                        "None. Log records show here when they carry the trace's id, which "
                        "OpenTelemetry's logging integrations add."
                    }
                } else {
                    tag(.div, .class("logs")) {
                        for row in trace.logs { LogRowView(row: row, state: nil).html(frame) }
                    }
                }
            }
        }
    }

    private func facts(_ frame: Frame) -> Markup {
        tag(.dl, .class("facts")) {
            fact("Duration") { Units.duration(Double(trace.endNanos) - Double(trace.startNanos)) }
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
                for name in trace.services { serviceLabel(name) }
            }
        }
    }

    private func fact(_ words: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
        tag(.div) {
            tag(.dt) { words }
            tag(.dd, content: content)
        }
    }

    private func waterfall(_ frame: Frame) -> Markup {
        let start = trace.startNanos
        let whole = max(1, Double(trace.endNanos) - Double(start))
        return tag(.section, .class("waterfall card"), .label("Spans over time")) {
            tag(.div, .class("ruler"), .hidden) {
                tag(.span) { "Span" }
                tag(.div, .class("ticks")) {
                    for quarter in 0...4 {
                        tag(.span) { Units.duration(whole * Double(quarter) / 4) }
                    }
                }
            }
            for span in trace.spans { self.span(span, start: start, whole: whole, frame) }
        }
    }

    private func span(
        _ span: SpanRow, start: Int64, whole: Double, _ frame: Frame
    ) -> Markup {
        let duration = Units.duration(Double(span.durationNanos))
        return tag(.details, .class(span.isError ? "span error" : "span")) {
            tag(.summary) {
                tag(.span, .class("span-name d\(min(span.depth, 12))")) {
                    tag(.span, .class("dot \(colour(of: span.service))"), .hidden)
                    tag(.span, .class("name"), .title(cut(span.name))) {
                        cut(span.name.isEmpty ? "(no name)" : span.name)
                    }
                    if span.isError { tag(.span, .class("badge bad")) { "error" } }
                    tag(.span, .class("faint")) { span.service }
                }
                bar(span, start: start, whole: whole, duration)
            }
            SpanDetails(span: span, traceStart: start).html(frame)
        }
    }

    private func bar(
        _ span: SpanRow, start: Int64, whole: Double, _ duration: String
    ) -> Markup {
        let from = (Double(span.startNanos) - Double(start)) / whole * 100
        let width = max(0.25, Double(max(0, span.durationNanos)) / whole * 100)
        let end = from + width
        // The words stand where there is room: after the bar, before it, or in it.
        let place = end < 82 ? end : (from > 18 ? from : 1)
        let anchor = end < 82 || from <= 18 ? "start" : "end"
        return tag(
            .svg, .class("bar"), .attribute("width", "100%"), .attribute("height", "22"),
            .attribute("role", "img"), .label("takes \(duration)")
        ) {
            for quarter in [25, 50, 75] {
                tag(
                    .line, .attribute("x1", "\(quarter)%"), .attribute("x2", "\(quarter)%"),
                    .attribute("y1", "0"), .attribute("y2", "22"))
            }
            tag(
                .rect, .class(span.isError ? "bad" : colour(of: span.service)),
                .attribute("x", Units.fixed(max(0, from), 3) + "%"),
                .attribute("y", "5"), .attribute("width", Units.fixed(width, 3) + "%"),
                .attribute("height", "12"), .attribute("rx", "2"))
            tag(
                .text, .class(end >= 82 && from <= 18 ? "inside" : "outside"),
                .attribute("x", Units.fixed(max(0, place), 3) + "%"), .attribute("y", "15"),
                .attribute("dx", anchor == "start" ? "6" : "-6"),
                .attribute("text-anchor", anchor)
            ) { duration }
        }
    }
}

/// What opens under a span.
struct SpanDetails {
    var span: SpanRow
    var traceStart: Int64

    private static let kinds = [
        "unspecified", "internal", "server", "client", "producer", "consumer",
    ]

    func html(_ frame: Frame) -> Markup {
        tag(.div, .class("record")) {
            if let message = span.statusMessage, !message.isEmpty {
                tag(.p, .class(span.isError ? "bad" : "faint")) {
                    cut(message, Limits.valueCharactersMax)
                }
            }
            fieldList(facts)
            events(frame)
            links
            if !span.attributes.isEmpty {
                tag(.h3) { "Attributes" }
                fieldList(span.attributes)
            }
            if !span.resource.isEmpty {
                tag(.h3) { "Sent by" }
                fieldList(span.resource)
            }
        }
    }

    private var facts: [FieldText] {
        let kind = Self.kinds.indices.contains(Int(clamping: span.kind)) ? Int(span.kind) : 0
        let offset = Double(span.startNanos) - Double(traceStart)
        return [
            FieldText(name: "service", text: span.service),
            FieldText(name: "kind", text: Self.kinds[kind]),
            FieldText(name: "starts after", text: Units.duration(offset)),
            FieldText(name: "duration", text: Units.duration(Double(span.durationNanos))),
            FieldText(name: "span id", text: span.id),
        ]
    }

    private func events(_ frame: Frame) -> Markup {
        guard let json = span.eventsJSON, !json.isEmpty else { return .empty }
        guard case .array(let events)? = JSONValue(json) else {
            return fieldList([FieldText(name: "events", text: json)])
        }
        guard !events.isEmpty else { return .empty }
        return group {
            tag(.h3) { "Events" }
            tag(.ol, .class("events")) {
                for event in events.prefix(100) { self.event(event) }
            }
        }
    }

    private func event(_ event: JSONValue) -> Markup {
        let nanos = event["time"].flatMap { Double($0.text) }
        return tag(.li) {
            tag(.p) {
                if let nanos {
                    tag(.span, .class("faint")) {
                        "+" + Units.duration(max(0, nanos - Double(span.startNanos)))
                    }
                    " "
                }
                tag(.strong) { cut(event["name"]?.text ?? "event") }
            }
            if case .object(let members)? = event["attributes"] {
                fieldList(members.map { FieldText(name: $0.name, text: $0.value.text) })
            }
        }
    }

    private var links: Markup {
        guard let json = span.linksJSON, case .array(let links)? = JSONValue(json), !links.isEmpty
        else { return .empty }
        return group {
            tag(.h3) { "Links" }
            tag(.ul, .class("events")) {
                for link in links.prefix(100) {
                    if let id = link["trace_id"]?.text {
                        tag(.li) {
                            tag(.a, .href(Link("/trace", segment: id))) {
                                tag(.code) { cut(id, 64) }
                            }
                        }
                    }
                }
            }
        }
    }
}
