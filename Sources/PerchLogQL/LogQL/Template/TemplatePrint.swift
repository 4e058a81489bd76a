/// Go's `Sprintf` for the verbs that logs need: `%s %v %q %d %x %f %.2f %t %5d %-5s %05d %%`.
enum TemplatePrint {
    static func format(_ layout: String, _ arguments: [TemplateValue]) -> String {
        var result = ""
        var rest = Substring(layout)
        var next = 0
        while let mark = rest.firstIndex(of: "%") {
            result += rest[..<mark]
            rest = rest[rest.index(after: mark)...]
            let flags = rest.prefix { "-+ #0".contains($0) }
            rest = rest.dropFirst(flags.count)
            let width = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(width.count)
            var precision: Int?
            if rest.first == "." {
                let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
                precision = Int(digits) ?? 0
                rest = rest.dropFirst(1 + digits.count)
            }
            guard let verb = rest.first else { return result + "%!(NOVERB)" }
            rest = rest.dropFirst()
            if verb == "%" {
                result += "%"
                continue
            }
            guard next < arguments.count else {
                result += "%!\(verb)(MISSING)"
                continue
            }
            let text = Self.text(verb, arguments[next], precision, isSigned: flags.contains("+"))
            next += 1
            let most = min(Int(width) ?? 0, Limits.layoutCharactersMax)
            result += padded(text, most, flags)
            if result.utf8.count > Limits.templateByteCountMax { return result }
        }
        return result + rest
    }

    private static func text(
        _ verb: Character, _ value: TemplateValue, _ precision: Int?, isSigned: Bool
    ) -> String {
        let sign = isSigned && value.double >= 0 ? "+" : ""
        switch verb {
        case "d": return sign + String(value.int)
        case "f", "F": return sign + TemplateNumber.fixed(value.double, digits: precision ?? 6)
        case "g", "e": return sign + TemplateNumber.general(value.double)
        case "q": return LogQLText.quote(value.text)
        case "x":
            if case .int(let number) = value { return String(number, radix: 16) }
            return value.text.utf8.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        case "s", "v", "t":
            guard let precision, verb == "s" else { return value.text }
            return String(value.text.prefix(precision))
        default: return "%!\(verb)(\(value.text))"
        }
    }

    private static func padded(_ text: String, _ width: Int, _ flags: Substring) -> String {
        let missing = max(0, width - text.count)
        guard missing > 0 else { return text }
        if flags.contains("-") { return text + String(repeating: " ", count: missing) }
        guard flags.contains("0") else { return String(repeating: " ", count: missing) + text }
        let zeros = String(repeating: "0", count: missing)
        return text.hasPrefix("-") ? "-" + zeros + text.dropFirst() : zeros + text
    }
}
