/// Reads the questions behind the pipes of a search.
struct PipeParser {
    private var lexer: PipeLexer
    private var token = PipeToken(kind: .end, position: 0)
    private var pipeCount = 0

    private static let names = [
        "count", "top", "stats", "timechart", "fields", "sort", "limit", "patterns",
    ]
    private static let functions = [
        "count", "sum", "avg", "min", "max", "quantile", "median", "distinct",
    ]

    /// Begins behind the first pipe.
    init(_ characters: [Character], _ offset: Int) {
        lexer = PipeLexer(characters, offset)
    }

    mutating func read(into query: inout SearchQuery) throws(SearchFailure) {
        repeat {
            try advance()
            try pipe(&query)
            guard token.kind == .pipe || token.kind == .end else {
                throw failure("| or the end")
            }
        } while token.kind == .pipe
    }

    private mutating func pipe(_ query: inout SearchQuery) throws(SearchFailure) {
        pipeCount += 1
        guard pipeCount <= Limits.pipesMax else {
            throw failure("at most \(Limits.pipesMax) pipes")
        }
        let place = token
        guard case .word(let name) = place.kind else { throw noPipe() }
        try advance()
        switch name {
        case "fields":
            query.steps.append(.fields(try fieldList(query)))
        case "sort": query.steps.append(.sort(try sortKeys(query)))
        case "limit", "head":
            let limit = try count("a number of rows")
            query.steps.append(.limit(limit))
        case "count", "top", "stats", "timechart", "patterns":
            try question(name, at: place, &query)
        default:
            token = place
            throw noPipe()
        }
    }

    private func noPipe() -> SearchFailure {
        var hint: String?
        if case .word(let word) = token.kind {
            hint = SearchFailure.nearest(to: word, among: Self.names)
        }
        return failure("one of \(Self.names.joined(separator: ", "))", hint: hint)
    }

    // MARK: Questions

    private mutating func question(
        _ name: String, at place: PipeToken, _ query: inout SearchQuery
    ) throws(SearchFailure) {
        var rowLimit: Int?
        for step in query.steps where query.question == .rows {
            if case .limit(let limit) = step { rowLimit = min(rowLimit ?? .max, limit) }
        }
        let hasOnlyLimits = query.steps.allSatisfy { if case .limit = $0 { true } else { false } }
        guard query.question == .rows, hasOnlyLimits else {
            throw SearchFailure(
                position: place.position, found: place.shown,
                expected: query.question == .rows
                    ? "nothing but limit before a question" : "fields, sort or limit")
        }
        query.rowLimit = rowLimit
        query.steps = []
        switch name {
        case "count":
            query.question = .stats(
                Stats(aggregations: [Self.count], groups: try groups()))
        case "top": try top(&query)
        case "stats":
            query.question = .stats(
                Stats(aggregations: try aggregations(), groups: try groups()))
        case "timechart": query.question = .stats(try timechart())
        default:
            query.question = .patterns
            if case .word = token.kind {
                query.steps = [.limit(try count("a number of patterns"))]
            }
        }
        try checkNames(query, place)
    }

    private static let count = Aggregation(function: .count, field: nil, name: "count")

    private mutating func top(_ query: inout SearchQuery) throws(SearchFailure) {
        var limit = 10
        if case .word(let word) = token.kind, let number = Int(word) {
            guard (1...Limits.resultRowsMax).contains(number) else {
                throw failure("1 to \(Limits.resultRowsMax)")
            }
            limit = number
            try advance()
        }
        if token.kind == .word("by") { try advance() }
        query.question = .stats(
            Stats(
                aggregations: [Self.count], groups: try names("a field"), skipsMissing: true))
        query.steps = [
            .sort([SortKey(field: PipeField("count"), isDescending: true)]), .limit(limit),
        ]
    }

    private mutating func timechart() throws(SearchFailure) -> Stats {
        var span = Stats.Span.automatic
        if token.kind == .word("span") {
            try advance()
            guard token.kind == .equals else { throw failure("= after “span”") }
            try advance()
            guard case .word(let text) = token.kind,
                let nanos = SearchQuantity.nanoseconds(text), nanos >= 1_000_000, nanos < 4e18
            else { throw failure("a duration such as 5m") }
            span = .nanos(Int64(nanos))
            try advance()
        }
        var stats = Stats(aggregations: [Self.count], span: span)
        switch token.kind {
        case .pipe, .end, .word("by"): break
        default: stats.aggregations = try aggregations()
        }
        stats.groups = try groups()
        return stats
    }

    private mutating func groups() throws(SearchFailure) -> [PipeField] {
        guard token.kind == .word("by") else { return [] }
        try advance()
        return try names("a field")
    }

    private mutating func aggregations() throws(SearchFailure) -> [Aggregation] {
        var result = [try aggregation()]
        while token.kind == .comma {
            try advance()
            result.append(try aggregation())
            guard result.count <= Limits.aggregationsMax else {
                throw failure("at most \(Limits.aggregationsMax) figures")
            }
        }
        return result
    }

    private mutating func aggregation() throws(SearchFailure) -> Aggregation {
        let place = token
        guard case .word(let name) = token.kind else { throw noFunction(place) }
        try advance()
        var result: Aggregation
        if name == "count", token.kind != .open {
            result = Self.count
        } else {
            guard var function = Self.function(name) else { throw noFunction(place) }
            guard token.kind == .open else { throw failure("( after “\(name)”") }
            try advance()
            if name == "count", token.kind == .close {
                result = Self.count
            } else {
                if case .quantile = function, name == "quantile" {
                    function = .quantile(try quantile())
                }
                let field = try self.name("a field")
                guard field.meaning != .time else { throw failure("a field that is not the time") }
                let inner =
                    if case .quantile(let part) = function, name == "quantile" {
                        "\(part), \(field.name)"
                    } else {
                        field.name
                    }
                result = Aggregation(function: function, field: field, name: "\(name)(\(inner))")
            }
            guard token.kind == .close else { throw failure(")") }
            try advance()
        }
        if token.kind == .word("as") {
            try advance()
            result.name = try self.name("a name").name
        }
        return result
    }

