extension QueryExpression {
    /// The query over several lines, where one would be longer than 100 characters.
    ///
    /// Source: Prometheus' `Prettify`.
    package var prettyText: String { pretty(0) }

    private var needsSplit: Bool { text.utf8.count > 100 }

    private static func indent(_ level: Int) -> String { String(repeating: "  ", count: level) }

    private func pretty(_ level: Int) -> String {
        let indent = Self.indent(level)
        switch self {
        case .unary(let node):
            let operand = node.operand.pretty(level).drop { $0 == " " }
            return indent + (node.isNegative ? "-" : "+") + operand
        case .subquery(let node):
            return needsSplit ? node.content.pretty(level) + node.suffix : text
        default: break
        }
        guard needsSplit else { return indent + text }
        switch self {
        case .aggregate(let node):
            let parameter = node.parameter.map { $0.pretty(level + 1) + ",\n" } ?? ""
            return
                "\(indent)\(node.head)(\n\(parameter)\(node.content.pretty(level + 1))\n\(indent))"
        case .binary(let node):
            return node.left.pretty(level + 1) + "\n\(indent)\(node.operatorText)\n"
                + node.right.pretty(level + 1)
        case .call(let node):
            let arguments = node.arguments.map { $0.pretty(level + 1) }.joined(separator: ",\n")
            return "\(indent)\(node.function.rawValue)(\n\(arguments)\n\(indent))"
        case .parenthesized(let node):
            return "\(indent)(\n\(node.content.pretty(level + 1))\n\(indent))"
        default: return indent + text
        }
    }
}
