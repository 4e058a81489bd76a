package import PerchLogQL
package import PerchModel

/// What the address of the logs page says.
package struct LogsState: Sendable, Hashable {
    package var search = ""
    package var service: String?
    package var level: LogLevel?
    package var range: TimeRange
    package var position: LogPosition?

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        search = String((parameters["q"] ?? "").prefix(PerchLogQL.Limits.searchCharactersMax + 1))
        service = parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
        level = parameters["level"].flatMap(LogLevel.init(text:))
        if let time = parameters["before"].flatMap(Int64.init), time < Int64.max {
            let skip = parameters["skip"].flatMap(Int.init) ?? 0
            position = LogPosition(time: time, skip: max(0, skip))
        }
    }

    /// The rows that this state asks for.
    package func filter(now: Int64) throws(SearchFailure) -> LogFilter {
        var filter = LogFilter()
        let read = try Search.filter(search, now: now)
        filter.predicate = read.predicate
        filter.times = read.times
        filter.service = service
        filter.minimum = level
        return filter
    }

    var link: Link {
        var query: [(name: StaticString, value: String?)] = [
            ("q", search), ("service", service), ("level", level?.name),
        ]
        query += range.query
        if let position {
            query.append(("before", String(position.time)))
            query.append(("skip", position.skip == 0 ? nil : String(position.skip)))
        }
        return Link("/logs", query: query)
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
        with { $0.search = $0.search.isEmpty ? term : "\($0.search) \(term)" }
    }
}
