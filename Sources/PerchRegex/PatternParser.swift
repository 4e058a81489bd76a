/// Reads the part of RE2's syntax that quick ways are made of.
///
/// Runs only on patterns that RE2 has taken, so it need not find mistakes; nil where it meets
/// what it does not know. Source: RE2's `doc/syntax.txt`.
struct PatternParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private let dotMatchesNewline: Bool

    private init(_ bytes: [UInt8], dotMatchesNewline: Bool) {
        self.bytes = bytes
        self.dotMatchesNewline = dotMatchesNewline
    }

    static func parse(_ pattern: [UInt8], dotMatchesNewline: Bool) -> PatternNode? {
        var parser = PatternParser(pattern, dotMatchesNewline: dotMatchesNewline)
        guard let node = parser.choice(), parser.position == pattern.count else { return nil }
        return node
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func next(is text: StaticString) -> Bool {
        let wanted = Array("\(text)".utf8)
        return bytes[position...].starts(with: wanted)
    }

    private mutating func choice() -> PatternNode? {
        var branches: [PatternNode] = []
        repeat {
            if !branches.isEmpty { position += 1 }
            guard let branch = sequence() else { return nil }
            branches.append(branch)
        } while next == UInt8(ascii: "|")
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() -> PatternNode? {
        var nodes: [PatternNode] = []
        // A run of characters becomes one literal: patterns are long lists of words.
        var run: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let node = repeated() else { return nil }
            if case .literal(let bytes) = node {
                run += bytes
                continue
            }
            if !run.isEmpty { nodes.append(.literal(run)) }
            run = []
            nodes.append(node)
        }
        if !run.isEmpty { nodes.append(.literal(run)) }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// One thing and what says how often.
    private mutating func repeated() -> PatternNode? {
        let isDot = next == UInt8(ascii: ".")
        guard let node = atom() else { return nil }
        guard let quantifier = quantifier() else { return node }
        if isAtQuantifier { return nil }
        switch (quantifier, isDot && dotMatchesNewline) {
        case (.star, true): return .anything(atLeast: 0)
        case (.plus, true): return .anything(atLeast: 1)
        case (.optional, false): return .choice([node, .empty])
        case (.plus, false): return .sequence([node, .opaque])
        default: return .opaque
        }
    }

    private enum Quantifier {
        case star
        case plus
        case optional
        case count
    }

    private var isAtQuantifier: Bool {
        guard let next else { return false }
        return next == UInt8(ascii: "*") || next == UInt8(ascii: "+") || next == UInt8(ascii: "?")
            || endOfCount != nil
    }

    /// A quantifier, and the question mark that makes it lazy: whether there is a match does not
    /// depend on that.
    private mutating func quantifier() -> Quantifier? {
        let result: Quantifier
        switch next {
        case UInt8(ascii: "*"): result = .star
        case UInt8(ascii: "+"): result = .plus
        case UInt8(ascii: "?"): result = .optional
        default:
            guard let end = endOfCount else { return nil }
            position = end
            result = .count
        }
        if result != .count { position += 1 }
        if next == UInt8(ascii: "?") { position += 1 }
        return result
    }

    /// Where `{n}`, `{n,}` or `{n,m}` ends that begins here; any other brace is a literal.
    private var endOfCount: Int? {
        guard next == UInt8(ascii: "{") else { return nil }
        var place = position + 1
        func digits() -> Bool {
            let start = place
            while place < bytes.count, Self.isDigit(bytes[place]) { place += 1 }
            return place > start
        }
        guard digits(), place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: ",") {
            place += 1
            _ = digits()
        }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "}") else { return nil }
        return place + 1
    }

    private mutating func atom() -> PatternNode? {
        guard let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "("): return group()
        case UInt8(ascii: "["): return characterClass()
        case UInt8(ascii: "\\"): return escape()
        case UInt8(ascii: "."):
            position += 1
            return .opaque
        case UInt8(ascii: "^"):
            position += 1
            return .begin
        case UInt8(ascii: "$"):
            position += 1
            return .end
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
        default: return character()
        }
    }

    /// One character, all of its bytes: what a quantifier after it repeats.
    private mutating func character() -> PatternNode {
        let start = position
        position += 1
        while let byte = next, byte & 0xc0 == 0x80 { position += 1 }
        return .literal(Array(bytes[start..<position]))
    }

    private mutating func group() -> PatternNode? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.depthMax else { return nil }
        if next(is: "(?:") {
            position += 3
        } else if next(is: "(?s:"), dotMatchesNewline {
            position += 4
        } else if next(is: "(?s)"), dotMatchesNewline {
            position += 4
            return .empty
        } else if next(is: "(?P<") {
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
            position = end + 1
        } else if next(is: "(?") {
            return nil
        } else {
            position += 1
        }
        guard let node = choice(), next == UInt8(ascii: ")") else { return nil }
        position += 1
        return node
    }

    private mutating func escape() -> PatternNode? {
        position += 1
        guard let byte = next else { return nil }
        if byte == UInt8(ascii: "Q") { return quoted() }
        position += 1
        switch byte {
        case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "w"), UInt8(ascii: "W"),
            UInt8(ascii: "s"), UInt8(ascii: "S"), UInt8(ascii: "b"), UInt8(ascii: "B"):
            return .opaque
        case UInt8(ascii: "A"): return .begin
        case UInt8(ascii: "z"): return .end
        case UInt8(ascii: "n"): return .literal([0x0a])
        case UInt8(ascii: "t"): return .literal([0x09])
        case UInt8(ascii: "r"): return .literal([0x0d])
        case UInt8(ascii: "f"): return .literal([0x0c])
        case UInt8(ascii: "v"): return .literal([0x0b])
        case UInt8(ascii: "a"): return .literal([0x07])
        default: return Self.isPunctuation(byte) ? .literal([byte]) : nil
        }
    }

    /// `\Q…\E`, where a quantifier after it would repeat the last character only.
    private mutating func quoted() -> PatternNode? {
        position += 1
        let start = position
        while position < bytes.count, !next(is: "\\E") { position += 1 }
        let text = Array(bytes[start..<position])
        if position < bytes.count { position += 2 }
        if isAtQuantifier { return nil }
        return text.isEmpty ? .empty : .literal(text)
    }

    /// A class; one of a few plain characters is the same as an alternation of them.
    private mutating func characterClass() -> PatternNode? {
        position += 1
        var characters: [PatternNode]? = []
        if next == UInt8(ascii: "^") {
            characters = nil
            position += 1
        }
        let start = position
        while let byte = next, byte != UInt8(ascii: "]") || position == start {
            if next(is: "[:") {
                guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "]")) else {
                    return nil
                }
                characters = nil
                position = end + 1
            } else if byte == UInt8(ascii: "\\") {
                guard position + 1 < bytes.count else { return nil }
                let escaped = bytes[position + 1]
                if Self.isPunctuation(escaped) {
                    characters?.append(.literal([escaped]))
                } else {
                    characters = nil
                }
                position += 2
            } else if byte == UInt8(ascii: "-") {
                characters = nil
                position += 1
            } else {
                characters?.append(character())
                if characters == nil { position += 1 }
            }
        }
        guard next == UInt8(ascii: "]") else { return nil }
        position += 1
        guard let characters, characters.count <= Limits.classCharactersMax else { return .opaque }
        return characters.count == 1 ? characters[0] : .choice(characters)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Whether a backslash before the character makes it itself.
    private static func isPunctuation(_ byte: UInt8) -> Bool {
        let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        return byte < 0x80 && !isLetter && !isDigit(byte)
    }
}
