import PerchRegex

/// Regular expressions as dashboards have them: JavaScript's, with or without slashes.
///
/// They run on RE2, which knows neither looking ahead nor back-references; those are refused.
enum JavaScriptPattern {
    /// A pattern of a variable or a matcher: `/a/i` searches, text without slashes stands between
    /// `^` and `$`.
    ///
    /// Without a group, as in Grafana: `a|b` means what begins with `a` or ends with `b`.
    static func regex(_ text: String) throws(RegexFailure) -> Regex {
        guard text.hasPrefix("/"), let end = text.lastIndex(of: "/"), end > text.startIndex else {
            return try compile("^" + text + "$", flags: "")
        }
        let flags = text[text.index(after: end)...]
        return try compile(
            String(text[text.index(after: text.startIndex)..<end]), flags: String(flags))
    }

    /// A pattern that searches even without slashes, as transformations have it.
    static func searching(_ text: String) throws(RegexFailure) -> Regex {
        if text.hasPrefix("/"), let end = text.lastIndex(of: "/"), end > text.startIndex {
            return try regex(text)
        }
        return try compile(text, flags: "")
    }

    private static func compile(_ pattern: String, flags: String) throws(RegexFailure) -> Regex {
        var known = ""
        if flags.contains("i") { known += "i" }
        if flags.contains("m") { known += "m" }
        let prefix = known.isEmpty ? "" : "(?" + known + ")"
        // JavaScript names groups without a P, and a slash may be escaped.
        let source = named(pattern).replacing("\\/", with: "/")
        return try Regex(prefix + source, dotMatchesNewline: flags.contains("s"))
    }

    private static func named(_ pattern: String) -> String {
        var result = ""
        var rest = pattern[...]
        while let place = rest.firstRange(of: "(?<") {
            result += rest[..<place.lowerBound]
            rest = rest[place.upperBound...]
            let isName = rest.first?.isLetter ?? false
            result += isName ? "(?P<" : "(?<"
        }
        return result + rest
    }

    /// The template of a replacement: `$1`, `$2` and `$&` as JavaScript has them.
    static func template(_ text: String) -> RegexTemplate {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "&" {
                result += "${0}"
                rest = rest.dropFirst()
            } else if rest.first == "$" {
                result += "$$"
                rest = rest.dropFirst()
            } else if rest.first == "<", let end = rest.firstIndex(of: ">") {
                result += "${" + rest[rest.index(after: rest.startIndex)..<end] + "}"
                rest = rest[rest.index(after: end)...]
            } else {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(2)
                result += digits.isEmpty ? "$$" : "${\(digits)}"
                rest = rest[digits.endIndex...]
            }
        }
        return RegexTemplate(result + rest)
    }
}
