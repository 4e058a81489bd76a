import PerchModel

/// The formats of `${variable:format}`, with the meaning that Grafana's documentation gives them.
enum ValueFormat {
    /// The text of a value in a format; nil when the format is unknown.
    static func text(_ value: VariableScope.Value, _ format: Substring) -> String? {
        let parts = format.split(separator: ":", omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        let rest = parts.dropFirst().map(String.init)
        let values = value.values
        let single = values.first ?? ""
        switch name {
        case "raw", "csv": return values.joined(separator: ",")
        case "join": return values.joined(separator: rest.first ?? ",")
        case "pipe": return values.joined(separator: "|")
        case "text": return value.isAll ? "All" : value.texts.joined(separator: " + ")
        case "glob": return glob(values)
        case "json": return value.isList ? json(values) : single
        case "distributed":
            return values.enumerated().map { $0 == 0 ? $1 : value.name + "=" + $1 }
                .joined(separator: ",")
        case "doublequote":
            return values.map { "\"" + $0.replacing("\"", with: "\\\"") + "\"" }
                .joined(separator: ",")
        case "singlequote":
            return values.map { "'" + $0.replacing("'", with: "\\'") + "'" }
                .joined(separator: ",")
        case "sqlstring":
            return values.map {
                "'" + $0.replacing("'", with: "''").replacing("\"", with: "\\\"") + "'"
            }.joined(separator: ",")
        case "lucene":
            guard value.isList else { return lucene(single) }
            if values.isEmpty { return "__empty__" }
            return "(" + values.map { "\"" + lucene($0) + "\"" }.joined(separator: " OR ") + ")"
        case "percentencode":
            return percentEncoded(value.isList ? "{" + values.joined(separator: ",") + "}" : single)
        case "uriencode":
            return percentEncoded(
                value.isList ? "{" + values.joined(separator: ",") + "}" : single,
                keeping: ";/?:@&=+$,#")
        case "queryparam": return queryParameter(value)
        case "customqueryparam":
            let name = percentEncoded(rest.first.flatMap { $0.isEmpty ? nil : $0 } ?? value.name)
            let prefix = percentEncoded(rest.dropFirst().first ?? "")
            return values.map { name + "=" + prefix + percentEncoded($0) }
                .joined(separator: "&")
        case "regex": return regex(value.isList ? values : [single])
        case "html":
            return html(values.joined(separator: value.isList ? ", " : ""))
        case "date": return date(single, rest)
        default: return nil
        }
    }

    /// `{a,b}` for several values, and a single one as it is.
    static func glob(_ values: [String]) -> String {
        values.count > 1 ? "{" + values.joined(separator: ",") + "}" : values.first ?? ""
    }

    static func queryParameter(_ value: VariableScope.Value) -> String {
        let values = value.isAll ? [Variable.all] : value.values
        return values.map { "var-\(value.name)=" + percentEncoded($0) }.joined(separator: "&")
    }

    static func percentEncoded(_ text: String, keeping kept: String = "") -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                Unicode.Scalar(byte).isWord || "-.~".utf8.contains(byte)
                || kept.utf8.contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes +=
                    String(byte, radix: 16, uppercase: true).utf8.count == 1
                    ? [UInt8(ascii: "0")] : []
                bytes += String(byte, radix: 16, uppercase: true).utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `(a\.b|c)`, and a single value without parentheses.
    private static func regex(_ values: [String]) -> String {
        let escaped = values.map { Self.escaped($0, "\\^$*+?.()|[]{}/", with: "\\") }
        return escaped.count == 1 ? escaped[0] : "(" + escaped.joined(separator: "|") + ")"
    }

    /// Puts `mark` before each of the characters.
    static func escaped(_ text: String, _ characters: String, with mark: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if characters.unicodeScalars.contains(scalar) { result += mark }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private static func lucene(_ text: String) -> String {
        guard Double(text) == nil else { return text }
        return escaped(text, "!*+-=<>&|()[]{}^~?:\\/\" \t\n\r", with: "\\")
    }

    private static func json(_ values: [String]) -> String {
        "[" + values.map { JSONText.string($0) }.joined(separator: ",") + "]"
    }

    private static func html(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
            .replacing("'", with: "&#39;")
    }

    /// `date` and `date:iso`, `date:seconds`, `date:ms`, else a pattern of date parts.
    private static func date(_ value: String, _ rest: [String]) -> String {
        guard let millis = Int64(value) ?? Double(value).flatMap({ Int64(exactly: $0.rounded()) })
        else { return "NaN" }
        switch rest.first ?? "iso" {
        case "iso": return DateText.iso(millis)
        case "seconds": return String(Int64((Double(millis) / 1_000).rounded()))
        case "ms": return value
        default: return DateText.text(millis, pattern: rest.joined(separator: ":"))
        }
    }
}
