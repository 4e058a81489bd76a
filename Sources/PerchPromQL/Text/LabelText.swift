package import PerchModel

/// Labels as text.
package enum LabelText {
    /// Whether a label's name needs no quotes.
    static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isLetter else { return false }
        return name.utf8.allSatisfy { $0.isLetter || $0.isDigit }
    }

    /// A label's name, in quotes where it must be.
    static func name(_ name: String) -> String { isPlain(name) ? name : GoText.quote(name) }

    /// `{name="value", other="value"}`, as Prometheus' messages write labels.
    package static func braces(_ labels: Labels) -> String {
        "{"
            + labels.pairs.map { "\(name($0.name))=\(GoText.quote($0.value))" }
            .joined(separator: ", ") + "}"
    }
}
