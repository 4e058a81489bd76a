import PerchModel
import PerchRegex

extension LogQLParser {
    /// `a=1 or b=2 and c=3, d=4`; what a comma joins belongs together more than anything else.
    mutating func labelFilter() throws(LogQLFailure) -> LabelFilter {
        try enter()
        var left = try conjunction()
        while take("or") {
            try count()
            left = .or(left, try conjunction())
        }
        leave()
        return left
    }

    private mutating func conjunction() throws(LogQLFailure) -> LabelFilter {
        var left = try primary()
        while take("and") {
            try count()
            left = .and(left, try primary())
        }
        return left
    }

    private mutating func primary() throws(LogQLFailure) -> LabelFilter {
        let first: LabelFilter
        if take("(") {
            first = try labelFilter()
            try expect(")")
        } else {
            first = try condition()
        }
        guard take(",") else { return first }
        return .and(first, try labelFilter())
    }

    private mutating func condition() throws(LogQLFailure) -> LabelFilter {
        guard token.kind == .identifier else { throw unexpected() }
        let name = try identifier()
        guard token.kind == .sign else { throw unexpected() }
        let sign = token.text
        advance()
        if token.kind == .string {
            guard let operation = LabelMatcher.Operation(rawValue: sign == "==" ? "=" : sign) else {
                throw unexpected()
            }
            let value = try string()
            if operation == .matches || operation == .notMatches { _ = try checked(value) }
            return .text(LabelMatcher(name, operation, value))
        }
        if isSign("ip") {
            guard sign == "=" || sign == "!=" else { throw unexpected() }
            return .address(name, isNegative: sign == "!=", try address())
        }
        guard
            let comparison = LabelFilter.Comparison(rawValue: sign == "=" ? "==" : sign)
        else { throw unexpected() }
        let isNegative = take("-")
        let value = isNegative ? -token.value : token.value
        let text = (isNegative ? "-" : "") + token.text
        switch token.kind {
        case .number:
            advance()
            return .number(name, comparison, value)
        case .duration:
            advance()
            return .duration(name, comparison, value, text)
        case .bytes where !isNegative:
            advance()
            return .bytes(name, comparison, value, text)
        default: throw unexpected()
        }
    }
}
