import PerchModel
import PerchRegex

/// Checks that the parts of a query fit together, in the words of Prometheus.
struct TypeChecker {
    let query: String

    private func failure(_ message: String, _ range: SourceRange) -> ParseFailure {
        ParseFailure(message: message, range: range, query: query)
    }

    /// Checks a tree, and drops how vectors match where there are none.
    func check(_ expression: inout QueryExpression) throws(ParseFailure) {
        switch expression {
        case .number, .string: break
        case .vector(let node): try check(node)
        case .matrix(let node): try check(node.selector)
        case .parenthesized(var node):
            try check(&node.content)
            expression = .parenthesized(node)
        case .unary(var node):
            try check(&node.operand)
            let type = node.operand.type
            guard type == .scalar || type == .vector else {
                throw failure(
                    "unary expression only allowed on expressions of type scalar or instant vector,"
                        + " got \(GoText.quote(type.documented))", node.range)
            }
            expression = .unary(node)
        case .subquery(var node):
            try check(&node.content)
            guard node.content.type == .vector else {
                throw failure(
                    "subquery is only allowed on instant vector, got "
                        + "\(node.content.type.rawValue) instead", node.range)
            }
            expression = .subquery(node)
        case .aggregate(var node):
            try check(&node)
            expression = .aggregate(node)
        case .call(var node):
            try check(&node)
            expression = .call(node)
        case .binary(var node):
            try check(&node, expression.range)
            expression = .binary(node)
        }
    }

    private func check(_ node: VectorSelector) throws(ParseFailure) {
        if !node.name.isEmpty {
            if let twice = node.matchers.dropLast().first(where: { $0.name == "__name__" }) {
                throw failure(
                    "metric name must not be set twice: \(GoText.quote(node.name)) or "
                        + GoText.quote(twice.value), node.range)
            }
            return
        }
        guard node.matchers.contains(where: { !Self.matchesEmpty($0) }) else {
            throw failure(
                "vector selector must contain at least one non-empty matcher", node.range)
        }
    }

    /// Whether an absent label fits.
    static func matchesEmpty(_ matcher: LabelMatcher) -> Bool {
        switch matcher.operation {
        case .equal: matcher.value.isEmpty
        case .notEqual: !matcher.value.isEmpty
        case .matches: (try? Regex(matcher.value))?.matchesFully("") ?? false
        case .notMatches: !((try? Regex(matcher.value))?.matchesFully("") ?? false)
        }
    }

    private func expect(
        _ expression: QueryExpression, _ type: ValueType, _ context: String
    ) throws(ParseFailure) {
        guard expression.type == type else {
            throw failure(
                "expected type \(type.documented) in \(context), got "
                    + expression.type.documented, expression.range)
        }
    }

    private func check(_ node: inout Aggregation) throws(ParseFailure) {
        try check(&node.content)
        try expect(node.content, .vector, "aggregation expression")
        guard var parameter = node.parameter, let type = node.operation.parameterType else {
            return
        }
        try check(&parameter)
        try expect(parameter, type, "aggregation parameter")
        node.parameter = parameter
    }

    private func check(_ node: inout FunctionCall) throws(ParseFailure) {
        let name = node.function.rawValue
        let signature = node.function.signature
        let types = signature.arguments
        let count = node.arguments.count
        if signature.variadic == 0 {
            guard count == types.count else {
                throw failure(
                    "expected \(types.count) argument(s) in call to \"\(name)\", got \(count)",
                    node.range)
            }
        } else {
            let least = types.count - 1
            guard count >= least else {
                throw failure(
                    "expected at least \(least) argument(s) in call to \"\(name)\", got \(count)",
                    node.range)
            }
            let most = least + signature.variadic
            guard signature.variadic < 0 || count <= most else {
                throw failure(
                    "expected at most \(most) argument(s) in call to \"\(name)\", got \(count)",
                    node.range)
            }
        }
        for index in node.arguments.indices {
            if node.function == .info, index == 1 {
                try checkLabelSelector(node.arguments[1])
                continue
            }
            try check(&node.arguments[index])
            let type = types[min(index, types.count - 1)]
            guard node.arguments[index].type == type else {
                throw failure(
                    "expected type \(type.documented) in call to function \"\(name)\", got "
                        + node.arguments[index].type.documented, node.arguments[index].range)
            }
        }
    }

    /// The second argument of `info` is a selector of labels, not of series.
    private func checkLabelSelector(_ argument: QueryExpression) throws(ParseFailure) {
        guard case .vector(let selector) = argument else {
            throw failure("expected label selectors only", argument.range)
        }
        guard selector.name.isEmpty else {
            throw failure(
                "expected label selectors only, got vector selector instead", argument.range)
        }
    }

    private func check(
        _ node: inout BinaryExpression, _ range: SourceRange
    ) throws(ParseFailure) {
        try check(&node.left)
        try check(&node.right)
        let operation = node.operation
        let (left, right) = (node.left.type, node.right.type)
        let place = operatorPlace(node)
        if node.returnsBool, !operation.isComparison {
            throw failure("bool modifier can only be used on comparison operators", place)
        }
        if operation.isComparison, !node.returnsBool, left == .scalar, right == .scalar {
            throw failure("comparisons between scalars must use BOOL modifier", place)
        }
        var matching = node.matching ?? VectorMatching()
        if operation.isSet, matching.cardinality == .oneToOne { matching.cardinality = .manyToMany }
        if matching.isOn, let both = matching.labels.first(where: matching.included.contains) {
            throw failure(
                "label \(GoText.quote(both)) must not occur in ON and GROUP clause at once", place)
        }
        for (side, type) in [(node.left, left), (node.right, right)]
        where type != .scalar && type != .vector {
            throw failure(
                "binary expression must contain only scalar and instant vector types", side.range)
        }
        let hasFill = matching.fillLeft != nil || matching.fillRight != nil
        if left != .vector || right != .vector {
            if !matching.labels.isEmpty {
                throw failure("vector matching only allowed between instant vectors", range)
            }
            if hasFill {
                throw failure(
                    "filling in missing series only allowed between instant vectors", range)
            }
            node.matching = nil
        } else {
            if operation.isSet {
                guard matching.cardinality == .manyToMany else {
                    throw failure(
                        "no grouping allowed for \"\(operation.rawValue)\" operation", range)
                }
                if hasFill {
                    throw failure(
                        "filling in missing series not allowed for set operators", range)
                }
            }
            node.matching = matching
        }
        if operation.isSet, left == .scalar || right == .scalar {
            throw failure(
                "set operator \"\(operation.rawValue)\" not allowed in binary scalar expression",
                range)
        }
    }

    /// Where the operator stands, without the blanks around it.
    private func operatorPlace(_ node: BinaryExpression) -> SourceRange {
        let bytes = Array(query.utf8)
        var start = node.left.range.end
        while start < bytes.count, bytes[start].isBlank { start += 1 }
        return SourceRange(start: start, end: max(start, node.right.range.start))
    }
}
