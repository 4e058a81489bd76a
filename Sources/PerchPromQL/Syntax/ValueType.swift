/// What an expression is worth.
package enum ValueType: String, Sendable, Hashable {
    case scalar
    case vector
    case matrix
    case string

    /// The name in documentation and messages.
    var documented: String {
        switch self {
        case .scalar: "scalar"
        case .vector: "instant vector"
        case .matrix: "range vector"
        case .string: "string"
        }
    }
}
