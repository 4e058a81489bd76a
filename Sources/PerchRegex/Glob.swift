/// A plain pattern: literals with gaps between them.
struct Glob: Equatable, Sendable {
    /// A gap of at least so many characters, 0 or 1, and the literal after it.
    struct Part: Equatable, Sendable {
        var gap: Int
        var literal: [UInt8]
    }

    /// What the text begins with, or all of it when there are no parts.
    var prefix: [UInt8] = []
    /// The last one's literal ends the text; it is empty when the pattern ends with a gap.
    var parts: [Part] = []

    /// Whether all of the text fits.
    ///
    /// Takes each literal where it first stands: later places leave less room for the rest. Text
    /// that is UTF-8 has no literal within a character, so a gap of one character is a gap of at
    /// least one byte.
    func matches(_ text: Span<UInt8>) -> Bool {
        guard let last = parts.last else { return text.equals(prefix) }
        guard text.starts(with: prefix) else { return false }
        var place = prefix.count
        for part in parts.dropLast() {
            guard let found = Needle.find(part.literal, in: text, from: place + part.gap) else {
                return false
            }
            place = found + part.literal.count
        }
        let end = text.count - last.literal.count
        return end >= place + last.gap && text.holds(last.literal, at: end)
    }

    /// The plain patterns that a node stands for, or nil when there is none or too many.
    ///
    /// `isAnchored` asks for those of a match of all of the text.
    static func all(_ node: PatternNode, isAnchored: Bool) -> [Glob]? {
        var byteCount = 0
        guard let runs = runs(node, &byteCount) else { return nil }
        var globs: [Glob] = []
        for run in runs {
            guard let glob = glob(of: run, isAnchored: isAnchored) else { return nil }
            globs.append(glob)
        }
        return globs
    }

    private typealias Run = [PatternNode]

    /// Multiplies out the alternations of a node.
    private static func runs(_ node: PatternNode, _ byteCount: inout Int) -> [Run]? {
        switch node {
        case .opaque: return nil
        case .literal, .anything, .begin, .end: return [[node]]
        case .choice(let nodes):
            var result: [Run] = []
            for node in nodes {
                guard let more = runs(node, &byteCount) else { return nil }
                result += more
                guard result.count <= Limits.wordsMax else { return nil }
            }
            return result
        case .sequence(let nodes):
            var result: [Run] = [[]]
            for node in nodes {
                guard let more = runs(node, &byteCount),
                    more.count * result.count <= Limits.wordsMax
                else { return nil }
                result = result.flatMap { left in more.map { left + $0 } }
                byteCount += result.reduce(0) { $0 + size($1) }
                guard byteCount <= Limits.globByteCountMax else { return nil }
            }
            return result
        }
    }

    private static func size(_ run: Run) -> Int {
        run.reduce(0) { sum, node in
            if case .literal(let bytes) = node { return sum + bytes.count }
            return sum + 1
        }
    }

    private static func glob(of run: Run, isAnchored: Bool) -> Glob? {
        var nodes = run[...]
        let beginsText = isAnchored || nodes.first == .begin
        let endsText = isAnchored || nodes.last == .end
        while nodes.first == .begin { nodes.removeFirst() }
        while nodes.last == .end { nodes.removeLast() }
        var glob = Glob()
        var gap: Int? = beginsText ? nil : 0
        for node in nodes {
            switch node {
            case .literal(let bytes):
                if let open = gap {
                    glob.parts.append(Part(gap: open, literal: bytes))
                } else if glob.parts.isEmpty {
                    glob.prefix += bytes
                } else {
                    glob.parts[glob.parts.count - 1].literal += bytes
                }
                gap = nil
            case .anything(let least):
                let sum = (gap ?? 0) + least
                // Two characters are not two bytes.
                guard sum <= 1 else { return nil }
                gap = sum
            default: return nil
            }
        }
        if !endsText { gap = gap ?? 0 }
        if let open = gap { glob.parts.append(Part(gap: open, literal: [])) }
        return glob
    }
}

extension Span<UInt8> {
    func equals(_ bytes: [UInt8]) -> Bool {
        count == bytes.count && holds(bytes, at: 0)
    }

    func starts(with bytes: [UInt8]) -> Bool {
        count >= bytes.count && holds(bytes, at: 0)
    }

    /// Whether `bytes` stand at a place; they must fit there.
    func holds(_ bytes: [UInt8], at place: Int) -> Bool {
        for index in bytes.indices where self[place + index] != bytes[index] { return false }
        return true
    }
}
