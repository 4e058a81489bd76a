/// A piece of a query.
struct LogQLToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// A name; also a function's name that no parenthesis follows.
        case identifier
        case string
        case number
        /// `5m`, as in a comparison.
        case duration
        /// `5KB`.
        case bytes
        /// `[5m]`, its brackets included.
        case range
        /// A word or sign with a meaning of its own; the text says which.
        case sign
        /// `--strict`.
        case flag
        case end
    }

    var kind: Kind
    /// The sign or word; of a string, what it stands for.
    var text: String
    /// Of numbers; of durations and ranges nanoseconds, of bytes their count.
    var value: Double
    var line: Int
    var column: Int

    /// How messages name it.
    var name: String {
        switch kind {
        case .identifier: "IDENTIFIER"
        case .string: "STRING"
        case .number: "NUMBER"
        case .duration: "DURATION"
        case .bytes: "BYTES"
        case .range: "RANGE"
        case .flag: "PARSER_FLAG"
        case .end: "$end"
        case .sign: text
        }
    }

    /// Words that stand for themselves wherever they stand.
    static let words: Set<String> = [
        "by", "without", "bool", "on", "ignoring", "group_left", "group_right", "or", "and",
        "unless", "offset", "unwrap", "json", "regexp", "logfmt", "pattern", "unpack",
        "line_format", "label_format", "decolorize", "drop", "keep",
    ]

    /// Words that are functions where a parenthesis follows, and names elsewhere.
    static let functions: Set<String> = Set(RangeFunction.allCases.map(\.rawValue))
        .union(VectorFunction.allCases.map(\.rawValue))
        .union(["label_replace", "vector", "ip"])
        .union(UnwrapConversion.allCases.map(\.rawValue))
}
