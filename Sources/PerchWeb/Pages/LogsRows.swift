import PerchLogQL

/// The rows of a page, under the names of their columns.
struct LogsRows {
    var page: LogPage
    var state: LogsState

    func html(_ frame: Frame) -> Markup {
        tag(.div, .class("log-list")) {
            if state.position != nil {
                tag(.p, .class("notice")) {
                    "Older records. "
                    tag(.a, .href(state.with { _ in }.link)) { "Back to the newest" }
                }
            }
            if !state.columns.isEmpty { header }
            tag(
                .div, .class("logs cols-\(state.columns.count)"),
                .attribute("role", "region"), .label("Log records, newest first"),
                .attribute("data-logs", Link("/logs", query: state.query).text)
            ) {
                for row in page.rows {
                    LogRowView(row: row, state: state).html(frame)
                }
                older
            }
        }
    }

    private var header: Markup {
        tag(.div, .class("log-columns")) {
            tag(.span, .class("faint")) { "Columns" }
            for name in state.columns {
                tag(
                    .a, .class("chip"), .href(state.toggling(column: name).link),
                    .label("Remove the column \(cut(name, 80))")
                ) {
                    cut(name, 80)
                    tag(.span, .hidden) { " ×" }
                }
            }
        }
    }

    private var older: Markup {
        guard let older = page.older else {
            return tag(.p, .class("end"), .id("older")) { "That is all in this time range." }
        }
        var next = state
        next.position = older
        return tag(.p, .class("end"), .id("older")) {
            tag(
                .a, .class("button"), .href(next.link), Fragment.get(next.link),
                .attribute("hx-select", ".logs > *"), .attribute("hx-target", "#older"),
                Fragment.swap
            ) { "Load older records" }
            if state.rowCount < Limits.logRowsPerPageMax {
                " "
                tag(.a, .href(state.with { $0.rowCount = Limits.logRowsPerPageMax }.link)) {
                    "\(Limits.logRowsPerPageMax) at once"
                }
            }
        }
    }
}

/// One log record: a line that opens.
struct LogRowView {
    var row: LogRow
    /// The page's state; nil where there is no search.
    var state: LogsState?
    /// Whether it is the one that others are shown around.
    var isMarked = false
    /// Whether it leads to its trace; not on the page of that trace.
    var showsTrace = true

    func html(_ frame: Frame) -> Markup {
        let level = row.level?.name ?? "none"
        return tag(
            .details, .class(isMarked ? "log marked l-\(level)" : "log l-\(level)"),
            isMarked ? .attribute("aria-current", "true") : nil
        ) {
            tag(.summary) {
                frame.time(row.timeNanos, style: "millis")
                tag(.span, .class("level l-\(level)")) { row.level?.name ?? row.levelText ?? "–" }
                serviceLabel(row.service)
                for name in state?.columns ?? [] { column(name) }
                tag(.span, .class("line")) {
                    let line = row.body.split(whereSeparator: \.isNewline).first.map(String.init)
                    tag(.span, .class("body")) {
                        cut(line ?? (row.attributes.isEmpty ? "(no text)" : ""))
                    }
                    extra
                }
            }
            tag(.div, .class("record")) {
                tag(.pre, .class("whole")) { cut(row.body, Limits.valueCharactersMax) }
                links
                fields("Attributes", row.attributes)
                fields("Sent by", row.resource)
            }
        }
    }

    /// Short attributes beside the message, so that rows of one text are told apart.
    private var extra: Markup {
        var size = 0
        var words: [String] = []
        // Only what is seen of the message is looked at, and not hundreds of attributes.
        let message = row.body.prefix(Limits.cellCharactersMax)
        let told = row.attributes.prefix(Limits.attributesBesideMax)
            .filter { Self.isTelling($0) && !message.contains($0.text) }
            .map { (rank: Self.rank($0.name), field: $0) }
            .sorted { $0.rank < $1.rank }.map(\.field)
        for field in told {
            let next = "\(field.name)=\(field.text)"
            size += next.utf8.count
            guard size < Limits.logExtraBytesMax else { break }
            words.append(next)
        }
        guard !words.isEmpty else { return .empty }
        return tag(.span, .class("log-extra")) {
            for word in words {
                tag(.bdi) { word }
                " "
            }
        }
    }

