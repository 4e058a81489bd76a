import PerchModel
import PerchRegex

/// Patterns of a search as tests of a text.
enum SearchPattern {
    /// A regular expression that matches anywhere in the text.
    static func regex(_ value: SearchValue) throws(SearchFailure) -> TextPattern {
        let regex = try compile(value.text, at: value)
        let literals = regex.requiredLiterals.compactMap { group in
            group.count == 1 ? group.first.map { String(decoding: $0, as: UTF8.self) } : nil
        }
        return TextPattern("~\(value.text)", literals: literals) { regex.matches(in: $0) }
    }

    /// Text with stars, each for anything, that must match as a whole.
    static func wildcard(_ value: SearchValue) throws(SearchFailure) -> TextPattern {
        let regex = try compile(source(value.text), at: value)
        let literals = value.text.split(separator: "*").map { String($0) }
        return TextPattern("*\(value.text)", literals: literals) { regex.matchesFully($0) }
    }

    /// Text with stars anywhere in prose, in either letter case.
    static func proseWildcard(_ value: SearchValue) throws(SearchFailure) -> TextPattern {
        let regex = try compile("(?i)" + source(value.text), at: value)
        return TextPattern("*(?i)\(value.text)") { regex.matches(in: $0) }
    }

    /// Text that reads as a duration, such as loggers of Go write it, and compares so.
    static func duration(
        _ comparison: EventPredicate.Comparison, _ nanos: Double
    ) -> TextPattern {
        TextPattern("duration\(comparison.rawValue)\(nanos)") { text in
            guard text.count <= Limits.quantityByteCountMax,
                case .duration(let value)? = SearchQuantity(Self.string(text))
            else { return false }
            return comparison.holds(value, nanos)
        }
    }

    /// Text that reads as a size, and compares so.
    static func size(_ comparison: EventPredicate.Comparison, _ bytes: Double) -> TextPattern {
        TextPattern("size\(comparison.rawValue)\(bytes)") { text in
            guard text.count <= Limits.quantityByteCountMax,
                case .size(let value)? = SearchQuantity(Self.string(text))
            else { return false }
            return comparison.holds(value, bytes)
        }
    }

    private static func string(_ text: Span<UInt8>) -> String {
        var bytes: [UInt8] = []
        for index in text.indices { bytes.append(text[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func compile(
        _ pattern: String, at value: SearchValue
    ) throws(SearchFailure) -> PerchRegex.Regex {
        do {
            return try PerchRegex.Regex(pattern)
        } catch {
            throw SearchFailure(
                position: value.position, found: value.shown,
                expected: "a regular expression (\(error.message))")
        }
    }

    static func source(_ text: String, hasStars: Bool = true) -> String {
        var source = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "*" where hasStars: source += ".*"
            case "\\", "*", ".", "+", "?", "(", ")", "[", "]", "{", "}", "|", "^", "$":
                source += "\\"
                source.unicodeScalars.append(scalar)
            default: source.unicodeScalars.append(scalar)
            }
        }
        return source
    }
}
