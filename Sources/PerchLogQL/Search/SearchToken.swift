/// A piece of a search text.
struct SearchToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case open
        case close
        /// `-` or `!` before a term, or the word NOT.
        case not
        case and
        case or
        /// `|`, after which questions stand.
        case pipe
        /// A bare word or quoted text, or the value of a field.
        case text(SearchValue)
        /// The value of a field: `[400 TO 499]`.
        case range(SearchRange)
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
    /// Characters before it.
    var position = 0

    /// What stands in a message.
    var shown: String { "“\(text.prefix(40))”" }
}

/// A range of values; an end that is nil is open.
struct SearchRange: Sendable, Hashable {
    var lower: SearchValue?
    var upper: SearchValue?
    var includesLower = true
    var includesUpper = true
}

/// What stands between a field and its value.
enum SearchOperator: String, Sendable, Hashable {
    case matches = ":"
    case differs = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case pattern = "~"
    case otherPattern = "!~"

    /// Whether the term holds where the field does not match.
    var isNegated: Bool { self == .differs || self == .otherPattern }

    /// The same without its negation.
    var positive: SearchOperator {
        switch self {
        case .differs: .matches
        case .otherPattern: .pattern
        default: self
        }
    }
}
