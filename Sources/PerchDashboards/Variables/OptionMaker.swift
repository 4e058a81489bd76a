import PerchModel
import PerchRegex

/// Makes the options of a query variable of the texts that were answered.
struct OptionMaker {
    var regex: String
    var sort: Int

    /// The options, and why the regular expression could not be used.
    func options(_ lines: [String]) -> (options: [VariableOption], failure: String?) {
        var options: [VariableOption] = []
        var failure: String?
        if regex.isEmpty {
            options = lines.map { VariableOption($0) }
        } else {
            do throws(RegexFailure) {
                let pattern = try JavaScriptPattern.regex(regex)
                for line in lines.prefix(Limits.optionsMax) { add(line, pattern, to: &options) }
            } catch {
                options = lines.map { VariableOption($0) }
                failure = "its regular expression cannot be used here: \(error.message)"
            }
        }
        var seen: Set<String> = []
        options = options.filter { seen.insert($0.value).inserted }
        return (sorted(Array(options.prefix(Limits.optionsMax))), failure)
    }

    /// A pattern without groups filters; groups named `text` and `value` name both; else the first
    /// group of each match is an option.
    private func add(_ line: String, _ pattern: Regex, to options: inout [VariableOption]) {
        let names = pattern.groupNames
        let textGroup = names.firstIndex(of: "text")
        let valueGroup = names.firstIndex(of: "value")
        let bytes = Array(line.utf8)
        func group(_ match: RegexMatch, _ group: Int?) -> String? {
            guard let group, let range = match.range(of: group) else { return nil }
            return String(decoding: bytes[range], as: UTF8.self)
        }
        guard let first = pattern.firstMatch(in: bytes.span) else { return }
        guard pattern.groupCount > 0 else {
            options.append(VariableOption(line))
            return
        }
        if textGroup != nil || valueGroup != nil {
            let text = group(first, textGroup)
            let value = group(first, valueGroup)
            guard let either = value ?? text else { return }
            options.append(VariableOption(text: text ?? either, value: value ?? either))
            return
        }
        var match: RegexMatch? = first
        while let found = match, options.count < Limits.optionsMax {
            if let text = group(found, 1) { options.append(VariableOption(text)) }
            let next = found.range.upperBound + (found.range.isEmpty ? 1 : 0)
            match = next <= bytes.count ? pattern.firstMatch(in: bytes.span, from: next) : nil
        }
    }

    /// 1 and 2 by letters, 3 and 4 by number, 5 and 6 in any case, 7 and 8 naturally; even numbers
    /// from the greatest.
    private func sorted(_ options: [VariableOption]) -> [VariableOption] {
        guard (1...8).contains(sort) else { return options }
        let ascending: [VariableOption]
        switch (sort + 1) / 2 {
        case 1: ascending = options.sorted { $0.text < $1.text }
        case 2:
            let keyed = options.map { (key: Self.firstNumber($0.text), option: $0) }
            ascending = keyed.sorted { $0.key < $1.key }.map(\.option)
        case 3:
            let keyed = options.map { (key: $0.text.lowercased(), option: $0) }
            ascending = keyed.sorted { $0.key < $1.key }.map(\.option)
        default:
            let keyed = options.map { (key: NaturalKey($0.text), option: $0) }
            ascending = keyed.sorted { $0.key < $1.key }.map(\.option)
        }
        return sort % 2 == 0 ? ascending.reversed() : ascending
    }

    /// The first number of a text, or -1.
    private static func firstNumber(_ text: String) -> Double {
        guard let start = text.firstIndex(where: { $0.isASCII && $0.isNumber }) else { return -1 }
        return Double(text[start...].prefix { $0.isASCII && $0.isNumber }) ?? -1
    }
}

/// A text cut into words and numbers, so that `disk10` stands behind `disk9`.
struct NaturalKey: Comparable {
    private enum Part: Comparable {
        case number(Double)
        case text(String)
    }

    private var parts: [Part] = []

    init(_ text: String) {
        var rest = text.lowercased()[...]
        while let first = rest.first {
            let isDigit = first.isASCII && first.isNumber
            let run = rest.prefix { ($0.isASCII && $0.isNumber) == isDigit }
            parts.append(isDigit ? .number(Double(run) ?? 0) : .text(String(run)))
            rest = rest[run.endIndex...]
        }
    }

    static func < (left: NaturalKey, right: NaturalKey) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }
}
