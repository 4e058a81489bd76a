import PerchLogQL

/// A search text in its two parts: what rows must be, and what is asked of them behind a bar.
package struct LogSearchText: Sendable, Hashable {
    package var terms: String
    /// With the first bar; nil without one.
    package var pipes: String?

    /// Cuts at the first bar outside of quotes.
    package init(_ text: String) {
        var isQuoted = false
        var isEscaped = false
        var cut: String.Index?
        for index in text.indices {
            let character = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == "|", !isQuoted {
                cut = index
                break
            }
        }
        terms = Self.trimmed(cut.map { text[..<$0] } ?? text[...])
        pipes = cut.map { Self.trimmed(text[$0...]) }
    }

    /// The whole text.
    package var text: String {
        [terms, pipes ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The same with one more term that must hold.
    package func adding(_ term: String) -> LogSearchText {
        guard !term.isEmpty else { return self }
        var copy = self
        copy.terms = terms.isEmpty ? term : "\(enclosed) \(term)"
        return copy
    }

    /// The terms so that one more beside them binds as expected.
    ///
    /// Times may not stand in parentheses, and beside them stands no OR.
    private var enclosed: String {
        guard hasAlternatives, (try? SearchParser.parse("(\(terms))")) != nil else { return terms }
        return "(\(terms))"
    }

    /// Whether an OR stands outside of quotes and parentheses.
    private var hasAlternatives: Bool {
        var (word, depth, isQuoted, isEscaped) = ("", 0, false, false)
        for character in terms + " " {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isQuoted = false
                }
                continue
            }
            switch character {
            case "\"": isQuoted = true
            case "(": depth += 1
            case ")": depth -= 1
            case _ where !character.isWhitespace:
                word.append(character)
                continue
            default: if word == "OR", depth == 0 { return true }
            }
            word = ""
        }
        return false
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// A term for the messages of a form, as `<_>` stands for what varies; nil for a form that
    /// has no fixed text.
    package static func term(ofPattern pattern: String) -> String? {
        let pieces = pattern.split(separator: "<_>").map { String($0.prefix(200)) }.prefix(12)
        guard pieces.contains(where: { $0.contains { !$0.isWhitespace } }) else { return nil }
        let source = pieces.map(escaped).joined(separator: ".*")
        return "~" + SearchText.quoted("(?s)" + source)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if #"\.+*?()|[]{}^$"#.contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
