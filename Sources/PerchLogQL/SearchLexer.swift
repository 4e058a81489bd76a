/// A piece of a search text.
struct SearchToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case open
        case close
        /// `-` or `!` before a term, or the word NOT.
        case not
        case and
        case or
        /// A bare word or quoted text.
        case text(SearchValue)
        /// A field's name and operator; its value is the next token.
        case field(String, SearchOperator)
        case end
    }

    var kind: Kind
    /// Characters before it.
    var position: Int
    /// How it stands in the text.
    var source: String
}

/// Text of a term, and whether it was quoted (then `*` and keywords are plain characters).
struct SearchValue: Sendable, Hashable {
    var text: String
    var isQuoted: Bool
}

/// What stands between a field and its value.
enum SearchOperator: String, Sendable, Hashable {
    case matches = ":"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// Cuts a search text into tokens, one at a time.
struct SearchLexer {
    private let characters: [Character]
    private var offset = 0
    /// A value is read more generously than a bare word: operators are part of it.
    private var expectsValue = false

    init(_ text: String) {
        characters = Array(text)
    }

    mutating func next() throws(SearchFailure) -> SearchToken {
        while offset < characters.count, characters[offset].isWhitespace { offset += 1 }
        let start = offset
        guard offset < characters.count else { return token(.end, from: start) }
        let isValue = expectsValue
        expectsValue = false
        switch characters[offset] {
        case "\"":
            let text = try quoted()
            return token(.text(SearchValue(text: text, isQuoted: true)), from: start)
        case "(" where !isValue, ")":
            offset += 1
            return token(characters[start] == "(" ? .open : .close, from: start)
        case "-" where !isValue, "!" where !isValue:
            // A lone dash is text, as in `a - b`; before a term it negates.
            guard offset + 1 < characters.count, !characters[offset + 1].isWhitespace else { break }
            offset += 1
            return token(.not, from: start)
        default: break
        }
        return isValue ? value(from: start) : try word(from: start)
    }

    private mutating func value(from start: Int) -> SearchToken {
        var depth = 0
        while offset < characters.count, !characters[offset].isWhitespace {
            // A closing parenthesis belongs to the value only when the value opened one.
            if characters[offset] == "(" { depth += 1 }
            if characters[offset] == ")" {
                guard depth > 0 else { break }
                depth -= 1
            }
            offset += 1
        }
        let text = String(characters[start..<offset])
        return token(.text(SearchValue(text: text, isQuoted: false)), from: start)
    }

    private mutating func word(from start: Int) throws(SearchFailure) -> SearchToken {
        while offset < characters.count {
            let character = characters[offset]
            if character.isWhitespace || character == "(" || character == ")" || character == "\"" {
                break
            }
            if ":<>=".contains(character) {
                if let field = try field(from: start) { return field }
            }
            offset += 1
        }
        let text = String(characters[start..<offset])
        switch text {
        case "AND": return token(.and, from: start)
        case "OR": return token(.or, from: start)
        case "NOT": return token(.not, from: start)
        default: return token(.text(SearchValue(text: text, isQuoted: false)), from: start)
        }
    }

    /// A field with its operator, or nil when what stands before the operator is no field's name,
    /// as in `12:30` or an address with `://`.
    private mutating func field(from start: Int) throws(SearchFailure) -> SearchToken? {
        let name = characters[start..<offset]
        guard let first = name.first else {
            throw SearchFailure(
                position: start, found: "“\(characters[start])”",
                expected: "a field's name before the operator, or quoted text")
        }
        guard first.isLetter || first == "_" || first == "@",
            name.allSatisfy({ $0.isLetter || $0.isNumber || "_.-/@".contains($0) }),
            !(rest(1) == "/" && rest(2) == "/")
        else { return nil }
        var sign = String(characters[offset])
        offset += 1
        // `status:>=500` means the same as `status>=500`.
        if sign == ":" || sign == "=", let next = rest(0), next == "<" || next == ">" {
            sign = String(next)
            offset += 1
        }
        if sign == "<" || sign == ">", rest(0) == "=" {
            sign += "="
            offset += 1
        }
        let comparison = SearchOperator(rawValue: sign == "=" ? ":" : sign) ?? .matches
        expectsValue = true
        return token(.field(String(name), comparison), from: start)
    }

    private func rest(_ distance: Int) -> Character? {
        offset + distance < characters.count ? characters[offset + distance] : nil
    }

    private mutating func quoted() throws(SearchFailure) -> String {
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
