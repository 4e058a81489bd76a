package import PerchIngest
import Yams

/// Why YAML could not be read, beyond what the library itself finds.
package struct UnreadableYAML: Error, CustomStringConvertible {
    package var description: String
}

/// Reads YAML, and so JSON, into the nodes that the scraper's settings are read from.
package enum SettingsYAML {
    /// How deep a file may nest, and how many nodes it may become: an alias repeats what it names.
    private static let depthMax = 32
    private static let nodesMax = 1_000_000

    /// The root of a file; null for an empty one.
    package static func node(_ bytes: [UInt8]) throws -> SettingsNode {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UnreadableYAML(description: "the file is not UTF-8 text")
        }
        guard let root = try Yams.compose(yaml: text) else { return SettingsNode(.null) }
        var count = 0
        return try convert(root, depth: 0, &count)
    }

    private static func convert(
        _ node: Node, depth: Int, _ count: inout Int
    ) throws -> SettingsNode {
        count += 1
        guard depth <= depthMax, count <= nodesMax else {
            throw UnreadableYAML(
                description: "line \(node.mark?.line ?? 0): nested too deep or too long")
        }
        let value: SettingsNode.Value
        switch node {
        case .scalar(let scalar):
            value = node.null == nil ? .scalar(scalar.string) : .null
        case .sequence(let items):
            value = .list(try items.map { try convert($0, depth: depth + 1, &count) })
        case .mapping(let pairs):
            value = .map(
                try pairs.map {
                    (
                        key: try convert($0.key, depth: depth + 1, &count),
                        value: try convert($0.value, depth: depth + 1, &count)
                    )
                })
        case .alias: throw UnreadableYAML(description: "an alias of nothing")
        }
        return SettingsNode(
            value, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }
}
