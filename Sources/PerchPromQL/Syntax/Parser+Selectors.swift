import PerchModel
import PerchRegex

extension Parser {
    mutating func vectorSelector() throws(ParseFailure) -> VectorSelector {
        let token = current
        var selector = VectorSelector(name: "", matchers: [], range: token.range)
        if let name = metricName() {
            selector.name = name
            advance()
        }
        if current.kind == .leftBrace {
            selector.matchers = try labelMatchers()
            selector.range.end = lastClosing
        } else if selector.name.isEmpty {
            throw unexpected()
        }
        if !selector.name.isEmpty {
            selector.matchers.append(LabelMatcher("__name__", .equal, selector.name))
        }
        return selector
    }

    /// The name of a metric, if the current token can be one.
    private func metricName() -> String? {
        switch current.kind {
        case .identifier, .metricIdentifier, .aggregate, .operation(.and), .operation(.or),
            .operation(.unless):
            current.text
        case .keyword(let word): word.mayNameMetric ? current.text : nil
        default: nil
        }
    }

    private mutating func labelMatchers() throws(ParseFailure) -> [LabelMatcher] {
        advance()
        var matchers: [LabelMatcher] = []
        while !take(.rightBrace) {
            if !matchers.isEmpty {
                guard take(.comma) else {
                    throw unexpected("label matching", expected: "\",\" or \"}\"")
                }
                if take(.rightBrace) { break }
            }
            matchers.append(try labelMatcher())
        }
        return matchers
    }

    private mutating func labelMatcher() throws(ParseFailure) -> LabelMatcher {
        let token = current
        let name: String
        switch token.kind {
        case .identifier:
            name = token.text
            advance()
        case .string: name = try stringLiteral().value
        default: throw unexpected("label matching", expected: "identifier or \"}\"")
        }
        let operation: LabelMatcher.Operation
        switch current.kind {
        case .equals: operation = .equal
        case .operation(.notEqual): operation = .notEqual
        case .matches: operation = .matches
        case .notMatches: operation = .notMatches
        default:
            // A lone string is the metric's name.
            guard token.kind == .string else {
                throw unexpected("label matching", expected: "label matching operator")
            }
            return LabelMatcher("__name__", .equal, name)
        }
        advance()
        guard current.kind == .string else {
            throw unexpected("label matching", expected: "string")
        }
        let range = SourceRange.spanning(token.range, current.range)
        let value = try stringLiteral().value
        if operation == .matches || operation == .notMatches {
            do {
                _ = try Regex(value)
            } catch {
                throw failure("error parsing regexp: \(error.message)", range)
            }
        }
        return LabelMatcher(name, operation, value)
    }

    // MARK: What stands behind

    mutating func at(_ expression: inout QueryExpression) throws(ParseFailure) {
        advance()
        let time: FixedTime
        if case .keyword(let word) = current.kind, word == .start || word == .end {
            advance()
            guard take(.leftParen), take(.rightParen) else {
                throw unexpected("@", expected: "timestamp")
            }
            time = word == .start ? .start : .end
        } else {
            var sign = 1.0
            if take(.operation(.subtract)) {
                sign = -1
            } else {
                _ = take(.operation(.add))
            }
            guard current.kind == .number || current.kind == .duration else {
                throw unexpected("@", expected: "timestamp")
            }
            let seconds = try numberLiteral().value * sign
            guard seconds.isFinite, abs(seconds) < 9.2e15 else {
                throw failure(
                    "timestamp out of bounds for @ modifier: \(NumberText.fixed(seconds, digits: 6))",
                    expression.range)
            }
            time = .millis(Int64((seconds * 1_000).rounded()))
        }
        let place = expression.range
        let end = lastClosing
        let query = query
        try Self.modify(&expression, query, "@ modifier") { (_, at) throws(ParseFailure) in
            guard at == nil else {
                throw ParseFailure(
                    message: "@ <timestamp> may not be set multiple times", range: place,
                    query: query)
            }
            at = time
        } end: {
            end
        }
    }

