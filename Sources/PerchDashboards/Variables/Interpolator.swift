/// Puts the values of variables into a text: `$name`, `${name:format}`, `[[name:format]]`.
///
/// A name that nobody knows stays as it was written, as in Grafana.
package struct Interpolator: Sendable {
    /// How a value without a format is written.
    package enum Policy: Sendable, Hashable {
        /// Titles and texts.
        case text
        /// Addresses: each value is encoded.
        case address
        /// PromQL: alternatives of a regular expression where a variable may have several values.
        case prometheus
        /// LogQL: the same without parentheses.
        case loki
    }

    package var scope: VariableScope
    package var policy: Policy

    package init(scope: VariableScope, policy: Policy) {
        self.scope = scope
        self.policy = policy
    }

    /// The text with all that is known put in.
    package func text(_ template: String) -> String {
        text(template, depth: 0)
    }

    private func text(_ template: String, depth: Int) -> String {
        guard template.utf8.contains(where: { $0 == 0x24 || $0 == 0x5b }) else { return template }
        var result = ""
        var rest = template[...]
        while let start = rest.unicodeScalars.firstIndex(where: { $0 == "$" || $0 == "[" }) {
            result += rest[..<start]
            rest = rest[start...]
            if let reference = Reference(rest), let value = value(reference, depth: depth) {
                result += value
                rest = rest[reference.end...]
            } else {
                let next = rest.unicodeScalars.index(after: rest.startIndex)
                result.unicodeScalars.append(rest.unicodeScalars[rest.startIndex])
                rest = rest[next...]
            }
            if result.utf8.count > Limits.interpolatedByteCountMax { return result }
        }
        return result + rest
    }

    /// The names that stand in a text, known or not.
    static func names(in template: String) -> Set<String> {
        var names: Set<String> = []
        var rest = template[...]
        while let start = rest.unicodeScalars.firstIndex(where: { $0 == "$" || $0 == "[" }) {
            rest = rest[start...]
            if let reference = Reference(rest) {
                names.insert(String(reference.name))
                rest = rest[reference.end...]
            } else {
                rest = rest[rest.unicodeScalars.index(after: rest.startIndex)...]
            }
        }
        return names
    }

    private func value(_ reference: Reference, depth: Int) -> String? {
        let name = String(reference.name)
        if let path = reference.path {
            guard let text = scope.paths[name + "." + path] else { return nil }
            let value = VariableScope.Value(name: name, values: [text])
            return reference.format.flatMap { ValueFormat.text(value, $0) } ?? plain(value)
        }
        switch name {
        case "__all_variables":
            return scope.order.compactMap { scope.values[$0] }.map(ValueFormat.queryParameter)
                .joined(separator: "&")
        case "__url_time_range":
            return "from=\(scope.range.fromMillis)&to=\(scope.range.toMillis)"
        default: break
        }
        guard let value = scope.values[name] else { return nil }
        let isEncoded = reference.format == "text" || reference.format == "percentencode"
        if value.isAll, let all = value.allValue, !isEncoded, reference.format != "queryparam" {
            // An `All` of the file's own is an expression already.
            return depth < Limits.interpolationDepthMax ? text(all, depth: depth + 1) : all
        }
        if let format = reference.format, let text = ValueFormat.text(value, format) {
            return text
        }
        return plain(value)
    }

    private func plain(_ value: VariableScope.Value) -> String {
        switch policy {
        case .text: return ValueFormat.glob(value.values)
        case .address:
            return value.values.map { ValueFormat.percentEncoded($0) }.joined(separator: ",")
        case .prometheus, .loki:
            guard value.isPattern else {
                return QueryEscaping.plain(value.values.first ?? "", policy)
            }
            if value.isAll, value.values.isEmpty { return ".*" }
            let escaped = value.values.map { QueryEscaping.pattern($0, policy) }
            if escaped.count == 1 { return escaped[0] }
            let joined = escaped.joined(separator: "|")
            return policy == .prometheus ? "(" + joined + ")" : joined
        }
    }
}

/// Values inside of the strings of query languages.
enum QueryEscaping {
    /// A value that is compared as it is.
    ///
    /// Text that is a whole matcher, as a text box may hold, stays a matcher.
    static func plain(_ text: String, _ policy: Interpolator.Policy) -> String {
        if policy == .prometheus, isMatcher(text) { return text }
        return text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    /// A value inside of a regular expression inside of a string: escaped for both.
    static func pattern(_ text: String, _ policy: Interpolator.Policy) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\\\\\"
            case "\"": result += "\\\""
            case "$", "^", "*", "{", "}", "[", "]", "+", "?", ".", "(", ")", "|":
                result += "\\\\"
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isMatcher(_ text: String) -> Bool {
        guard text.hasSuffix("\"") else { return false }
        let rest = text.drop { $0.unicodeScalars.allSatisfy(\.isWord) }
        return rest.startIndex != text.startIndex
            && ["=\"", "!=\"", "=~\"", "!~\""].contains { rest.hasPrefix($0) }
    }
}

/// A name in a text, with its path and format.
private struct Reference {
    var name: Substring
    var path: String?
    var format: Substring?
    var end: String.Index

    /// Reads what begins with `$` or `[`; nil when it is no reference.
    ///
    /// A reference is short: a text full of open brackets must not be searched again and again.
    init?(_ whole: Substring) {
        let text = whole.prefix(300)
        if text.hasPrefix("${") {
            guard let close = text.firstIndex(of: "}") else { return nil }
            let inner = text[text.index(text.startIndex, offsetBy: 2)..<close]
            let head = inner.prefix { $0 != ":" }
            if head.endIndex < inner.endIndex {
                format = inner[inner.index(after: head.endIndex)...]
            }
            name = Self.word(head)
            guard !name.isEmpty else { return nil }
            let rest = head[name.endIndex...]
            if !rest.isEmpty {
                guard let mark = rest.first, mark == "." || mark == "[" else { return nil }
                path = Self.path(rest)
            }
            end = text.index(after: close)
        } else if text.hasPrefix("[[") {
            guard let close = text.firstRange(of: "]]") else { return nil }
            let inner = text[text.index(text.startIndex, offsetBy: 2)..<close.lowerBound]
            name = Self.word(inner)
            let rest = inner[name.endIndex...]
            guard !name.isEmpty, rest.isEmpty || rest.first == ":" else { return nil }
            format = rest.isEmpty ? nil : rest.dropFirst()
            end = close.upperBound
        } else {
            guard text.first == "$" else { return nil }
            name = Self.word(text.dropFirst())
            guard !name.isEmpty else { return nil }
            end = name.endIndex
        }
    }

    private static func word(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        let end = scalars.firstIndex { !$0.isWord } ?? scalars.endIndex
        return text[..<end]
    }

    /// `.a.b` and `.fields["a b"]` in one form: `a.b` and `fields.a b`.
    private static func path(_ text: Substring) -> String {
        var result = ""
        for part in text.split(whereSeparator: { $0 == "[" || $0 == "]" }) {
            let plain = part.filter { $0 != "\"" && $0 != "'" }
            let trimmed = plain.hasPrefix(".") ? plain.dropFirst() : plain[...]
            guard !trimmed.isEmpty else { continue }
            result += (result.isEmpty ? "" : ".") + trimmed
        }
        return result
    }
}
