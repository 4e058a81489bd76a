package import PerchModel

/// A search, read: what rows must satisfy, within which times, and what is asked of them.
package struct Search: Sendable, Hashable {
    package var predicate: EventPredicate
    /// Half-open, nanoseconds since 1970; all of time when the search names none.
    package var times: Range<Int64>

    /// Reads a search without questions behind pipes; `now` is what relative times are counted
    /// from, in nanoseconds since 1970.
    package static func filter(_ text: String, now: Int64) throws(SearchFailure) -> Search {
        var parser = try SearchParser(text, now: now)
        let search = try parser.search()
        guard parser.token.kind == .end else {
            throw parser.failure("the end; questions after | are answered by the query API")
        }
        return search
    }

    /// The part of `range` that the search names.
    package func clamped(_ range: Range<Int64>) -> Range<Int64> { times.clamped(to: range) }
}

/// Reads the language of the search box.
///
/// `OR` binds weakest, then `AND` or nothing between terms, then `NOT`, `-` and `!`.
package struct SearchParser {
    private var lexer: SearchLexer
    private(set) var token: SearchToken
    private let now: Int64?
    private var depth = 0
    private var terms = 0
    private var times: Range<Int64> = .min ..< .max
    /// Where the first term of time stands.
    private var timePosition: Int?

    /// The predicate that `text` means; every row for a text of only spaces.
    ///
    /// For parts of a search: it may name no times.
    package static func parse(_ text: String) throws(SearchFailure) -> EventPredicate {
        var parser = try SearchParser(text, now: nil)
        let search = try parser.search()
        guard parser.token.kind == .end else { throw parser.failure("a term, AND, OR or the end") }
        return search.predicate
    }

    init(_ text: String, now: Int64?) throws(SearchFailure) {
        // Counting stops at the limit, so a huge text costs no more than one at the limit.
        guard text.dropFirst(Limits.searchCharactersMax).isEmpty else {
            throw SearchFailure(
                position: Limits.searchCharactersMax, found: "more text",
                expected: "at most \(Limits.searchCharactersMax) characters")
        }
        self.now = now
        lexer = SearchLexer(text)
        token = try lexer.next()
    }

    /// The characters of the text, and where the next token begins: for what reads on after a pipe.
    var rest: (characters: [Character], offset: Int) { (lexer.characters, lexer.offset) }

    /// Reads up to the end or a pipe.
    mutating func search() throws(SearchFailure) -> Search {
        guard token.kind != .end, token.kind != .pipe else {
            return Search(predicate: .all, times: times)
        }
        let predicate = try alternatives()
        guard token.kind == .end || token.kind == .pipe else {
            throw failure("a term, AND, OR or the end")
        }
        return Search(predicate: predicate, times: times)
    }

    // MARK: and, or, not

    private mutating func alternatives() throws(SearchFailure) -> EventPredicate {
        var parts = [try conjunction()]
        while token.kind == .or {
            if depth == 0, let timePosition { throw Self.misplacedTime(timePosition) }
            depth += 1
            try advance()
            parts.append(try conjunction())
            depth -= 1
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction() throws(SearchFailure) -> EventPredicate {
        var parts = [try negation()]
        while true {
            switch token.kind {
            case .and:
                try advance()
                parts.append(try negation())
            case .open, .not, .text, .field, .range:
                parts.append(try negation())
            case .close, .or, .pipe, .end:
                // What is always true adds nothing: times, and stars.
                let needed = parts.filter { $0 != .all }
                if needed.isEmpty { return .all }
                return needed.count == 1 ? needed[0] : .and(needed)
            }
        }
    }

    private mutating func negation() throws(SearchFailure) -> EventPredicate {
        guard token.kind == .not else { return try primary() }
        try enter()
        try advance()
        let part = try negation()
        depth -= 1
        return .not(part)
    }

    private mutating func primary() throws(SearchFailure) -> EventPredicate {
        switch token.kind {
        case .open:
            return try group { parser throws(SearchFailure) in try parser.alternatives() }
        case .text(let value):
            try count()
            try advance()
            return try SearchTerm.text(value)
        case .field(let name, let comparison):
            return try fieldTerm(name, comparison)
        case .close, .not, .and, .or, .pipe, .range, .end:
            throw failure("a word, “quoted text” or field:value")
        }
    }

    private mutating func group(
        _ inner: (inout SearchParser) throws(SearchFailure) -> EventPredicate
    ) throws(SearchFailure) -> EventPredicate {
        let opened = token.position
        try enter()
        try advance()
        let predicate = try inner(&self)
        guard token.kind == .close else {
            throw failure("a closing parenthesis for the one at character \(opened + 1)")
        }
        depth -= 1
        try advance()
        return predicate
    }

    // MARK: Terms

    private mutating func fieldTerm(
        _ name: String, _ comparison: SearchOperator
    ) throws(SearchFailure) -> EventPredicate {
        let (source, position) = (token.source, token.position)
        try advance()
        if Self.timeNames.contains(name), comparison.positive != .pattern {
            try readTime(comparison, at: position, source)
            return .all
        }
        let predicate: EventPredicate
        if token.kind == .open {
            let single = comparison.positive
            predicate = try list(name, single, source)
        } else {
            predicate = try fieldValue(name, comparison.positive, source)
        }
        return comparison.isNegated ? .not(predicate) : predicate
    }

    private mutating func fieldValue(
        _ name: String, _ comparison: SearchOperator, _ source: String
    ) throws(SearchFailure) -> EventPredicate {
        try count()
        let term: SearchTerm
        switch token.kind {
        case .text(let value): term = SearchTerm(name, comparison, value)
        case .range(let range): term = SearchTerm(name, range)
        default: throw failure("a value after “\(source)”")
        }
        let predicate = try term.predicate()
        try advance()
        return predicate
    }

    /// `field:(a OR b)`: values of one field, joined as terms are.
    private mutating func list(
        _ name: String, _ comparison: SearchOperator, _ source: String
    ) throws(SearchFailure) -> EventPredicate {
        let opened = token.position
        try enter()
        var alternatives: [EventPredicate] = []
        var parts: [EventPredicate] = []
        while true {
            lexer.expectValue(comparison)
            try advance()
            switch token.kind {
            case .text(let value) where !value.isQuoted && value.text == "OR" && !parts.isEmpty:
                alternatives.append(parts.count == 1 ? parts[0] : .and(parts))
                parts = []
            case .text(let value) where !value.isQuoted && value.text == "AND" && !parts.isEmpty:
                break
            case .text(let value):
                try count()
                parts.append(try SearchTerm(name, comparison, value).predicate())
            case .range(let range):
                try count()
                parts.append(try SearchTerm(name, range).predicate())
            case .close where !parts.isEmpty:
                alternatives.append(parts.count == 1 ? parts[0] : .and(parts))
                depth -= 1
                try advance()
                return alternatives.count == 1 ? alternatives[0] : .or(alternatives)
            case .end:
                throw failure("a closing parenthesis for the one at character \(opened + 1)")
            default: throw failure("a value of “\(source)”")
            }
        }
    }

    // MARK: Times

    private static let timeNames: Set<String> = ["time", "_time", "@timestamp"]

    private static func misplacedTime(_ position: Int) -> SearchFailure {
        SearchFailure(
            position: position, found: "a time that holds for a part of it",
            expected: "a time for the whole search, outside of OR, NOT and parentheses")
    }

    private mutating func readTime(
        _ comparison: SearchOperator, at position: Int, _ source: String
    ) throws(SearchFailure) {
        try count()
        guard let now else {
            throw SearchFailure(
                position: position, found: "“\(source)”", expected: "no time in this place")
        }
        guard depth == 0, comparison != .differs else { throw Self.misplacedTime(position) }
        let bounds: Range<Int64>
        switch token.kind {
        case .range(let range): bounds = try Self.times(range, now)
        case .text(let value): bounds = try Self.times(comparison, value, now)
        default: throw failure("a value after “\(source)”")
        }
        times = times.clamped(to: bounds)
        timePosition = timePosition ?? position
        try advance()
    }

    private static func span(_ value: SearchValue, _ now: Int64) throws(SearchFailure) -> Range<
        Int64
    > {
        if let span = SearchTime.span(value.text, now: now) { return span }
        let isLength = SearchQuantity.nanoseconds(value.text) != nil
        throw SearchFailure(
            position: value.position, found: value.shown, expected: SearchTime.expectation,
            hint: isLength ? "-\(value.text)" : nil)
    }

    private static func times(_ range: SearchRange, _ now: Int64) throws(SearchFailure) -> Range<
        Int64
    > {
        var (lower, upper) = (Int64.min, Int64.max)
        if let value = range.lower {
            let span = try span(value, now)
            lower = range.includesLower ? span.lowerBound : span.upperBound
        }
        if let value = range.upper {
            let span = try span(value, now)
            upper = range.includesUpper ? span.upperBound : span.lowerBound
        }
        return lower..<max(lower, upper)
    }

    private static func times(
        _ comparison: SearchOperator, _ value: SearchValue, _ now: Int64
    ) throws(SearchFailure) -> Range<Int64> {
        if comparison == .matches {
            // `time:1h` and `time:-1h` are the last hour.
            let text = value.text.hasPrefix("-") || value.text.hasPrefix("now") ? "" : "-"
            if value.text != "now", let start = SearchTime.relative(text + value.text, now: now) {
                return min(start, now)..<max(start, now &+ 1)
            }
            if let range = dotted(value) { return try times(range, now) }
        }
        let span = try span(value, now)
        return switch comparison {
        case .less: .min..<span.lowerBound
        case .lessOrEqual: .min..<span.upperBound
        case .greater: span.upperBound ..< .max
        case .greaterOrEqual: span.lowerBound ..< .max
        default: span
        }
    }

    private static func dotted(_ value: SearchValue) -> SearchRange? {
        let characters = Array(value.text)
        guard characters.count > 2,
            let dots = characters.indices.dropLast().first(where: {
                characters[$0] == "." && characters[$0 + 1] == "."
            })
        else { return nil }
        func part(_ text: ArraySlice<Character>) -> SearchValue? {
            guard !text.isEmpty else { return nil }
            return SearchValue(
                text: String(text), isQuoted: false, position: value.position + text.startIndex)
        }
        return SearchRange(
            lower: part(characters[..<dots]), upper: part(characters[(dots + 2)...]))
    }

    // MARK: Bounds and messages

    private mutating func advance() throws(SearchFailure) {
        token = try lexer.next()
    }

    private mutating func enter() throws(SearchFailure) {
        depth += 1
        guard depth <= Limits.nestingMax else {
            throw failure("at most \(Limits.nestingMax) parentheses and negations in each other")
        }
    }

    private mutating func count() throws(SearchFailure) {
        terms += 1
        guard terms <= Limits.termsMax else {
            throw failure("at most \(Limits.termsMax) terms")
        }
    }

    func failure(_ expected: String) -> SearchFailure {
        SearchFailure(
            position: token.position,
            found: token.kind == .end ? "the end" : "“\(token.source)”", expected: expected)
    }
}
