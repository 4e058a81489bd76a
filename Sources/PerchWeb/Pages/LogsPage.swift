package import PerchLogQL

/// Logs: a search box, counts over time, rows that open.
package struct LogsPage: Sendable {
    /// What a state's search found.
    package struct Answer: Sendable, Hashable {
        package var histogram: LogHistogram
        package var page: LogPage

        package init(histogram: LogHistogram, page: LogPage) {
            self.histogram = histogram
            self.page = page
        }
    }

    var state: LogsState
    var services: [String]
    var answer: Answer?
    var failure: SearchFailure?

    /// `answer` is nil when the search could not be read, as `failure` says.
    package init(
        state: LogsState, services: [String], answer: Answer?, failure: SearchFailure? = nil
    ) {
        self.state = state
        self.services = services
        self.answer = answer
        self.failure = failure
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Logs", .logs) {
            tag(.div, .class("title")) {
                tag(.h1) { "Logs" }
                rangeBar(state.range, frame) { range in state.with { $0.range = range }.link }
            }
            rangeForm(
                Link("/logs"),
                [("q", state.search), ("service", state.service), ("level", state.level?.name)])
            form
            tag(
                .div, .id("results"), Fragment.get(state.link), Fragment.target, Fragment.select,
                Fragment.swap, isLive ? Fragment.trigger("every 10s") : nil
            ) {
                if let failure {
                    searchMistake(
                        state.search, position: failure.position, message: failure.description)
                }
                if let answer { results(answer, frame) }
            }
        }
    }

    /// A page of the past would not change.
    private var isLive: Bool {
        state.range.relative != nil && state.position == nil && failure == nil
    }

    private var form: Markup {
        tag(
            .form, .class("filters"), .attribute("method", "get"), .action(Link("/logs")),
            .attribute("role", "search"), Fragment.get(Link("/logs")), Fragment.target,
            Fragment.select, Fragment.swap, Fragment.push, Fragment.trigger("change, submit")
        ) {
            searchBox(state.search, placeholder: "timeout level>=warn http.route:/checkout")
            choice(
                "Service", "service", state.service, any: "All services",
                services.map { ($0, $0) })
            choice(
                "Level", "level", state.level?.name, any: "All levels",
                LogLevel.allCases.map { ($0.name, $0 == .fatal ? "fatal" : "\($0.name) and above") }
            )
            hiddenFields(state.range.query.map { (String(describing: $0.name), $0.value) })
            tag(.button, .type("submit")) { "Search" }
        }
    }

    private func results(_ answer: Answer, _ frame: Frame) -> Markup {
        group {
            if answer.histogram.total.total == 0 {
                empty(frame)
            } else {
                tag(.section, .class("card"), .label("Records over time")) {
                    legend(answer.histogram)
                    Chart.histogram(answer.histogram, frame) { range in
                        state.with { $0.range = range }.link
                    }
                }
                if state.position != nil {
                    tag(.p, .class("notice")) {
                        "Older records. "
                        tag(.a, .href(state.with { _ in }.link)) { "Back to the newest" }
                    }
                }
                tag(.div, .class("logs"), .label("Log records, newest first")) {
                    for row in answer.page.rows {
                        LogRowView(row: row, state: state).html(frame)
                    }
                    older(answer.page)
                }
            }
        }
    }

    private func older(_ page: LogPage) -> Markup {
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
        }
    }

    private func legend(_ histogram: LogHistogram) -> Markup {
        tag(.div, .class("legend")) {
            tag(.strong) { "\(Units.count(histogram.total.total)) records" }
            for level in LogLevel.allCases.reversed() where histogram.total[level] > 0 {
                tag(
                    .a, .class("level l-\(level.name)"), .href(state.with { $0.level = level }.link)
                ) {
                    "\(Units.count(histogram.total[level])) \(level.name)"
                }
            }
            if histogram.total[nil] > 0 {
                tag(.span, .class("level l-none")) {
                    "\(Units.count(histogram.total[nil])) without level"
                }
            }
            if histogram.isPartial {
                tag(.span, .class("faint")) { "counted from the newest" }
            }
        }
    }

    private func empty(_ frame: Frame) -> Markup {
        let isFiltered = !state.search.isEmpty || state.service != nil || state.level != nil
        return group {
            if isFiltered {
                tag(.section, .class("empty")) {
                    tag(.h2) { "No record fits" }
                    tag(.p) { "Nothing in this time range matches the search and filters." }
                    tag(.p) {
                        tag(.a, .class("button"), .href(LogsState(range: state.range).link)) {
                            "Clear search and filters"
                        }
                        tag(
                            .a, .class("button"),
                            .href(
                                state.with {
                                    $0.range = TimeRange(.week1, now: frame.nowNanos)
                                }.link)
                        ) { "Look at 7 days" }
                    }
                    tag(.p, .class("small")) {
                        "Examples: "
                        for example in [
                            "level>=warn", "\"timed out\"", "status>=500", "service:api",
                        ] {
                            tag(.a, .href(state.with { $0.search = example }.link)) {
                                tag(.code) { example }
                            }
                            " "
                        }
                    }
                }
            } else {
                teaching(frame, "No logs in this time range")
            }
        }
    }
}

/// One log record: a line that opens.
struct LogRowView {
    var row: LogRow
    /// The page's state, which links of fields narrow; nil where there is no search.
    var state: LogsState?

    func html(_ frame: Frame) -> Markup {
        let level = row.level?.name ?? "none"
        return tag(.details, .class("log l-\(level)")) {
            tag(.summary) {
                frame.time(row.timeNanos, style: "millis")
                tag(.span, .class("level l-\(level)")) { row.level?.name ?? row.levelText ?? "–" }
                serviceLabel(row.service)
                tag(.span, .class("body")) {
                    let line = row.body.split(whereSeparator: \.isNewline).first.map(String.init)
                    cut(line ?? row.attributes.first.map { "\($0.name)=\($0.text)" } ?? "(no text)")
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

    private var links: Markup {
        guard let trace = row.traceID, !trace.isEmpty else { return .empty }
        return tag(.p, .class("links")) {
            if state != nil {
                tag(.a, .class("button"), .href(Link("/trace", segment: trace))) { "Show trace" }
            }
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

    private func fields(_ words: String, _ fields: [FieldText]) -> Markup {
        guard !fields.isEmpty else { return .empty }
        return group {
            tag(.h3) { words }
            fieldList(fields) { field in
                // A long text makes no useful term.
                guard let state, field.text.utf8.count <= 200 else { return nil }
                return state.adding(SearchText.term(field.name, field.text)).link
            }
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
