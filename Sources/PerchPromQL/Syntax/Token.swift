/// A word of a query.
struct Token: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case end
        /// What follows cannot be read; the text is the message.
        case error
        case identifier
        case metricIdentifier
        case number
        case duration
        case string
        case leftBrace, rightBrace, leftBracket, rightBracket, leftParen, rightParen
        case comma, colon, at
        /// `=`, `=~` and `!~`; `!=` is an operator.
        case equals, matches, notMatches
        case operation(BinaryOperator)
        case aggregate(AggregateOperator)
        case keyword(Keyword)
    }

    enum Keyword: String, Sendable, Hashable, CaseIterable {
        case offset, smoothed, anchored, by, without, on, ignoring
        case groupLeft = "group_left"
        case groupRight = "group_right"
        case fill
        case fillLeft = "fill_left"
        case fillRight = "fill_right"
        case bool
        case start, end, step, range
        case maxOf = "max_of"
        case minOf = "min_of"

        /// Words that stand for times of the query or for a choice of two durations.
        var isPreprocessor: Bool {
            switch self {
            case .start, .end, .step, .range, .maxOf, .minOf: true
            default: false
            }
        }

        /// Whether a metric may have this name.
        var mayNameMetric: Bool {
            switch self {
            case .on, .ignoring, .groupLeft, .groupRight, .bool: false
            default: true
            }
        }
    }

    var kind: Kind
    var text: String
    var range: SourceRange

    /// The token as messages name it.
    var description: String {
        switch kind {
        case .end: return "end of input"
        case .error: return "error \(text)"
        case .identifier: return "identifier \(GoText.quote(text))"
        case .metricIdentifier: return "metric identifier \(GoText.quote(text))"
        case .number: return "number \(shortened)"
        case .duration: return "duration \(shortened)"
        case .string: return "string \(shortened)"
        case .operation, .at, .matches, .notMatches: return "<op:\(text)>"
        case .aggregate: return "<aggr:\(text)>"
        case .keyword(let word): return word.isPreprocessor ? shortened : "<\(text)>"
        default: return GoText.quote(text)
        }
    }

    private var shortened: String {
        text.utf8.count > 10
            ? GoText.quote(String(text.unicodeScalars.prefix(10).map(Character.init))) + "..."
            : GoText.quote(text)
    }

    /// The words that are not identifiers.
    static func keyword(_ word: String) -> Kind? {
        let lower = word.lowercased()
        switch lower {
        case "and", "or", "unless", "atan2":
            return BinaryOperator(rawValue: lower).map { .operation($0) }
        case "inf", "nan": return .number
        default:
            return AggregateOperator(rawValue: lower).map { .aggregate($0) }
                ?? Keyword(rawValue: lower).map { .keyword($0) }
        }
    }
}
