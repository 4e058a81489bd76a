package import PerchLogQL

/// Logs: a search box, counts over time, the fields there are, and rows that open; or the forms of
/// messages, the answer to a question, or what comes in right now.
package struct LogsPage: Sendable {
    /// What a state's search found.
    package struct Answer: Sendable {
        package var histogram: LogHistogram
        package var page: LogPage
        /// What is asked behind the search's bars; nil for the rows themselves.
        package var asked: LogAnswer?
        /// Of the view of forms.
        package var patterns: LogPatterns?

        package init(
            histogram: LogHistogram, page: LogPage, asked: LogAnswer? = nil,
            patterns: LogPatterns? = nil
        ) {
            self.histogram = histogram
            self.page = page
            self.asked = asked
            self.patterns = patterns
        }
    }

    var state: LogsState
    var services: [String]
    var answer: Answer?
    var failure: SearchFailure?
    var saved: [SavedSearch]

    /// `answer` is nil when the search could not be read, as `failure` says.
    package init(
        state: LogsState, services: [String], answer: Answer?, failure: SearchFailure? = nil,
        saved: [SavedSearch] = []
    ) {
        self.state = state
        self.services = services
        self.answer = answer
        self.failure = failure
        self.saved = saved
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Logs", .logs) {
            tag(.div, .class("title")) {
                tag(.h1) { "Logs" }
                rangeBar(state.range, frame) { range in state.with { $0.range = range }.link }
            }
            rangeForm(Link("/logs"), state.kept.map { (String(describing: $0.name), $0.value) })
            form
            tag(
                .div, .id("results"), isLive ? Fragment.get(state.link) : nil, Fragment.target,
                Fragment.select, Fragment.swap, isLive ? Fragment.trigger("every 10s") : nil
            ) {
                toolbar(frame)
                if let failure {
                    searchMistake(
                        state.search, position: failure.position, message: failure.description)
                }
                if let answer { results(answer, frame) }
            }
        }
    }

    /// A page of the past would not change, and the live view refreshes itself.
    private var isLive: Bool {
        state.range.relative != nil && state.position == nil && failure == nil
            && state.view == .rows
    }

    private var form: Markup {
        tag(
            .form, .class("filters"), .attribute("method", "get"), .action(Link("/logs")),
            .attribute("role", "search"), Fragment.get(Link("/logs")), Fragment.target,
            Fragment.select, Fragment.swap, Fragment.push, Fragment.trigger("change, submit")
        ) {
            tag(
                .div, .class("search-field"),
                .attribute("data-complete", Link("/logs/complete", query: state.range.query).text)
            ) {
                searchBox(state.search, placeholder: "timeout level>=warn | count by service")
            }
            choice(
                "Service", "service", state.service, any: "All services",
                services.map { ($0, $0) })
            choice(
                "Level", "level", state.level?.name, any: "All levels",
                LogLevel.allCases.map { ($0.name, $0 == .fatal ? "fatal" : "\($0.name) and above") }
            )
            hiddenFields(
                (state.kept + state.range.query)
                    .map { (String(describing: $0.name), $0.value) }
                    .filter { !["q", "service", "level"].contains($0.0) })
            tag(.button, .class("primary"), .type("submit")) { "Search" }
        }
    }

    /// The views, kept searches, and the way out.
    private func toolbar(_ frame: Frame) -> Markup {
        tag(.div, .class("log-tools")) {
            tag(.nav, .class("segments"), .label("View")) {
                for view in LogsState.View.allCases {
                    tag(
                        .a, .href(state.with { $0.view = view }.link),
                        view == state.view ? .attribute("aria-current", "page") : nil
                    ) { view.words }
                }
            }
            tag(.div, .class("log-ways")) {
                LogsSaved(link: state.with { _ in }.link, saved: saved).menu
                exports
            }
        }
    }

    /// The same rows for other programs.
    private var exports: Markup {
        let text = state.wholeSearch
        let (from, to) = (state.range.nanos.lowerBound, state.range.nanos.upperBound)
        return group {
            if text.pipes == nil {
                tag(
                    .a, .class("button quiet"),
                    .attribute("download", "logs.ndjson"),
                    .title(
                        "The newest \(Units.count(Limits.exportRowsMax)) records, one JSON object a line"
                    ),
                    .href(
                        Link(
                            "/api/v1/events/logs",
                            query: [
                                ("query", text.text), ("from", String(from)), ("to", String(to)),
                                ("limit", String(Limits.exportRowsMax)),
                            ]))
                ) { "NDJSON" }
            }
            tag(
                .a, .class("button quiet"), .attribute("download", "logs.csv"),
                .title("At most \(Units.count(PerchLogQL.Limits.resultRowsMax)) rows as CSV"),
                .href(
                    Link(
                        "/api/v1/search",
                        query: [
                            ("query", text.text), ("start", String(from)), ("end", String(to)),
                            ("limit", String(PerchLogQL.Limits.resultRowsMax)), ("format", "csv"),
                        ]))
            ) { "CSV" }
        }
    }

    private func results(_ answer: Answer, _ frame: Frame) -> Markup {
        group {
            if state.view == .live {
                LogsLive(state: state).html
            } else if answer.histogram.total.total == 0 {
                empty(frame)
            } else {
                LogsHistogram(histogram: answer.histogram, state: state).html(frame)
                if let patterns = answer.patterns {
                    LogsPatterns(patterns: patterns, state: state).html(frame)
                } else if let asked = answer.asked {
                    LogsAnswerView(answer: asked, state: state).html(frame)
                } else {
                    tag(.div, .class("log-layout")) {
                        LogsSidebar(fields: answer.page.fields, state: state).html
                        LogsRows(page: answer.page, state: state).html(frame)
                    }
                }
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
                teaching(
                    frame, "No logs in this time range",
                    wider: Link("/logs", query: [("range", "30d")]))
            }
        }
    }
}
