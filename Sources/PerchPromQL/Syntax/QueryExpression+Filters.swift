package import PerchModel

extension QueryExpression {
    /// Adds matchers to every selector: the filters of a reader who looks at a part.
    package mutating func add(_ matchers: [LabelMatcher]) {
        guard !matchers.isEmpty else { return }
        switch self {
        case .number, .string: break
        case .vector(var node):
            node.matchers += matchers
            self = .vector(node)
        case .matrix(var node):
            node.selector.matchers += matchers
            self = .matrix(node)
        case .subquery(var node):
            node.content.add(matchers)
            self = .subquery(node)
        case .unary(var node):
            node.operand.add(matchers)
            self = .unary(node)
        case .parenthesized(var node):
            node.content.add(matchers)
            self = .parenthesized(node)
        case .binary(var node):
            node.left.add(matchers)
            node.right.add(matchers)
            self = .binary(node)
        case .aggregate(var node):
            node.content.add(matchers)
            node.parameter?.add(matchers)
            self = .aggregate(node)
        case .call(var node):
            for index in node.arguments.indices { node.arguments[index].add(matchers) }
            self = .call(node)
        }
    }
}
