/// Fixing the times of a query, which must not change what it gives at that time.
extension QueryExpression {
    /// Whether a function takes the time of evaluation.
    var usesTime: Bool {
        switch self {
        case .number, .string, .vector, .matrix: false
        case .subquery(let node): node.at == nil && node.content.usesTime
        case .unary(let node): node.operand.usesTime
        case .parenthesized(let node): node.content.usesTime
        case .binary(let node): node.left.usesTime || node.right.usesTime
        case .aggregate(let node):
            node.content.usesTime || (node.parameter?.usesTime ?? false)
        case .call(let node):
            node.function.dependsOnTime || node.arguments.contains(where: \.usesTime)
        }
    }

    /// Adds `@ time` to the selectors and the outermost subqueries that have none.
    mutating func fix(_ millis: Int64) {
        switch self {
        case .number, .string: break
        case .vector(var node):
            node.at = node.at ?? .millis(millis)
            self = .vector(node)
        case .matrix(var node):
            node.selector.at = node.selector.at ?? .millis(millis)
            self = .matrix(node)
        case .subquery(var node):
            // What is within a subquery goes by its time.
            node.at = node.at ?? .millis(millis)
            self = .subquery(node)
        case .unary(var node):
            node.operand.fix(millis)
            self = .unary(node)
        case .parenthesized(var node):
            node.content.fix(millis)
            self = .parenthesized(node)
        case .binary(var node):
            node.left.fix(millis)
            node.right.fix(millis)
            self = .binary(node)
        case .aggregate(var node):
            node.content.fix(millis)
            node.parameter?.fix(millis)
            self = .aggregate(node)
        case .call(var node):
            for index in node.arguments.indices { node.arguments[index].fix(millis) }
            self = .call(node)
        }
    }
}
