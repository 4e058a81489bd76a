/// What is understood of a pattern.
///
/// Conservative: what is not understood is ``opaque``, or makes all of the pattern unknown.
indirect enum PatternNode: Equatable {
    /// These bytes; never empty.
    case literal([UInt8])
    /// `.*` or `.+`, with a dot that matches every character.
    case anything(atLeast: Int)
    /// Matches something, perhaps the empty text.
    case opaque
    /// The beginning of the text.
    case begin
    /// The end of the text.
    case end
    case sequence([PatternNode])
    case choice([PatternNode])

    static let empty = PatternNode.sequence([])

    /// Literals of which at least one of each group stands in every text that matches.
    var requiredLiterals: [[[UInt8]]] {
        switch self {
        case .literal(let bytes): return [[bytes]]
        case .anything, .opaque, .begin, .end: return []
        case .sequence(let nodes):
            return Self.joined(nodes).flatMap(\.requiredLiterals)
        case .choice(let nodes):
            var group: [[UInt8]] = []
            for node in nodes {
                guard let best = Self.best(node.requiredLiterals) else { return [] }
                group += best
                guard group.count <= Limits.globsMax else { return [] }
            }
            return [group]
        }
    }

    /// The bytes that every text begins with that matches as a whole; often none.
    var literalPrefix: [UInt8] {
        switch self {
        case .literal(let bytes): return bytes
        case .anything, .opaque, .begin, .end: return []
        case .sequence(let nodes):
            let nodes = Self.joined(nodes).drop { $0 == .begin }
            return nodes.first?.literalPrefix ?? []
        case .choice(let nodes):
            guard var common = nodes.first?.literalPrefix else { return [] }
            for node in nodes.dropFirst() {
                let other = node.literalPrefix
                common = Array(zip(common, other).prefix { $0 == $1 }.map(\.0))
            }
            return common
        }
    }

    /// The group whose shortest literal is longest: what narrows most.
    private static func best(_ groups: [[[UInt8]]]) -> [[UInt8]]? {
        groups.max { shortest($0) < shortest($1) }
    }

    private static func shortest(_ group: [[UInt8]]) -> Int {
        group.map(\.count).min() ?? 0
    }

    /// Flattens sequences within the sequence and joins literals that follow each other.
    private static func joined(_ nodes: [PatternNode]) -> [PatternNode] {
        var result: [PatternNode] = []
        func add(_ node: PatternNode) {
            switch (node, result.last) {
            case (.sequence(let inner), _): inner.forEach(add)
            case (.literal(let next), .literal(let last)?):
                result[result.count - 1] = .literal(last + next)
            default: result.append(node)
            }
        }
        nodes.forEach(add)
        return result
    }
}
