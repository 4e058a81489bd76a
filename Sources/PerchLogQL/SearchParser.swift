package import PerchModel

/// Reads the language of the search box.
///
/// `OR` binds weakest, then `AND` or nothing between terms, then `NOT`, `-` and `!`.
package struct SearchParser {
    private var lexer: SearchLexer
    private var token: SearchToken
    private var depth = 0
    private var terms = 0

    /// The predicate that `text` means; every row for a text of only spaces.
    package static func parse(_ text: String) throws(SearchFailure) -> EventPredicate {
        // Counting stops at the limit, so a huge text costs no more than one at the limit.
        guard text.dropFirst(Limits.searchCharactersMax).isEmpty else {
            throw SearchFailure(
                position: Limits.searchCharactersMax, found: "more text",
                expected: "at most \(Limits.searchCharactersMax) characters")
        }
        var parser = try SearchParser(text)
        guard parser.token.kind != .end else { return .all }
        let predicate = try parser.alternatives()
        guard parser.token.kind == .end else {
            throw parser.failure("a term, AND, OR or the end")
        }
        return predicate
    }

    private init(_ text: String) throws(SearchFailure) {
        lexer = SearchLexer(text)
        token = try lexer.next()
    }

    private mutating func alternatives() throws(SearchFailure) -> EventPredicate {
        var parts = [try conjunction()]
        while token.kind == .or {
            try advance()
            parts.append(try conjunction())
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
            case .open, .not, .text, .field:
                parts.append(try negation())
            case .close, .or, .end:
                return parts.count == 1 ? parts[0] : .and(parts)
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
            let opened = token.position
            try enter()
            try advance()
            let inner = try alternatives()
            guard token.kind == .close else {
                throw failure("a closing parenthesis for the one at character \(opened + 1)")
            }
            depth -= 1
            try advance()
            return inner
        case .text(let value):
            try count()
            try advance()
            return SearchTerm.text(value)
        case .field(let name, let comparison):
            try count()
            return try fieldTerm(name, comparison)
        case .close, .not, .and, .or, .end:
            throw failure("a word, “quoted text” or field:value")
        }
    }

    private mutating func fieldTerm(
        _ name: String, _ comparison: SearchOperator
    ) throws(SearchFailure) -> EventPredicate {
        let source = token.source
        try advance()
        guard case .text(let value) = token.kind else {
            throw failure("a value after “\(source)”")
        }
        let term = SearchTerm(
            field: name, comparison: comparison, value: value, position: token.position)
        let predicate = try term.predicate()
        try advance()
        return predicate
    }

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

    private func failure(_ expected: String) -> SearchFailure {
        SearchFailure(
            position: token.position,
            found: token.kind == .end ? "the end" : "“\(token.source)”", expected: expected)
    }
}
