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
        var budget = Budget()
        return text(template, &budget)
    }

    /// What may still be put in, so that an `All` that names itself ends.
    private struct Budget {
        var expansions = Limits.expansionsMax
        var depth = Limits.interpolationDepthMax
    }

    private func text(_ template: String, _ budget: inout Budget) -> String {
        guard template.utf8.contains(where: { $0 == 0x24 || $0 == 0x5b }) else { return template }
        let bytes = Array(template.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x24 || byte == 0x5b, budget.expansions > 0,
                let reference = Reference(bytes, at: index)
            {
                budget.expansions -= 1
                if let value = value(reference, &budget) {
                    result += value.utf8
                    index = reference.end
                    if result.count > Limits.interpolatedByteCountMax { break }
                    continue
                }
            }
            result.append(byte)
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The names that stand in a text, known or not.
    static func names(in template: String) -> Set<String> {
        let bytes = Array(template.utf8)
        var names: Set<String> = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x24 || bytes[index] == 0x5b,
                let reference = Reference(bytes, at: index)
            {
                names.insert(reference.name)
                index = reference.end
            } else {
                index += 1
            }
        }
        return names
    }

    private func value(_ reference: Reference, _ budget: inout Budget) -> String? {
        let format = reference.format
        if let path = reference.path {
            guard let text = scope.paths[reference.name + "." + path] else { return nil }
            let value = VariableScope.Value(name: reference.name, values: [text])
            return format.flatMap { ValueFormat.text(value, $0[...]) } ?? plain(value)
        }
        switch reference.name {
        case "__all_variables":
            return scope.order.compactMap { scope.values[$0] }.map(ValueFormat.queryParameter)
                .joined(separator: "&")
        case "__url_time_range":
            return "from=\(scope.range.fromMillis)&to=\(scope.range.toMillis)"
        default: break
        }
        guard let value = scope.values[reference.name] else { return nil }
        let isForAddresses = ["text", "percentencode", "queryparam"].contains(format)
        if value.isAll, let all = value.allValue, !isForAddresses {
            // An `All` of the file's own is an expression already.
            guard budget.depth > 0 else { return all }
            budget.depth -= 1
            defer { budget.depth += 1 }
            return text(all, &budget)
        }
        if let format, let text = ValueFormat.text(value, format[...]) { return text }
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
        // By scalars: a quote with a combining accent is another character, but ends a string too.
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "\"" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
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

    /// Whether the text is one matcher, as `job="api"`, and nothing else: the quote that ends its
    /// string is the last character.
    private static func isMatcher(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        let rest = scalars.drop(while: \.isWord)
        guard rest.startIndex != scalars.startIndex,
            let sign = ["=\"", "!=\"", "=~\"", "!~\""].first(where: {
                rest.starts(with: $0.unicodeScalars)
            })
        else { return false }
        var string = rest.dropFirst(sign.unicodeScalars.count)
        while let scalar = string.popFirst() {
            if scalar == "\\" {
                _ = string.popFirst()
            } else if scalar == "\"" {
                return string.isEmpty
            }
        }
        return false
    }
}

/// A name in a text, with its path and format.
private struct Reference {
    var name: String
    var path: String?
    var format: String?
    /// Where the text goes on.
    var end: Int

    /// Reads what begins with `$` or `[`; nil when it is no reference.
    ///
    /// A reference is short: a text full of open brackets must not be searched again and again.
    init?(_ bytes: [UInt8], at start: Int) {
        let limit = min(bytes.count, start + 300)
        guard start + 1 < limit else { return nil }
        if bytes[start] == 0x24, bytes[start + 1] != 0x7b {
            let word = Self.word(bytes, start + 1, limit)
            guard !word.isEmpty else { return nil }
            name = Self.string(bytes[word])
            end = word.upperBound
            return
        }
        let isBraced = bytes[start] == 0x24
        guard isBraced || bytes[start + 1] == 0x5b else { return nil }
        let word = Self.word(bytes, start + 2, limit)
        guard !word.isEmpty else { return nil }
        name = Self.string(bytes[word])
        var close = word.upperBound
        while close < limit, isBraced ? bytes[close] != 0x7d : bytes[close] != 0x5d { close += 1 }
        guard close < limit, isBraced || (close + 1 < limit && bytes[close + 1] == 0x5d) else {
            return nil
        }
        end = close + (isBraced ? 1 : 2)
        let rest = bytes[word.upperBound..<close]
        let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? close
        if colon < close { format = Self.string(bytes[(colon + 1)..<close]) }
        let middle = rest[..<colon]
        guard let mark = middle.first else { return }
        guard isBraced, mark == UInt8(ascii: ".") || mark == UInt8(ascii: "[") else { return nil }
        path = Self.path(Self.string(middle))
    }

    private static func word(_ bytes: [UInt8], _ start: Int, _ limit: Int) -> Range<Int> {
        var end = start
        while end < limit, Unicode.Scalar(bytes[end]).isWord { end += 1 }
        return start..<max(end, start)
    }

    private static func string(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// `.a.b` and `.fields["a b"]` in one form: `a.b` and `fields.a b`.
    private static func path(_ text: String) -> String {
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
