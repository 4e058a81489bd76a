/// Cuts a search text into tokens, one at a time.
struct SearchLexer {
    let characters: [Character]
    private(set) var offset = 0
    /// The operator before a value, which is read more generously than a bare word: signs are part
    /// of it.
    private var valueOperator: SearchOperator?

    init(_ text: String) {
        characters = Array(text)
    }

    mutating func next() throws(SearchFailure) -> SearchToken {
        skipSpace()
        let start = offset
        guard offset < characters.count else { return token(.end, from: start) }
        if let comparison = valueOperator {
            valueOperator = nil
            return try value(comparison, from: start)
        }
        switch characters[offset] {
        case "\"":
            let text = try quoted()
            if let field = try fieldOperator(named: text, from: start) { return field }
            return token(
                .text(SearchValue(text: text, isQuoted: true, position: start)), from: start)
        case "(":
            offset += 1
            return token(.open, from: start)
        case ")":
            offset += 1
            return token(.close, from: start)
        case "|":
            offset += 1
            guard rest(0) != "|" else {
                throw SearchFailure(
                    position: start, found: "“||”", expected: "one term or a pipe", hint: "OR")
            }
            return token(.pipe, from: start)
        case "-", "!":
            // A lone dash is text, as in `a - b`; before a term it negates.
            guard let next = rest(1), !next.isWhitespace else { break }
            offset += 1
            return token(.not, from: start)
        case "~" where rest(1) == "\"":
            offset += 1
            valueOperator = .pattern
            return token(.field("", .pattern), from: start)
        default: break
        }
        return try word(from: start)
    }

    /// Reads the value of the field before once more, for `field:(a OR b)`.
    mutating func expectValue(_ comparison: SearchOperator) {
        valueOperator = comparison
    }

    private mutating func skipSpace() {
        while offset < characters.count, characters[offset].isWhitespace { offset += 1 }
    }

    // MARK: Values

    private mutating func value(
        _ comparison: SearchOperator, from start: Int
    ) throws(SearchFailure) -> SearchToken {
        switch characters[offset] {
        case "\"":
            let text = try quoted()
            return token(
                .text(SearchValue(text: text, isQuoted: true, position: start)), from: start)
        case "(" where comparison == .matches || comparison == .differs:
            offset += 1
            return token(.open, from: start)
        case ")":
            offset += 1
            return token(.close, from: start)
        case "|":
            offset += 1
            return token(.pipe, from: start)
        case "[" where comparison == .matches || comparison == .differs,
            "{" where comparison == .matches || comparison == .differs:
            if let range = try range(from: start) { return token(.range(range), from: start) }
        default: break
        }
        return bareValue(from: start, isPattern: comparison.positive == .pattern)
    }

    private mutating func bareValue(from start: Int, isPattern: Bool) -> SearchToken {
        var depth = 0
        while offset < characters.count, !characters[offset].isWhitespace {
            // A closing parenthesis belongs to the value only when the value opened one.
            if characters[offset] == "(" { depth += 1 }
            if characters[offset] == ")" {
                guard depth > 0 else { break }
                depth -= 1
            }
            if characters[offset] == "|", !isPattern { break }
            offset += 1
        }
        let text = String(characters[start..<offset])
        return token(.text(SearchValue(text: text, isQuoted: false, position: start)), from: start)
    }

    /// `[a TO b]` with either bracket at either end, or nil for a value that only begins like one.
    private mutating func range(from start: Int) throws(SearchFailure) -> SearchRange? {
        var ends: [SearchValue] = []
        var hasTo = false
        offset = start + 1
        while true {
            skipSpace()
            guard offset < characters.count else { break }
            let place = offset
            if characters[offset] == "]" || characters[offset] == "}" {
                // `[1]` and `{…}` are values as they are; two values without TO are a mistake.
                let hasSpace = characters[start..<place].contains { $0.isWhitespace }
                guard hasTo || ends.count > 1 && hasSpace else { break }
                guard hasTo, ends.count == 2 else {
                    throw SearchFailure(
                        position: place, found: "“\(characters[place])”",
                        expected: "two values with TO between them, such as [400 TO 499]")
                }
                let range = SearchRange(
                    lower: Self.end(ends[0]), upper: Self.end(ends[1]),
                    includesLower: characters[start] == "[",
                    includesUpper: characters[place] == "]")
                offset += 1
                return range
            }
            if characters[offset] == "\"" {
                ends.append(SearchValue(text: try quoted(), isQuoted: true, position: place))
                continue
            }
            while offset < characters.count, !characters[offset].isWhitespace,
                characters[offset] != "]", characters[offset] != "}"
            {
                offset += 1
            }
            let text = String(characters[place..<offset])
            if text == "TO" {
                hasTo = true
            } else {
                ends.append(SearchValue(text: text, isQuoted: false, position: place))
            }
            guard ends.count <= 2 else { break }
        }
        guard !hasTo else {
            throw SearchFailure(
                position: offset, found: offset < characters.count ? "more text" : "the end",
                expected: "] or } after the range that begins at character \(start + 1)")
        }
        offset = start
        return nil
    }

