import PerchModel

/// What is counted or computed over rows.
package struct Aggregation: Sendable, Hashable {
    enum Function: Sendable, Hashable {
        /// Records, each by its weight.
        case count
        case sum
        case average
        case minimum
        case maximum
        case quantile(Double)
        case distinct
    }

    var function: Function
    /// Nil only for a count of all records.
    var field: PipeField?
    /// The name of its column.
    var name: String
}

/// Counts and figures by groups, perhaps over time.
package struct Stats: Sendable, Hashable {
    /// How rows are cut by time.
    enum Span: Sendable, Hashable {
        /// A round length that gives not too many.
        case automatic
        case nanos(Int64)
    }

    var aggregations: [Aggregation]
    var groups: [PipeField] = []
    var span: Span?
    /// Whether rows without any of the fields are left out.
    var skipsMissing = false

    var columns: [String] {
        (span == nil ? [] : ["time"]) + groups.map(\.name) + aggregations.map(\.name)
    }
}

/// What is asked about the rows of a search.
package enum Question: Sendable, Hashable {
    /// The rows themselves.
    case rows
    case stats(Stats)
    /// The forms that messages have.
    case patterns

    /// The columns of its answer; nil when rows come as they are.
    var columns: [String]? {
        switch self {
        case .rows: nil
        case .stats(let stats): stats.columns
        case .patterns: ["count", "pattern", "example"]
        }
    }
}

/// What is done with the rows of an answer.
enum TableStep: Sendable, Hashable {
    case fields([PipeField])
    case sort([SortKey])
    case limit(Int)
}

/// One field to sort by.
struct SortKey: Sendable, Hashable {
    var field: PipeField
    var isDescending: Bool
}

/// A search with the questions behind its pipes.
package struct SearchQuery: Sendable, Hashable {
    package var search: Search
    /// How many of the newest rows the question is asked about; nil for all.
    var rowLimit: Int?
    package var question = Question.rows
    var steps: [TableStep] = []

    /// Whether the answer is rows as they were stored.
    package var answersEvents: Bool {
        question == .rows
            && !steps.contains {
                if case .fields = $0 { true } else { false }
            }
    }

    /// The most frequent values of a field among the rows of a search.
    package static func top(_ field: String, _ count: Int, of search: Search) -> SearchQuery {
        let name = PipeField(field)
        var query = SearchQuery(search: search)
        let counting = Aggregation(function: .count, field: nil, name: "count")
        query.question = .stats(
            Stats(aggregations: [counting], groups: [name], skipsMissing: true))
        query.steps = [.limit(count)]
        return query
    }

    /// Reads a search; `now` is what relative times are counted from.
    package static func parse(_ text: String, now: Int64) throws(SearchFailure) -> SearchQuery {
        var parser = try SearchParser(text, now: now)
        var query = SearchQuery(search: try parser.search())
        guard parser.token.kind == .pipe else { return query }
        var pipes = PipeParser(parser.rest.characters, parser.rest.offset)
        try pipes.read(into: &query)
        return query
    }
}
