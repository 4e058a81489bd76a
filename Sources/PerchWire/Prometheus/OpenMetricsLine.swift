/// A line of OpenMetrics by the letter of its grammar, as strings: for checks, not for speed.
///
/// Source: OpenMetrics 1.0, "ABNF".
enum OpenMetricsLine {
    case description(kind: Substring, name: Substring, text: Substring)
    case sample(Sample)
    case end

    struct Sample {
        var name: Substring
        var labels: [(name: String, value: String)] = []
        var value: Double
        var time: Double?
        var exemplar: (labels: [(name: String, value: String)], value: Double)?
    }

    /// The line, or nil when it is none.
    init?(_ line: Substring) {
        if line == "# EOF" {
            self = .end
        } else if line.hasPrefix("# ") {
            let parts = line.dropFirst(2).split(
                separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, ["HELP", "TYPE", "UNIT"].contains(parts[0]),
                Self.isName(parts[1], allowsColon: true)
            else { return nil }
            self = .description(kind: parts[0], name: parts[1], text: parts[2])
        } else {
            var rest = line
            guard let sample = Self.sample(&rest), rest.isEmpty else { return nil }
            self = .sample(sample)
        }
    }

    private static func sample(_ rest: inout Substring) -> Sample? {
        let name = rest.prefix { $0 != "{" && $0 != " " }
        rest = rest[name.endIndex...]
        guard isName(name, allowsColon: true) else { return nil }
        var sample = Sample(name: name, value: 0)
        if rest.first == "{" {
            guard let labels = labels(&rest) else { return nil }
            sample.labels = labels
        }
        guard let value = number(&rest) else { return nil }
        sample.value = value
        if !rest.isEmpty, !rest.hasPrefix(" # ") {
            guard let time = number(&rest), time.isFinite else { return nil }
            sample.time = time
        }
        guard !rest.isEmpty else { return sample }
        guard rest.hasPrefix(" # {") else { return nil }
        rest = rest.dropFirst(3)
        guard let labels = labels(&rest), let value = number(&rest) else { return nil }
        sample.exemplar = (labels, value)
        if !rest.isEmpty {
            guard let time = number(&rest), time.isFinite else { return nil }
        }
        return sample
    }

    /// One space and a number.
    private static func number(_ rest: inout Substring) -> Double? {
        guard rest.first == " " else { return nil }
        let token = rest.dropFirst().prefix { $0 != " " }
        rest = rest[token.endIndex...]
        let bytes = Array(token.utf8)
        return ExpositionNumber.value(bytes.span, 0..<bytes.count)
    }

    /// `{a="b",c="d"}` without a blank or a comma too many.
    private static func labels(_ rest: inout Substring) -> [(name: String, value: String)]? {
        rest = rest.dropFirst()
        var labels: [(name: String, value: String)] = []
        while let first = rest.first, first != "}" {
            if !labels.isEmpty {
                guard first == "," else { return nil }
                rest = rest.dropFirst()
            }
            let name = rest.prefix { $0 != "=" }
            rest = rest[name.endIndex...]
            guard isName(name, allowsColon: false), rest.hasPrefix("=\"") else { return nil }
            rest = rest.dropFirst(2)
            var value = ""
            while let next = rest.popFirst(), next != "\"" {
                value.append(next)
                if next == "\\", let escaped = rest.popFirst() { value.append(escaped) }
                guard !rest.isEmpty else { return nil }
            }
            guard !labels.contains(where: { $0.name == name }) else { return nil }
            labels.append((String(name), value))
        }
        guard rest.popFirst() == "}" else { return nil }
        return labels
    }

    private static func isName(_ text: Substring, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first,
            ExpositionParser.isNameStart(first, allowsColon: allowsColon)
        else { return false }
        return text.utf8.allSatisfy {
            ExpositionParser.isNamePart($0, allowsColon: allowsColon)
        }
    }
}
