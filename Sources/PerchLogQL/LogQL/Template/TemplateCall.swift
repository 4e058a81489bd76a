import PerchModel
import PerchRegex

/// Calls a function of templates: Go's own, and those of texts.
///
/// Numbers, times and sizes stand in a file of their own.
struct TemplateCall {
    typealias Failure = TemplateRun.Failure

    let row: RowRunner
    let now: Int64

    static func failure(_ function: TemplateFunction, _ reason: String) -> Failure {
        Failure(message: "error calling \(function.rawValue): \(reason)")
    }

    func call(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(Failure) -> TemplateValue {
        guard arguments.count >= Self.least(function) else {
            throw Self.failure(
                function,
                "wrong number of args: want \(Self.least(function)) got \(arguments.count)")
        }
        if let value = try text(function, arguments) { return value }
        if let value = try general(function, arguments) { return value }
        return try number(function, arguments)
    }

    /// How many arguments a function needs at least.
    private static func least(_ function: TemplateFunction) -> Int {
        switch function {
        case .line, .timestamp, .now, .print, .println, .and, .or, .html, .js, .urlquery, .add,
            .mul, .max, .min, .maxf, .minf, .addf, .subf, .mulf, .divf:
            0
        case .not, .len, .index, .slice, .toLower, .toUpper, .trimSpace, .lower, .upper, .title,
            .trim, .urlencode, .urldecode, .b64enc, .b64dec, .fromJson, .int, .ceil, .floor,
            .float64, .bytes, .duration, .durationSeconds, .unixEpoch, .unixEpochMillis,
            .unixEpochNanos, .unixToTime, .printf, .defaulted, .round:
            1
        case .replaceOld: 4
        case .replace, .substr, .regexReplaceAll, .regexReplaceAllLiteral, .toDateInZone: 3
        default: 2
        }
    }

    /// A text of `count` repetitions, refused when it would be too large.
    private static func repeated(
        _ function: TemplateFunction, _ text: String, _ count: Int64
    ) throws(Failure) -> String {
        guard count > 0 else { return "" }
        let (bytes, isTooLarge) = Int64(text.utf8.count).multipliedReportingOverflow(by: count)
        guard !isTooLarge, bytes <= Limits.templateByteCountMax else {
            throw failure(function, "the result is too large")
        }
        return String(repeating: text, count: Int(count))
    }

    private func text(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(Failure) -> TemplateValue? {
        func text(_ index: Int) -> String { arguments[index].text }
        switch function {
        case .line: return .text(String(decoding: row.line, as: UTF8.self))
        case .toLower, .lower: return .text(text(0).lowercased())
        case .toUpper, .upper: return .text(text(0).uppercased())
        case .title: return .text(Self.title(text(0)))
        case .trim, .trimSpace: return .text(Self.trimmed(text(0), \.properties.isWhitespace))
        case .trimSet: return .text(Self.trimmed(text(0), within: text(1)))
        case .trimAll: return .text(Self.trimmed(text(1), within: text(0)))
        case .trimLeft: return .text(Self.trimmed(text(0), within: text(1), atEnd: false))
        case .trimRight: return .text(Self.trimmed(text(0), within: text(1), atStart: false))
        case .trimPrefixOld: return .text(Self.dropping(text(0), prefix: text(1)))
        case .trimPrefix: return .text(Self.dropping(text(1), prefix: text(0)))
        case .trimSuffixOld: return .text(Self.dropping(text(0), suffix: text(1)))
        case .trimSuffix: return .text(Self.dropping(text(1), suffix: text(0)))
        case .replaceOld:
            return .text(
                Self.replacing(text(0), text(1), text(2), most: Int(clamping: arguments[3].int)))
        case .replace: return .text(Self.replacing(text(2), text(0), text(1), most: -1))
        case .contains: return .bool(Self.holds(text(1), text(0)))
        case .hasPrefix: return .bool(text(1).utf8.starts(with: text(0).utf8))
        case .hasSuffix: return .bool(text(1).utf8.reversed().starts(with: text(0).utf8.reversed()))
        case .trunc: return .text(Self.truncated(text(1), arguments[0].int))
        case .substr: return .text(Self.part(text(2), arguments[0].int, arguments[1].int))
        case .repeated: return .text(try Self.repeated(function, text(1), arguments[0].int))
        case .indent, .nindent:
            let pad = try Self.repeated(function, " ", arguments[0].int)
            let indented = pad + text(1).replacing("\n", with: "\n" + pad)
            return .text(function == .nindent ? "\n" + indented : indented)
        case .alignLeft, .alignRight:
            let scalars = Array(text(1).unicodeScalars)
            let width = Int(clamping: max(0, arguments[0].int))
            let pad = try Self.repeated(function, " ", Int64(max(0, width - scalars.count)))
            var kept = String.UnicodeScalarView()
            kept.append(
                contentsOf: function == .alignLeft ? scalars.prefix(width) : scalars.suffix(width))
            return .text(function == .alignLeft ? String(kept) + pad : pad + String(kept))
        case .b64enc: return .text(Base64.encode(Array(text(0).utf8)))
        case .b64dec:
            guard let bytes = Self.base64Decoded(text(0)) else {
                throw Self.failure(function, "illegal base64 data")
            }
            return .text(String(decoding: bytes, as: UTF8.self))
        case .urlencode, .urlquery: return .text(Self.urlEncoded(arguments.map(\.text).joined()))
        case .urldecode: return .text(Self.urlDecoded(text(0)))
        case .regexReplaceAll, .regexReplaceAllLiteral:
            let regex = try Self.regex(function, text(0))
            let template =
                function == .regexReplaceAll ? text(2) : text(2).replacing("$", with: "$$")
            return .text(regex.replacing(RegexTemplate(template), in: text(1)))
        case .count: return .int(Self.matches(try Self.regex(function, text(0)), text(1)))
        default: return nil
        }
    }

    private static func regex(
        _ function: TemplateFunction, _ pattern: String
    ) throws(Failure) -> Regex {
        do {
            return try Regex(pattern, dotMatchesNewline: false)
        } catch {
            throw failure(function, error.message)
        }
    }

    private static func matches(_ regex: Regex, _ text: String) -> Int64 {
        let bytes = Array(text.utf8)
        var count: Int64 = 0
        var place = 0
        while place <= bytes.count, let match = regex.firstMatch(in: bytes.span, from: place) {
            count += 1
            place = max(match.range.upperBound, place + (match.range.isEmpty ? 1 : 0))
            if match.range.isEmpty { place = match.range.upperBound + 1 }
        }
        return count
    }

    private func general(
        _ function: TemplateFunction, _ arguments: [TemplateValue]
    ) throws(Failure) -> TemplateValue? {
        switch function {
        case .not: return .bool(!arguments[0].isTrue)
        case .len: return .int(try Self.length(arguments[0]))
        case .index: return try Self.element(arguments)
        case .slice:
            let text = arguments[0].text
            let from = arguments.count > 1 ? arguments[1].int : 0
            let to = arguments.count > 2 ? arguments[2].int : Int64(text.utf8.count)
            guard from >= 0, from <= to, to <= text.utf8.count else {
                throw Self.failure(function, "index out of range")
            }
            return .text(String(decoding: Array(text.utf8)[Int(from)..<Int(to)], as: UTF8.self))
        case .print, .html, .js: return .text(arguments.map(\.text).joined())
        case .println: return .text(arguments.map(\.text).joined(separator: " ") + "\n")
        case .printf:
            return .text(TemplatePrint.format(arguments[0].text, Array(arguments.dropFirst())))
        case .equal:
            return .bool(arguments.dropFirst().contains { Self.compare(arguments[0], $0) == 0 })
        case .notEqual: return .bool(Self.compare(arguments[0], arguments[1]) != 0)
        case .less: return .bool(Self.compare(arguments[0], arguments[1]) < 0)
        case .lessOrEqual: return .bool(Self.compare(arguments[0], arguments[1]) <= 0)
        case .greater: return .bool(Self.compare(arguments[0], arguments[1]) > 0)
        case .greaterOrEqual: return .bool(Self.compare(arguments[0], arguments[1]) >= 0)
        case .defaulted:
            guard arguments.count > 1, arguments[1].isTrue else { return arguments[0] }
            return arguments[1]
        case .fromJson:
            var reader = TemplateJSON(Array(arguments[0].text.utf8))
            return reader.whole() ?? TemplateValue.none
        default: return nil
        }
    }

    private static func compare(_ left: TemplateValue, _ right: TemplateValue) -> Int {
        if case .text(let first) = left, case .text(let second) = right {
            if first == second { return 0 }
            return first.utf8.lexicographicallyPrecedes(second.utf8) ? -1 : 1
        }
        if case .text = left { return left.text == right.text ? 0 : 1 }
        if case .text = right { return left.text == right.text ? 0 : 1 }
        return left.double == right.double ? 0 : left.double < right.double ? -1 : 1
    }

    private static func length(_ value: TemplateValue) throws(Failure) -> Int64 {
        switch value {
        case .text(let text): return Int64(text.utf8.count)
        case .list(let values): return Int64(values.count)
        case .map(let values): return Int64(values.count)
        default: throw failure(.len, "len of a value without length")
        }
    }

    private static func element(_ arguments: [TemplateValue]) throws(Failure) -> TemplateValue {
        var value = arguments[0]
        for key in arguments.dropFirst() {
            switch value {
            case .map(let values): value = values[key.text] ?? .none
            case .list(let values):
                guard let index = Int(exactly: key.int), values.indices.contains(index) else {
                    throw failure(.index, "index out of range: \(key.text)")
                }
                value = values[index]
            default: throw failure(.index, "can't index this value")
            }
        }
        return value
    }
}