    private static func function(_ name: String) -> Aggregation.Function? {
        switch name {
        case "count": return .count
        case "sum": return .sum
        case "avg": return .average
        case "min": return .minimum
        case "max": return .maximum
        case "median": return .quantile(0.5)
        case "quantile": return .quantile(0)
        case "distinct": return .distinct
        default:
            guard name.first == "p", let digits = Int(name.dropFirst()), (1...99).contains(digits)
            else { return nil }
            return .quantile(Double(digits) / 100)
        }
    }

    private func noFunction(_ place: PipeToken) -> SearchFailure {
        var hint: String?
        if case .word(let word) = place.kind {
            hint = SearchFailure.nearest(to: word, among: Self.functions)
        }
        return SearchFailure(
            position: place.position, found: place.shown,
            expected: "one of \(Self.functions.joined(separator: ", "))", hint: hint)
    }

    private mutating func quantile() throws(SearchFailure) -> Double {
        guard case .word(let text) = token.kind, case .number(let part)? = SearchQuantity(text),
            (0...1).contains(part)
        else { throw failure("a number from 0 to 1, such as 0.95") }
        try advance()
        guard token.kind == .comma else { throw failure(", and a field") }
        try advance()
        return part
    }

    /// Two columns of one name could not be told apart.
    private func checkNames(_ query: SearchQuery, _ place: PipeToken) throws(SearchFailure) {
        let columns = query.question.columns ?? []
        guard Set(columns).count < columns.count else { return }
        throw SearchFailure(
            position: place.position, found: "two columns of one name",
            expected: "another name for one of them, such as count as total")
    }

    // MARK: Rows of the answer

    private mutating func fieldList(_ query: SearchQuery) throws(SearchFailure) -> [PipeField] {
        var fields = [try column(query)]
        while token.kind == .comma {
            try advance()
            fields.append(try column(query))
        }
        guard fields.count <= Limits.pipeFieldsMax else {
            throw failure("at most \(Limits.pipeFieldsMax) fields")
        }
        return fields
    }

    private mutating func sortKeys(_ query: SearchQuery) throws(SearchFailure) -> [SortKey] {
        if token.kind == .word("by") { try advance() }
        var keys: [SortKey] = []
        while true {
            var key = SortKey(field: try column(query), isDescending: false)
            if token.kind == .word("desc") || token.kind == .word("asc") {
                key.isDescending = token.kind == .word("desc")
                try advance()
            }
            keys.append(key)
            guard keys.count <= Limits.pipeFieldsMax else {
                throw failure("at most \(Limits.pipeFieldsMax) fields")
            }
            guard token.kind == .comma else { return keys }
            try advance()
        }
    }

    /// A field of a row, or a column of the question's answer.
    private mutating func column(_ query: SearchQuery) throws(SearchFailure) -> PipeField {
        let place = token
        // `sum(bytes)` is the name of a column too.
        var name = try name("a field").name
        if token.kind == .open, var columns = query.columns {
            columns = columns.filter { $0.hasPrefix(name + "(") }
            try advance()
            var parts: [String] = []
            while token.kind != .close {
                guard case .word(let word) = token.kind else { throw failure("a column") }
                parts.append(word)
                try advance()
                if token.kind == .comma { try advance() }
            }
            try advance()
            name += "(\(parts.joined(separator: ", ")))"
        }
        guard let columns = query.columns, !columns.contains(name) else { return PipeField(name) }
        throw SearchFailure(
            position: place.position, found: "“\(name.prefix(40))”",
            expected: "one of \(columns.joined(separator: ", "))",
            hint: SearchFailure.nearest(to: name, among: columns))
    }

    private mutating func names(_ expected: String) throws(SearchFailure) -> [PipeField] {
        var fields = [try name(expected)]
        while token.kind == .comma {
            try advance()
            fields.append(try name(expected))
            guard fields.count <= Limits.pipeFieldsMax else {
                throw failure("at most \(Limits.pipeFieldsMax) fields")
            }
        }
        return fields
    }

    private mutating func name(_ expected: String) throws(SearchFailure) -> PipeField {
        switch token.kind {
        case .word(let name), .quoted(let name):
            try advance()
            return PipeField(name)
        default: throw failure(expected)
        }
    }

    private mutating func count(_ expected: String) throws(SearchFailure) -> Int {
        guard case .word(let word) = token.kind, let number = Int(word),
            (1...Limits.resultRowsMax).contains(number)
        else { throw failure("\(expected) from 1 to \(Limits.resultRowsMax)") }
        try advance()
        return number
    }

    private mutating func advance() throws(SearchFailure) { token = try lexer.next() }

    private func failure(_ expected: String, hint: String? = nil) -> SearchFailure {
        SearchFailure(
            position: token.position, found: token.shown, expected: expected, hint: hint)
    }
}

extension SearchQuery {
    /// The columns there are after the steps so far; nil where any field may be named.
    package var columns: [String]? {
        for case .fields(let fields) in steps.reversed() { return fields.map(\.name) }
        return question.columns
    }
}
