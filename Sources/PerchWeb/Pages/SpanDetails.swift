import PerchLogQL
import PerchModel

/// What opens under a span.
struct SpanDetails {
    var traceID: String
    var span: SpanRow
    /// Nil where it is not known.
    var traceStart: Int64?
    var usual: UsualDuration?
    var logs: [LogRow] = []

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
            comparison
            ways
            fieldList(facts)
            events(frame)
            links
            if !logs.isEmpty {
                tag(.h3) { "Logs of this span" }
                tag(.div, .class("logs")) {
                    for row in logs.prefix(100) {
                        LogRowView(row: row, state: nil, showsTrace: false).html(frame)
                    }
                }
            }
            if !span.attributes.isEmpty {
                tag(.h3) { "Attributes" }
                fieldList(span.attributes, link: similar)
            }
            if !span.resource.isEmpty {
                tag(.h3) { "Sent by" }
                fieldList(span.resource)
            }
        }
    }

    /// This span beside others of its operation.
    private var comparison: Markup {
        guard let usual else { return .empty }
        let ratio = Double(span.durationNanos) / max(1, usual.p50Nanos)
        return tag(.p, .class("small")) {
            "Of \(Units.count(usual.count)) such spans in the hour before, the median took "
            "\(Units.duration(usual.p50Nanos)) and 95 % took up to "
            "\(Units.duration(usual.p95Nanos)); this one took "
            tag(.strong) { "\(Units.number(ratio)) times" }
            " the median."
        }
    }

    private var ways: Markup {
        let minute: Int64 = 60_000_000_000
        let range = TimeRange(
            from: span.startNanos.subtractingReportingOverflow(minute).partialValue,
            to: span.endNanos.addingReportingOverflow(minute).partialValue)
        let term = SearchText.term("span_id", span.id) + " " + SearchText.term("trace_id", traceID)
        return tag(.p, .class("links")) {
            tag(.a, .class("button"), .href(Link("/logs", query: [("q", term)] + range.query))) {
                "Logs of this span"
            }
            tag(
                .a, .class("button"),
                .href(
                    Link(
                        "/traces", query: [("service", span.service), ("operation", span.name)]))
            ) { "Spans like this" }
            tag(
                .a, .class("button"),
                .href(Link("/trace", segment: traceID, query: [("span", span.id)]))
            ) { "Only what is under it" }
        }
    }

    private func similar(_ field: FieldText) -> Link? {
        guard field.text.utf8.count <= Limits.fieldValueBytesMax else { return nil }
        return Link("/traces", query: [("q", SearchText.term(field.name, field.text))])
    }

    private var facts: [FieldText] {
        let kind = Self.kinds.indices.contains(Int(clamping: span.kind)) ? Int(span.kind) : 0
        var facts = [
            FieldText(name: "service", text: span.service),
            FieldText(name: "kind", text: Self.kinds[kind]),
        ]
        if let traceStart {
            let offset = Double(span.startNanos) - Double(traceStart)
            facts.append(FieldText(name: "starts after", text: Units.duration(offset)))
        }
        return facts + [
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
                    if let id = link["trace_id"]?.text { self.link(link, id) }
                }
            }
        }
    }

    private func link(_ link: JSONValue, _ id: String) -> Markup {
        tag(.li) {
            tag(
                .a, .href(Link("/trace", segment: id, query: [("span", link["span_id"]?.text)]))
            ) { tag(.code) { cut(id, 64) } }
            if case .object(let members)? = link["attributes"], !members.isEmpty {
                fieldList(members.map { FieldText(name: $0.name, text: $0.value.text) })
            }
        }
    }
}

/// One span on a page of its own; scripts put it under its row.
package struct SpanPage: Sendable {
    var traceID: String
    var span: SpanRow
    var usual: UsualDuration?
    var logs: [LogRow]

    package init(traceID: String, span: SpanRow, usual: UsualDuration?, logs: [LogRow]) {
        self.traceID = traceID
        self.span = span
        self.usual = usual
        self.logs = logs
    }

    static func link(_ trace: String, _ span: String) -> Link {
        Link("/trace", segment: trace).appending("span").appending(span)
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page(span.name, .traces) {
            tag(.div, .class("title")) {
                tag(.div) {
                    tag(.p, .class("crumbs")) {
                        tag(.a, .href(Link("/traces"))) { "Traces" }
                        " / "
                        tag(.a, .href(Link("/trace", segment: traceID))) {
                            tag(.code) { cut(traceID, 64) }
                        }
                    }
                    tag(.h1) { cut(span.name.isEmpty ? "(no name)" : span.name) }
                }
            }
            tag(.div, .id("span"), .class("card")) {
                SpanDetails(traceID: traceID, span: span, usual: usual, logs: logs).html(frame)
            }
        }
    }
}