    /// What went wrong first, then what was asked and how long it took, ids last.
    private static func rank(_ name: String) -> Int {
        let parts = ["error", "exception", "status", "reason", "outcome"]
        if parts.contains(where: name.contains) { return 0 }
        if ["route", "path", "method", "duration", "target", "url"].contains(where: name.contains) {
            return 1
        }
        return name.hasSuffix("id") ? 3 : 2
    }

    /// Ids are long and told apart by nobody.
    private static func isTelling(_ field: FieldText) -> Bool {
        let length = field.text.utf8.count
        let isId = field.name.hasSuffix("id") && length > 12
        return !["observed_time", "scope_name", "scope_version"].contains(field.name) && length > 0
            && length <= 48 && field.name.utf8.count <= 32 && !isId
            && !field.text.contains(where: \.isNewline)
    }

    private func column(_ name: String) -> Markup {
        let field =
            row.attributes.first { $0.name == name } ?? row.resource.first { $0.name == name }
        let text = name == "trace_id" ? row.traceID : name == "span_id" ? row.spanID : field?.text
        return tag(.span, .class("col"), .title(name + ": " + cut(text ?? "none", 200))) {
            tag(.span, .class("col-name")) { cut(name, 40) }
            cut(text ?? "–", 120)
        }
    }

    // MARK: Where a record leads

    /// Names under which the id of a request comes.
    private static let requestNames = [
        "request.id", "request_id", "http.request.id", "http.request_id", "requestId",
        "x-request-id", "x_request_id", "hb.request.id", "correlation_id", "correlation.id",
    ]

    private var links: Markup {
        let request = row.attributes.first { Self.requestNames.contains($0.name) }
        return group {
            tag(.p, .class("links")) {
                if let trace = row.traceID, !trace.isEmpty, showsTrace {
                    tag(.a, .class("button"), traceLink(trace)) { "Show trace" }
                    tag(.a, .class("button"), .href(around("trace_id", trace))) {
                        "Logs of the trace"
                    }
                }
                if let request, request.text.utf8.count <= Limits.fieldValueBytesMax {
                    tag(.a, .class("button"), .href(around(request.name, request.text))) {
                        "This request's logs"
                    }
                }
                tag(
                    .a, .class("button"), .href(context), Fragment.get(context),
                    .attribute("hx-target", "next .log-near"),
                    .attribute("hx-select", "#context"), .attribute("hx-swap", "innerHTML")
                ) { "Before and after" }
                if let trace = row.traceID, !trace.isEmpty {
                    tag(.span, .class("faint")) {
                        "trace "
                        tag(.code) { cut(trace, 64) }
                        if let span = row.spanID {
                            " span "
                            tag(.code) { cut(span, 64) }
                        }
                    }
                }
            }
            tag(.div, .class("log-near"))
        }
    }

    /// Its trace, at the span that it was written in.
    private func traceLink(_ trace: String) -> Attribute {
        let span = row.spanID ?? ""
        let link = Link("/trace", segment: trace, query: [("near", span)])
        return span.isEmpty ? .href(link) : .href(link, to: "s-" + Link.encode(span))
    }

    /// Records with this value, an hour on either side.
    private func around(_ name: String, _ value: String) -> Link {
        let hour: Int64 = 3_600_000_000_000
        let range = TimeRange(
            from: row.timeNanos.subtractingReportingOverflow(hour).partialValue,
            to: row.timeNanos.addingReportingOverflow(hour).partialValue)
        return Link("/logs", query: [("q", SearchText.term(name, value))] + range.query)
    }

    private var context: Link {
        Link(
            "/logs/context",
            query: [("service", row.service), ("time", String(row.timeNanos))])
    }

    /// A script adds what narrows the search to each field, which would make pages heavy.
    private func fields(_ words: String, _ fields: [FieldText]) -> Markup {
        guard !fields.isEmpty else { return .empty }
        return group {
            tag(.h3) { words }
            fieldList(fields)
        }
    }
}

/// Names and values, where a value may lead somewhere.
func fieldList(_ fields: [FieldText], link: (FieldText) -> Link? = { _ in nil }) -> Markup {
    tag(.dl, .class("fields")) {
        for field in fields {
            tag(.div) {
                tag(.dt) { cut(field.name) }
                tag(.dd) {
                    tag(.span) { cut(field.text, Limits.valueCharactersMax) }
                    if let link = link(field) {
                        tag(.a, .class("only"), .href(link), .title("Search for this value")) {
                            "only this"
                        }
                    }
                }
            }
        }
    }
}
