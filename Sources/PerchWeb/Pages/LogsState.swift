package import PerchLogQL
package import PerchModel

/// What the address of the logs page says.
package struct LogsState: Sendable, Hashable {
    /// How the records are shown.
    package enum View: String, Sendable, CaseIterable {
        case rows
        case patterns
        case live

        var words: String {
            switch self {
            case .rows: "Records"
            case .patterns: "Patterns"
            case .live: "Live"
            }
        }
    }

    package var search = ""
    package var service: String?
    package var level: LogLevel?
    package var range: TimeRange
    package var position: LogPosition?
    package var view = View.rows
    /// Fields that stand beside the message.
    package var columns: [String] = []
    /// Records of one page.
    package var rowCount = Limits.logRowsPerPage

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        search = String((parameters["q"] ?? "").prefix(PerchLogQL.Limits.searchCharactersMax + 1))
        service = parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
        level = parameters["level"].flatMap(LogLevel.init(text:))
        rowCount =
            parameters["rows"].flatMap(Int.init).map { max(1, min($0, Limits.logRowsPerPageMax)) }
            ?? Limits.logRowsPerPage
        view = parameters["view"].flatMap(View.init(rawValue:)) ?? .rows
        for name in parameters.all("col") where !name.isEmpty && !columns.contains(name) {
            guard columns.count < Limits.logColumnsMax else { break }
            columns.append(String(name.prefix(200)))
        }
        if let time = parameters["before"].flatMap(Int64.init), time < Int64.max {
            let skip = parameters["skip"].flatMap(Int.init) ?? 0
            position = LogPosition(time: time, skip: max(0, skip))
        }
    }

    /// The rows that this state asks for.
    package func filter(now: Int64) throws(SearchFailure) -> LogFilter {
        try question(now: now).filter
    }

    /// The rows that this state asks for, and what it asks of them.
    package func question(now: Int64) throws(SearchFailure) -> LogQuestion {
        let read = try SearchQuery.parse(search, now: now)
        var filter = LogFilter()
        filter.predicate = read.search.predicate
        filter.times = read.search.times
        filter.service = service
        filter.minimum = level
        return LogQuestion(
            filter: filter, query: LogSearchText(search).pipes == nil ? nil : read)
    }

    /// Whether it asks something of its rows instead of the rows themselves.
    package var asks: Bool { view == .rows && LogSearchText(search).pipes != nil }

    /// The search with what was chosen beside it, as one text for other doors of this server.
    package var wholeSearch: LogSearchText {
        var text = LogSearchText(search)
        if let service { text = text.adding(SearchText.term("service", service)) }
        if let level { text = text.adding("level>=\(level.name)") }
        return text
    }

    var link: Link {
        var query = query
        if let position {
            query.append(("before", String(position.time)))
            query.append(("skip", position.skip == 0 ? nil : String(position.skip)))
        }
        return Link("/logs", query: query)
    }

    /// What the address of the newest row on holds.
    var query: [(name: StaticString, value: String?)] { kept + range.query }

    /// All but the time.
    var kept: [(name: StaticString, value: String?)] {
        var query: [(name: StaticString, value: String?)] = [
            ("q", search), ("service", service), ("level", level?.name),
            ("view", view == .rows ? nil : view.rawValue),
        ]
        for column in columns { query.append(("col", column)) }
        if rowCount != Limits.logRowsPerPage { query.append(("rows", String(rowCount))) }
        return query
    }

    /// This state with a change, from the newest row on.
    func with(_ change: (inout LogsState) -> Void) -> LogsState {
        var copy = self
        copy.position = nil
        change(&copy)
        return copy
    }

    /// This state with one more term in its search.
    func adding(_ term: String) -> LogsState {
        with { $0.search = LogSearchText($0.search).adding(term).text }
    }

    /// This state with a field as a column, or without it.
    func toggling(column name: String) -> LogsState {
        with { state in
            if state.columns.contains(name) {
                state.columns.removeAll { $0 == name }
            } else {
                state.columns.append(name)
            }
        }
    }
}

/// Which rows a page asks about, and what it asks of them; nil for the rows themselves.
package struct LogQuestion: Sendable {
    package var filter: LogFilter
    package var query: SearchQuery?

    package init(filter: LogFilter, query: SearchQuery? = nil) {
        self.filter = filter
        self.query = query
    }
}