    mutating func offset(_ expression: inout QueryExpression) throws(ParseFailure) {
        advance()
        let duration = try offsetDuration()
        let place = expression.range
        let end = lastClosing
        let query = query
        try Self.modify(&expression, query, "offset modifier") { (offset, _) throws(ParseFailure) in
            guard offset.isZero else {
                throw ParseFailure(
                    message: "offset may not be set multiple times", range: place, query: query)
            }
            offset = duration
        } end: {
            end
        }
    }

    /// Changes the offset or the time of a selector or a subquery, and where it ends.
    private static func modify(
        _ expression: inout QueryExpression, _ query: String, _ what: String,
        _ change: (inout TimeSpan, inout FixedTime?) throws(ParseFailure) -> Void, end: () -> Int
    ) throws(ParseFailure) {
        switch expression {
        case .vector(var node):
            try change(&node.offset, &node.at)
            node.range.end = end()
            expression = .vector(node)
        case .matrix(var node):
            try change(&node.selector.offset, &node.selector.at)
            node.end = end()
            expression = .matrix(node)
        case .subquery(var node):
            try change(&node.offset, &node.at)
            node.end = end()
            expression = .subquery(node)
        default:
            throw ParseFailure(
                message: "\(what) must be preceded by an instant vector selector or range vector "
                    + "selector or a subquery", range: expression.range, query: query)
        }
    }

    mutating func boundary(
        _ expression: inout QueryExpression, _ boundary: VectorSelector.Boundary
    ) throws(ParseFailure) {
        advance()
        let both = "anchored and smoothed modifiers cannot be used together"
        switch expression {
        case .vector(var node):
            guard node.boundary == .plain || node.boundary == boundary else {
                throw failure(both, node.range)
            }
            node.boundary = boundary
            expression = .vector(node)
        case .matrix(var node):
            guard node.selector.boundary == .plain || node.selector.boundary == boundary else {
                throw failure(both, node.range)
            }
            node.selector.boundary = boundary
            expression = .matrix(node)
        case .subquery:
            throw failure(
                "\(boundary.rawValue) modifier is not supported for subqueries", expression.range)
        default:
            throw failure("\(boundary.rawValue) modifier not implemented", expression.range)
        }
    }

    /// Reads the `[range]` or `[range:step]` behind an expression.
    mutating func bracketed(
        _ expression: QueryExpression
    ) throws(ParseFailure) -> QueryExpression {
        let open = current.range
        advance()
        let duration = try positiveDuration()
        if current.kind == .colon {
            advance()
            var step = TimeSpan(millis: 0)
            if current.kind != .rightBracket { step = try positiveDuration(isStep: true) }
            guard current.kind == .rightBracket else {
                throw unexpected("subquery selector", expected: "\"]\"")
            }
            advance()
            return .subquery(
                Subquery(content: expression, duration: duration, step: step, end: lastClosing))
        }
        guard current.kind == .rightBracket else {
            throw unexpected("subquery or range", expected: "\":\" or \"]\"")
        }
        let place = SourceRange(start: open.start, end: current.range.end)
        advance()
        guard case .vector(let selector) = expression else {
            throw failure("ranges only allowed for vector selectors", place)
        }
        guard selector.offset.isZero else {
            throw failure("no offset modifiers allowed before range", place)
        }
        guard selector.at == nil else {
            throw failure("no @ modifiers allowed before range", place)
        }
        return .matrix(MatrixSelector(selector: selector, duration: duration, end: lastClosing))
    }

    // MARK: Labels of a series

    mutating func metric() throws(ParseFailure) -> (
        labels: [(name: String, value: String)], end: Int
    ) {
        var labels: [(name: String, value: String)] = []
        var end = current.range.start
        if let name = metricName() {
            labels.append(("__name__", name))
            end = current.range.end
            advance()
        }
        guard current.kind == .leftBrace, current.range.start == end || labels.isEmpty else {
            guard !labels.isEmpty else { throw unexpected() }
            return (labels, end)
        }
        for matcher in try labelMatchers() {
            guard matcher.operation == .equal else { throw unexpected("label set") }
            labels.append((matcher.name, matcher.value))
        }
        return (labels, lastClosing)
    }
}
