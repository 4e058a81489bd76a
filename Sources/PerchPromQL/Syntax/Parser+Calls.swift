extension Parser {
    /// Reads what stands between an operator and its right side.
    mutating func modifiers() throws(ParseFailure) -> (Bool, VectorMatching) {
        var matching = VectorMatching()
        let returnsBool = take(.keyword(.bool))
        if current.kind == .keyword(.on) || current.kind == .keyword(.ignoring) {
            matching.isOn = current.kind == .keyword(.on)
            advance()
            matching.labels = try groupingLabels()
            if take(.keyword(.groupLeft)) {
                matching.cardinality = .manyToOne
            } else if take(.keyword(.groupRight)) {
                matching.cardinality = .oneToMany
            }
            if matching.cardinality != .oneToOne, current.kind == .leftParen {
                matching.included = try groupingLabels()
            }
        }
        if take(.keyword(.fill)) {
            let value = try fillValue()
            (matching.fillLeft, matching.fillRight) = (value, value)
        } else {
            for _ in 0..<2 {
                if matching.fillLeft == nil, take(.keyword(.fillLeft)) {
                    matching.fillLeft = try fillValue()
                } else if matching.fillRight == nil, take(.keyword(.fillRight)) {
                    matching.fillRight = try fillValue()
                }
            }
        }
        return (returnsBool, matching)
    }

    private mutating func fillValue() throws(ParseFailure) -> Double {
        guard take(.leftParen) else { throw unexpected() }
        var sign = 1.0
        if take(.operation(.subtract)) {
            sign = -1
        } else {
            _ = take(.operation(.add))
        }
        guard current.kind == .number || current.kind == .duration else { throw unexpected() }
        let value = try numberLiteral().value
        guard take(.rightParen) else { throw unexpected() }
        return sign * value
    }

    /// Reads `(label, "label")`.
    mutating func groupingLabels() throws(ParseFailure) -> [String] {
        guard take(.leftParen) else { throw unexpected("grouping opts", expected: "\"(\"") }
        var labels: [String] = []
        while !take(.rightParen) {
            if !labels.isEmpty {
                guard take(.comma) else {
                    throw unexpected("grouping opts", expected: "\",\" or \")\"")
                }
                if take(.rightParen) { break }
            }
            labels.append(try groupingLabel())
        }
        return labels
    }

    private mutating func groupingLabel() throws(ParseFailure) -> String {
        let token = current
        var name = token.text
        switch token.kind {
        case .identifier, .metricIdentifier, .keyword, .aggregate,
            .operation(.and), .operation(.or), .operation(.unless), .operation(.arcTangent):
            advance()
        case .string:
            let literal = try stringLiteral()
            guard GoText.isUTF8(literal.bytes), !literal.bytes.isEmpty else {
                throw failure(
                    "invalid label name for grouping: \(GoText.quote(bytes: literal.bytes))",
                    token.range)
            }
            name = literal.value
        default: throw unexpected("grouping opts", expected: "label")
        }
        return name
    }

    mutating func aggregation(
        _ operation: AggregateOperator
    ) throws(ParseFailure) -> Aggregation {
        let start = current.range.start
        advance()
        var grouping = try aggregationModifier()
        guard current.kind == .leftParen else { throw unexpected("aggregation") }
        let arguments = try arguments()
        if grouping == nil { grouping = try aggregationModifier() }
        let range = SourceRange(start: start, end: lastClosing)
        guard !arguments.isEmpty else {
            throw failure("no arguments for aggregate expression provided", range)
        }
        let expected = operation.parameterType == nil ? 1 : 2
        guard arguments.count == expected else {
            throw failure(
                "wrong number of arguments for aggregate expression provided, expected "
                    + "\(expected), got \(arguments.count)", range)
        }
        return Aggregation(
            operation: operation, content: arguments[expected - 1],
            parameter: expected == 2 ? arguments[0] : nil, labels: grouping?.labels ?? [],
            isWithout: grouping?.isWithout ?? false, range: range)
    }

    private mutating func aggregationModifier() throws(ParseFailure) -> (
        labels: [String], isWithout: Bool
    )? {
        let isWithout = current.kind == .keyword(.without)
        guard isWithout || current.kind == .keyword(.by) else { return nil }
        advance()
        return (try groupingLabels(), isWithout)
    }

    mutating func functionCall() throws(ParseFailure) -> FunctionCall {
        let token = current
        advance()
        // Before its arguments, which may be in the other language too.
        if Function(rawValue: token.text) == nil,
            let words = MetricsQL.explanation(function: token.text)
        {
            throw failure(words, token.range)
        }
        let arguments = try arguments()
        guard let function = Function(rawValue: token.text) else {
            throw failure(
                "unknown function with name \(GoText.quote(token.text))", token.range)
        }
        return FunctionCall(
            function: function, arguments: arguments,
            range: SourceRange(start: token.range.start, end: lastClosing))
    }

    /// Reads `(expression, expression)`.
    private mutating func arguments() throws(ParseFailure) -> [QueryExpression] {
        guard take(.leftParen) else { throw unexpected() }
        var arguments: [QueryExpression] = []
        if take(.rightParen) { return arguments }
        var highest = 0
        while true {
            arguments.append(
                try nested { (parser) throws(ParseFailure) in try parser.expression() })
            highest = max(highest, takeHeight())
            if take(.rightParen) {
                try rise(highest)
                return arguments
            }
            let comma = current.range
            guard take(.comma) else { throw unexpected() }
            if current.kind == .rightParen {
                throw failure("trailing commas not allowed in function call args", comma)
            }
        }
    }
}
