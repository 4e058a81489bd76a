import PerchModel

/// The six severity ranges of OpenTelemetry's log data model ("SeverityNumber").
package enum LogLevel: Int, Sendable, CaseIterable, Comparable {
    case trace
    case debug
    case info
    case warn
    case error
    case fatal

    /// The severity numbers of this level.
    package var numbers: ClosedRange<Int64> {
        let first = Int64(rawValue) * 4 + 1
        return first...first + 3
    }

    /// The name in pages and searches.
    package var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        case .fatal: "fatal"
        }
    }

    /// Names that loggers write for this level, in lower case.
    package var spellings: [String] {
        switch self {
        case .trace: ["trace", "verbose", "silly"]
        case .debug: ["debug", "fine"]
        case .info: ["info", "information", "informational", "notice"]
        case .warn: ["warn", "warning"]
        case .error: ["error", "err", "severe"]
        case .fatal: ["fatal", "critical", "crit", "emergency", "emerg", "alert", "panic"]
        }
    }

    /// The level of a severity number, or nil when the number is outside 1 to 24.
    package init?(number: Int64) {
        guard (1...24).contains(number) else { return nil }
        self.init(rawValue: Int((number - 1) / 4))
    }

    /// The level that a logger's own word means, or nil for an unknown word.
    package init?(text: String) {
        let word = text.lowercased()
        guard let level = Self.allCases.first(where: { $0.spellings.contains(word) }) else {
            return nil
        }
        self = level
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Predicates over the level of a record: its number, or its text when it has no number.
enum LevelPredicate {
    private static let number = FieldReference(RecordField.severityNumber, space: .record)
    static let text = FieldReference(RecordField.severityText, space: .record)

    /// Records of one of these levels.
    static func matching(_ levels: [LogLevel]) -> EventPredicate {
        guard let low = levels.min(), let high = levels.max() else { return .not(.all) }
        let words = levels.flatMap(\.spellings).flatMap(cased)
        return .or([
            .and([
                .compares(number, .greaterOrEqual, Double(low.numbers.lowerBound)),
                .compares(number, .lessOrEqual, Double(high.numbers.upperBound)),
            ]),
            .and([unnumbered, .or(words.map { .equals(text, $0) })]),
        ])
    }

    /// Records whose severity number compares so.
    static func comparing(
        _ comparison: EventPredicate.Comparison, _ value: Double
    ) -> EventPredicate {
        .compares(number, comparison, value)
    }

    /// Records whose own word for the level is exactly this, in one of the usual cases.
    static func word(_ word: String) -> EventPredicate {
        .or(cased(word.lowercased()).map { .equals(text, $0) })
    }

    static func prefix(_ prefix: String) -> EventPredicate { .hasPrefix(text, prefix) }

    static var any: EventPredicate { .or([.exists(text), .not(unnumbered)]) }

    // OTLP sends 0 for "unspecified", so a number counts from 1.
    private static var unnumbered: EventPredicate { .not(.compares(number, .greaterOrEqual, 1)) }

    // `equals` minds letter case, and loggers write one of these three.
    private static func cased(_ word: String) -> [String] {
        [word, word.uppercased(), word.prefix(1).uppercased() + word.dropFirst()]
    }
}
