/// Makes a query ready for its times: durations become numbers, `start()` and the like become what
/// they stand for, and parentheses that change nothing go away.
struct Preparation {
    let times: QueryTimes

    private var rangeSeconds: Double { Double(times.end - times.start) / 1_000 }
    private var stepSeconds: Double { Double(times.step ?? 0) / 1_000 }

    /// What is known of the expressions around one.
    private struct Context {
        /// One of them takes only the sum or the count of histograms.
        var wantsTotals = false
        /// One of them needs buckets.
        var needsBuckets = false
    }

    func prepare(
        _ expression: QueryExpression
    ) throws(QueryFailure) -> QueryExpression {
        try prepare(expression, Context())
    }

    private func prepare(
        _ expression: QueryExpression, _ context: Context
    ) throws(QueryFailure) -> QueryExpression {
        switch expression {
        case .number, .string: return expression
        case .vector(let node): return .vector(try prepare(node, context))
        case .matrix(var node):
            node.selector = try prepare(node.selector, context)
            node.duration = try prepare(node.duration, mayBeNegative: false)
            return .matrix(node)
        case .subquery(var node):
            // Resets that the subquery skips can be found by the buckets only.
            node.content = try prepare(node.content, Context(needsBuckets: true))
            node.duration = try prepare(node.duration, mayBeNegative: false)
            node.step = try prepare(node.step, mayBeNegative: false)
            node.offset = try prepare(node.offset, mayBeNegative: true)
            node.at = prepare(node.at)
            return .subquery(node)
        case .unary(var node):
            node.operand = try prepare(node.operand, context)
            return .unary(node)
        case .parenthesized(var node):
            node.content = try prepare(node.content, context)
            return .parenthesized(node)
        case .binary(var node):
            var context = context
            if node.operation.isTrim { context.needsBuckets = true }
            node.left = try prepare(node.left, context)
            node.right = try prepare(node.right, context)
            return .binary(node)
        case .aggregate(var node):
            node.content = try prepare(node.content.unwrapped, context)
            if let parameter = node.parameter {
                node.parameter = try prepare(parameter.unwrapped, context)
            }
            return .aggregate(node)
        case .call(let node): return try prepare(node, context)
        }
    }

    private func prepare(
        _ node: VectorSelector, _ context: Context
    ) throws(QueryFailure) -> VectorSelector {
        var node = node
        node.needsOnlyTotals = context.wantsTotals && !context.needsBuckets
        node.offset = try prepare(node.offset, mayBeNegative: true)
        node.at = prepare(node.at)
        return node
    }

    private func prepare(_ at: FixedTime?) -> FixedTime? {
        switch at {
        case .start: .millis(times.start)
        case .end: .millis(times.end)
        default: at
        }
    }

    private func prepare(
        _ span: TimeSpan, mayBeNegative: Bool
    ) throws(QueryFailure) -> TimeSpan {
        guard let expression = span.expression else { return span }
        let millis = try expression.millis(
            step: stepSeconds, range: rangeSeconds, mayBeNegative: mayBeNegative)
        return TimeSpan(millis: millis)
    }

    private func prepare(
        _ node: FunctionCall, _ context: Context
    ) throws(QueryFailure) -> QueryExpression {
        func number(_ value: Double) -> QueryExpression {
            .number(NumberLiteral(value: value, range: node.range))
        }
        switch node.function {
        case .start: return number(Double(times.start) / 1_000)
        case .end: return number(Double(times.end) / 1_000)
        case .range: return number(rangeSeconds)
        case .step: return number(times.start == times.end ? 0 : stepSeconds)
        default:
            var node = node
            var context = context
            switch node.function {
            case .histogramCount, .histogramSum, .histogramAvg: context.wantsTotals = true
            case .histogramQuantile, .histogramQuantiles, .histogramFraction:
                context.needsBuckets = true
            default: break
            }
            for index in node.arguments.indices {
                node.arguments[index] = try prepare(node.arguments[index].unwrapped, context)
            }
            return .call(node)
        }
    }
}

extension QueryExpression {
    /// Whether the value is the same at all times of evaluation.
    var isStepInvariant: Bool {
        switch self {
        case .number, .string: true
        case .vector(let node): node.at != nil
        case .matrix(let node): node.selector.at != nil
        case .subquery(let node): node.at != nil
        case .unary(let node): node.operand.isStepInvariant
        case .parenthesized(let node): node.content.isStepInvariant
        case .binary(let node): node.left.isStepInvariant && node.right.isStepInvariant
        case .aggregate(let node):
            node.content.isStepInvariant && (node.parameter?.isStepInvariant ?? true)
        case .call(let node): node.isStepInvariant
        }
    }
}

extension FunctionCall {
    fileprivate var isStepInvariant: Bool {
        if function == .timestamp, case .vector(let selector) = arguments[0] {
            return selector.at != nil
        }
        // Without an argument these take the time of evaluation.
        guard !function.dependsOnTime else { return false }
        return arguments.allSatisfy(\.isStepInvariant)
    }
}
