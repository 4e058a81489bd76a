package import PerchModel

extension QueryExpression {
    /// Writes the tree as Prometheus' `parse_query` does, keys in their order.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .number(let node):
            json.raw("{\"type\":\"numberLiteral\",\"val\":")
            json.string(NumberText.plain(node.value))
        case .string(let node):
            json.raw("{\"type\":\"stringLiteral\",\"val\":")
            json.string(node.value)
        case .parenthesized(let node):
            json.raw("{\"expr\":")
            node.content.write(to: &json)
            json.raw(",\"type\":\"parenExpr\"")
        case .unary(let node):
            json.raw("{\"expr\":")
            node.operand.write(to: &json)
            json.raw(",\"op\":")
            json.string(node.isNegative ? "-" : "+")
            json.raw(",\"type\":\"unaryExpr\"")
        case .vector(let node):
            json.raw("{")
            Self.write(node, to: &json)
            json.raw(",\"type\":\"vectorSelector\"")
        case .matrix(let node): Self.write(node, to: &json)
        case .subquery(let node): Self.write(node, to: &json)
        case .aggregate(let node): Self.write(node, to: &json)
        case .binary(let node): Self.write(node, to: &json)
        case .call(let node): Self.write(node, to: &json)
        }
        json.raw("}")
    }

    private static func write(_ strings: [String], to json: inout JSONWriter) {
        json.raw("[")
        for (index, text) in strings.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(text)
        }
        json.raw("]")
    }

    private static func write(_ flag: Bool, to json: inout JSONWriter) {
        json.raw(flag ? "true" : "false")
    }

    private static func write(_ at: FixedTime?, to json: inout JSONWriter) {
        json.raw(",\"startOrEnd\":")
        switch at {
        case .start: json.raw("\"start\"")
        case .end: json.raw("\"end\"")
        default: json.raw("null")
        }
        json.raw(",\"timestamp\":")
        if case .millis(let millis) = at { json.number(millis) } else { json.raw("null") }
    }

    private static func write(_ span: TimeSpan, _ key: StaticString, to json: inout JSONWriter) {
        json.raw("\"")
        json.raw(key)
        json.raw("\":")
        json.number(span.millis)
        json.raw(",\"")
        json.raw(key)
        json.raw("Expr\":")
        if let expression = span.expression {
            write(expression, to: &json)
        } else {
            json.raw("null")
        }
    }

    private static func write(_ expression: DurationExpression, to json: inout JSONWriter) {
        func operation(
            _ name: String, _ left: DurationExpression?, _ right: DurationExpression?,
            isWrapped: Bool
        ) {
            json.raw("{\"lhs\":")
            if let left { write(left, to: &json) } else { json.raw("null") }
            json.raw(",\"op\":")
            json.string(name)
            json.raw(",\"rhs\":")
            if let right { write(right, to: &json) } else { json.raw("null") }
            json.raw(",\"type\":\"durationExpr\",\"wrapped\":")
            write(isWrapped, to: &json)
            json.raw("}")
        }
        switch expression {
        case .number(let node):
            json.raw("{\"duration\":")
            write(node.isDuration, to: &json)
            json.raw(",\"type\":\"numberLiteral\",\"val\":")
            json.string(NumberText.plain(node.value))
            json.raw("}")
        case .step: operation("step", nil, nil, isWrapped: false)
        case .range: operation("range", nil, nil, isWrapped: false)
        case .negated(let operand, _): operation("-", nil, operand, isWrapped: false)
        case .binary(let name, let left, let right, _):
            operation(name.rawValue, left, right, isWrapped: false)
        case .parenthesized(.binary(let name, let left, let right, _), _):
            operation(name.rawValue, left, right, isWrapped: true)
        case .parenthesized(let content, _): operation("+", nil, content, isWrapped: true)
        }
    }

    private static func write(_ node: VectorSelector, to json: inout JSONWriter) {
        json.raw("\"anchored\":")
        write(node.boundary == .anchored, to: &json)
        json.raw(",\"matchers\":[")
        for (index, matcher) in node.matchers.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw("{\"name\":")
            json.string(matcher.name)
            json.raw(",\"type\":")
            json.string(matcher.operation.rawValue)
            json.raw(",\"value\":")
            json.string(matcher.value)
            json.raw("}")
        }
        json.raw("],\"name\":")
        json.string(node.name)
        json.raw(",")
        write(node.offset, "offset", to: &json)
        json.raw(",\"smoothed\":")
        write(node.boundary == .smoothed, to: &json)
        write(node.at, to: &json)
    }

    private static func write(_ node: MatrixSelector, to json: inout JSONWriter) {
        json.raw("{")
        write(node.selector, to: &json)
        json.raw(",")
        write(node.duration, "range", to: &json)
        json.raw(",\"type\":\"matrixSelector\"")
    }

    private static func write(_ node: Subquery, to json: inout JSONWriter) {
        json.raw("{\"expr\":")
        node.content.write(to: &json)
        json.raw(",")
        write(node.offset, "offset", to: &json)
        json.raw(",")
        write(node.duration, "range", to: &json)
        write(node.at, to: &json)
        json.raw(",")
        write(node.step, "step", to: &json)
        json.raw(",\"type\":\"subquery\"")
    }

    private static func write(_ node: Aggregation, to json: inout JSONWriter) {
        json.raw("{\"expr\":")
        node.content.write(to: &json)
        json.raw(",\"grouping\":")
        write(node.labels, to: &json)
        json.raw(",\"op\":")
        json.string(node.operation.rawValue)
        json.raw(",\"param\":")
        if let parameter = node.parameter { parameter.write(to: &json) } else { json.raw("null") }
        json.raw(",\"type\":\"aggregation\",\"without\":")
        write(node.isWithout, to: &json)
    }

    private static func write(_ node: BinaryExpression, to json: inout JSONWriter) {
        json.raw("{\"bool\":")
        write(node.returnsBool, to: &json)
        json.raw(",\"lhs\":")
        node.left.write(to: &json)
        json.raw(",\"matching\":")
        if let matching = node.matching {
            json.raw("{\"card\":")
            json.string(matching.cardinality.rawValue)
            json.raw(",\"fillValues\":{\"lhs\":")
            if let fill = matching.fillLeft { json.number(fill) } else { json.raw("null") }
            json.raw(",\"rhs\":")
            if let fill = matching.fillRight { json.number(fill) } else { json.raw("null") }
            json.raw("},\"include\":")
            write(matching.included, to: &json)
            json.raw(",\"labels\":")
            write(matching.labels, to: &json)
            json.raw(",\"on\":")
            write(matching.isOn, to: &json)
            json.raw("}")
        } else {
            json.raw("null")
        }
        json.raw(",\"op\":")
        json.string(node.operation.rawValue)
        json.raw(",\"rhs\":")
        node.right.write(to: &json)
        json.raw(",\"type\":\"binaryExpr\"")
    }

    private static func write(_ node: FunctionCall, to json: inout JSONWriter) {
        let signature = node.function.signature
        json.raw("{\"args\":[")
        for (index, argument) in node.arguments.enumerated() {
            if index > 0 { json.raw(",") }
            argument.write(to: &json)
        }
        json.raw("],\"func\":{\"argTypes\":")
        write(signature.arguments.map(\.rawValue), to: &json)
        json.raw(",\"name\":")
        json.string(node.function.rawValue)
        json.raw(",\"returnType\":")
        json.string(signature.result.rawValue)
        json.raw(",\"variadic\":")
        json.number(signature.variadic)
        json.raw("},\"type\":\"call\"")
    }
}
