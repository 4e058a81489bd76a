package import PerchLogQL
package import PerchModel

/// What the address of the traces page says.
package struct TracesState: Sendable, Hashable {
    /// Which traces come first.
    package enum Order: String, Sendable, CaseIterable {
        case newest
        case slowest
    }

    package var search = ""
    package var service: String?
    /// The name of a span.
    package var operation: String?
    /// As typed: `250ms`.
    package var minimum: String?
    package var maximum: String?
    package var errorsOnly = false
    package var rootsOnly = false
    package var order = Order.newest
    package var range: TimeRange

    package init(range: TimeRange) {
        self.range = range
    }

    package init(_ parameters: FormParameters, now: Int64) {
        range = TimeRange(parameters, now: now)
        search = String((parameters["q"] ?? "").prefix(PerchLogQL.Limits.searchCharactersMax + 1))
        service = parameters["service"].flatMap { $0.isEmpty ? nil : $0 }
        operation = parameters["operation"].flatMap { $0.isEmpty ? nil : String($0.prefix(1_000)) }
        minimum = parameters["min"].flatMap { $0.isEmpty ? nil : String($0.prefix(20)) }
        maximum = parameters["max"].flatMap { $0.isEmpty ? nil : String($0.prefix(20)) }
        errorsOnly = parameters["errors"] == "1"
        rootsOnly = parameters["roots"] == "1"
        order = parameters["order"].flatMap(Order.init(rawValue:)) ?? .newest
    }

    /// The traces that this state asks for.
    package func filter(now: Int64) throws(SearchFailure) -> TraceFilter {
        var filter = TraceFilter()
        let read = try Search.filter(search, now: now)
        filter.times = read.times
        var parts = [read.predicate]
        if let minimum { parts.append(try Self.duration(">=", minimum, "At least")) }
        if let maximum { parts.append(try Self.duration("<=", maximum, "At most")) }
        if let operation {
            parts.append(.equals(FieldReference(RecordField.name, space: .record), operation))
        }
        filter.predicate = both(parts)
        filter.service = service
        filter.errorsOnly = errorsOnly
        filter.rootsOnly = rootsOnly
        return filter
    }

    /// The language knows durations; a number alone is meant in milliseconds.
    private static func duration(
        _ comparison: String, _ typed: String, _ field: String
    ) throws(SearchFailure) -> EventPredicate {
        let text = Double(typed) == nil ? typed : typed + "ms"
        do {
            return try SearchParser.parse("duration\(comparison)" + SearchText.quoted(text))
        } catch {
            throw SearchFailure(
                position: 0, found: "“\(typed)”",
                expected: "a duration such as 250ms or 1.5s in the field \(field)")
        }
    }

    var link: Link { Link("/traces", query: kept + range.query) }

    /// All but the time.
    var kept: [(name: StaticString, value: String?)] {
        [
            ("q", search), ("service", service), ("operation", operation), ("min", minimum),
            ("max", maximum), ("errors", errorsOnly ? "1" : nil),
            ("roots", rootsOnly ? "1" : nil),
            ("order", order == .newest ? nil : order.rawValue),
        ]
    }

    /// This state with a change.
    func with(_ change: (inout TracesState) -> Void) -> TracesState {
        var copy = self
        change(&copy)
        return copy
    }

    /// One text that finds the same spans, for the steps of a funnel.
    var wholeSearch: String {
        var text = LogSearchText(search)
        if let service { text = text.adding(SearchText.term("service", service)) }
        if let operation { text = text.adding(SearchText.term("name", operation)) }
        if errorsOnly { text = text.adding("status:error") }
        return text.terms
    }
}
