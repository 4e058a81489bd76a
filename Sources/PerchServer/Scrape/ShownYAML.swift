import Yams

/// A file of settings as it may be shown: with marks in the place of its secrets.
package enum ShownYAML {
    private static let mark = "<secret>"
    private static let depthMax = 32

    /// The file's settings in YAML's form, without its comments.
    package static func text(_ bytes: [UInt8]) throws -> String {
        guard let root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)) else {
            return ""
        }
        return try Yams.serialize(node: shown(root, depth: 0), allowUnicode: true)
    }

    private static func shown(_ node: Node, depth: Int) -> Node {
        guard depth < depthMax else { return Node(mark) }
        switch node {
        case .scalar(let scalar): return withoutPassword(scalar)
        case .sequence(let items): return Node(items.map { shown($0, depth: depth + 1) })
        case .mapping(let pairs):
            return Node(
                pairs.map { key, value in
                    let isSecret = key.string.map(isSecret) == true
                    return (key, isSecret ? hidden(value) : shown(value, depth: depth + 1))
                })
        case .alias: return Node(mark)
        }
    }

    /// Whether a key's value must not be shown; a path to a secret may be.
    private static func isSecret(_ key: String) -> Bool {
        let key = key.lowercased()
        guard !key.hasSuffix("_file"), !key.hasSuffix("_files") else { return false }
        return ["password", "secret", "token", "credentials", "api_key", "routing_key"]
            .contains { key.contains($0) }
    }

    /// A section keeps its keys: `credentials` and the like may also be names of sections.
    private static func hidden(_ node: Node) -> Node {
        switch node {
        case .mapping(let pairs):
            return Node(
                pairs.map { key, value in
                    let isPath = key.string?.hasSuffix("_file") == true
                    return (key, isPath ? value : hidden(value))
                })
        case .sequence(let items): return Node(items.map { _ in Node(mark) })
        default: return Node(mark)
        }
    }

    /// Addresses may have a password between a colon and an at sign.
    private static func withoutPassword(_ scalar: Node.Scalar) -> Node {
        let text = scalar.string
        guard let start = text.firstRange(of: "://")?.upperBound else { return .scalar(scalar) }
        let host = text[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = host.lastIndex(of: "@"), let colon = host[..<at].firstIndex(of: ":") else {
            return .scalar(scalar)
        }
        return Node(text[...colon] + mark + text[at...])
    }
}