    /// A star is an open end.
    private static func end(_ value: SearchValue) -> SearchValue? {
        !value.isQuoted && value.text == "*" ? nil : value
    }

    // MARK: Words and fields

    private mutating func word(from start: Int) throws(SearchFailure) -> SearchToken {
        while offset < characters.count {
            let character = characters[offset]
            if character.isWhitespace || "()\"|".contains(character) { break }
            if ":<>=!~".contains(character),
                let field = try fieldOperator(
                    named: String(characters[start..<offset]), from: start, isBare: true)
            {
                return field
            }
            offset += 1
        }
        let text = String(characters[start..<offset])
        switch text {
        case "AND": return token(.and, from: start)
        case "OR": return token(.or, from: start)
        case "NOT": return token(.not, from: start)
        case "&&":
            throw SearchFailure(
                position: start, found: "“&&”", expected: "one term", hint: "AND")
        default:
            return token(
                .text(SearchValue(text: text, isQuoted: false, position: start)), from: start)
        }
    }

    /// A field with its operator, or nil when none stands here, or when what stands before it is no
    /// field's name, as in `12:30` or an address with `://`.
    private mutating func fieldOperator(
        named name: String, from start: Int, isBare: Bool = false
    ) throws(SearchFailure) -> SearchToken? {
        guard let (comparison, length) = operatorHere else { return nil }
        guard !name.isEmpty else {
            guard comparison != .pattern, comparison != .otherPattern, comparison != .differs else {
                return nil
            }
            throw SearchFailure(
                position: start, found: "“\(characters[start])”",
                expected: "a field's name before the operator, or quoted text",
                hint: operatorHint(at: start, length))
        }
        if isBare {
            guard let first = name.first, first.isLetter || first == "_" || first == "@",
                name.allSatisfy({ $0.isLetter || $0.isNumber || "_.-/@".contains($0) }),
                !(characters[offset] == ":" && rest(1) == "/" && rest(2) == "/")
            else { return nil }
        }
        offset += length
        valueOperator = comparison
        return token(.field(name, comparison), from: start)
    }

    /// The operator that stands here, and its characters.
    private var operatorHere: (SearchOperator, Int)? {
        switch (rest(0), rest(1)) {
        case ("!", "="): return (.differs, 2)
        case ("!", "~"): return (.otherPattern, 2)
        case ("=", "="): return (.matches, 2)
        case ("=", "~"), (":", "~"): return (.pattern, 2)
        case ("<", "="): return (.lessOrEqual, 2)
        case (">", "="): return (.greaterOrEqual, 2)
        case ("<", _): return (.less, 1)
        case (">", _): return (.greater, 1)
        case ("~", let next?): return next.isWhitespace ? nil : (.pattern, 1)
        // `status:>=500` means the same as `status>=500`.
        case (":", "<"), ("=", "<"): return rest(2) == "=" ? (.lessOrEqual, 3) : (.less, 2)
        case (":", ">"), ("=", ">"): return rest(2) == "=" ? (.greaterOrEqual, 3) : (.greater, 2)
        case (":", _), ("=", _): return (.matches, 1)
        default: return nil
        }
    }

    /// What was meant by an operator with space before it: `retries < 3`.
    private func operatorHint(at start: Int, _ length: Int) -> String? {
        var end = start
        while end > 0, characters[end - 1].isWhitespace { end -= 1 }
        var begin = end
        while begin > 0, !characters[begin - 1].isWhitespace { begin -= 1 }
        var next = start + length
        while next < characters.count, characters[next].isWhitespace { next += 1 }
        var last = next
        while last < characters.count, !characters[last].isWhitespace { last += 1 }
        guard begin < end, next < last, characters[begin].isLetter else { return nil }
        return String(characters[begin..<end] + characters[start..<start + length])
            + String(characters[next..<last])
    }

    private func rest(_ distance: Int) -> Character? {
        offset + distance < characters.count ? characters[offset + distance] : nil
    }

    private mutating func quoted() throws(SearchFailure) -> String {
        try Self.quoted(characters, &offset)
    }

    /// Reads the quoted text at `offset`, and stands behind it then.
    static func quoted(
        _ characters: [Character], _ offset: inout Int
    ) throws(SearchFailure) -> String {
        let start = offset
        var text = ""
        offset += 1
        while offset < characters.count {
            switch characters[offset] {
            case "\"":
                offset += 1
                return text
            case "\\" where offset + 1 < characters.count:
                offset += 1
                switch characters[offset] {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "\"", "\\": text.append(characters[offset])
                default:
                    text.append("\\")
                    text.append(characters[offset])
                }
            default: text.append(characters[offset])
            }
            offset += 1
        }
        throw SearchFailure(
            position: characters.count, found: "the end",
            expected: "a closing quote for the one at character \(start + 1)")
    }

    private func token(_ kind: SearchToken.Kind, from start: Int) -> SearchToken {
        SearchToken(
            kind: kind, position: start, source: String(characters[start..<offset].prefix(40)))
    }
}
