package import PerchModel

extension QueryExpression {
    /// The matchers of all series that the query names.
    package var selectors: [[LabelMatcher]] {
        switch self {
        case .number, .string: []
        case .vector(let node): [node.matchers]
        case .matrix(let node): [node.selector.matchers]
        case .subquery(let node): node.content.selectors
        case .unary(let node): node.operand.selectors
        case .binary(let node): node.left.selectors + node.right.selectors
        case .aggregate(let node): node.content.selectors + (node.parameter?.selectors ?? [])
        case .call(let node): node.arguments.flatMap(\.selectors)
        case .parenthesized(let node): node.content.selectors
        }
    }
}
