/// How a question about a pattern is answered: by the quickest way that gives RE2's answer.
enum Strategy: Sendable {
    /// Every text.
    case always
    /// One of a few words.
    case words([[UInt8]])
    /// One of many words, sorted by their length, then by their bytes.
    case sortedWords([[UInt8]])
    /// One of some plain patterns.
    case globs([Glob])
    /// RE2, after a look for the literals that must be there.
    case program(required: [[UInt8]])

    init(_ node: PatternNode?, isAnchored: Bool) {
        guard let node else {
            self = .program(required: [])
            return
        }
        let globs = Glob.all(node, isAnchored: isAnchored) ?? []
        let anything = Glob(parts: [Glob.Part(gap: 0, literal: [])])
        if globs.contains(anything) {
            self = .always
        } else if !globs.isEmpty, globs.allSatisfy({ $0.parts.isEmpty }) {
            let words = globs.map(\.prefix)
            self =
                words.count <= Limits.comparedWordsMax
                ? .words(words) : .sortedWords(Self.sorted(words))
        } else if !globs.isEmpty, globs.count <= Limits.globsMax {
            self = .globs(globs)
        } else {
            self = .program(
                required: node.requiredLiterals.compactMap { $0.count == 1 ? $0.first : nil })
        }
    }

    /// The words, each once, in the order of their bytes, when nothing else matches.
    var exactWords: [[UInt8]]? {
        switch self {
        case .words(let words), .sortedWords(let words):
            var result = words.sorted { $0.lexicographicallyPrecedes($1) }
            var last: [UInt8]?
            result.removeAll { word in
                defer { last = word }
                return word == last
            }
            return result
        case .always, .globs, .program: return nil
        }
    }

    func matches(_ text: Span<UInt8>, _ program: RE2Program, isAnchored: Bool) -> Bool {
        switch self {
        case .always: return true
        case .words(let words):
            for word in words where text.equals(word) { return true }
            return false
        case .sortedWords(let words): return Self.contains(words, text)
        case .globs(let globs):
            for glob in globs where glob.matches(text) { return true }
            return false
        case .program(let required):
            for literal in required where Needle.find(literal, in: text, from: 0) == nil {
                return false
            }
            return program.matches(text, isAnchored: isAnchored)
        }
    }

    /// Shorter words first, so that most comparisons look at no byte.
    private static func sorted(_ words: [[UInt8]]) -> [[UInt8]] {
        words.sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1)
        }
    }

    private static func contains(_ words: [[UInt8]], _ text: Span<UInt8>) -> Bool {
        var low = 0
        var high = words.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(words[middle], text)
            if order == 0 { return true }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return false
    }

    /// Negative when the word is before the text in that order, 0 when equal.
    private static func compare(_ word: [UInt8], _ text: Span<UInt8>) -> Int {
        guard word.count == text.count else { return word.count - text.count }
        for index in word.indices where word[index] != text[index] {
            return Int(word[index]) - Int(text[index])
        }
        return 0
    }
}
