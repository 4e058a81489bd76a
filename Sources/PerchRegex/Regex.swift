/// A regular expression in RE2's syntax, compiled once and used from any task.
///
/// Named after what it is; inside of this package it stands before the standard library's type,
/// which no pattern from outside may reach.
package final class Regex: Sendable {
    /// The pattern as it was given.
    package let pattern: String
    private let program: RE2Program
    private let full: Strategy
    private let partial: Strategy
    /// Literals of which, group by group, at least one stands in every text in which the pattern
    /// matches, in all of it or in a part; empty when nothing is known.
    package let requiredLiterals: [[[UInt8]]]
    /// The bytes with which every text begins that matches as a whole; often none.
    package let literalPrefix: [UInt8]
    /// All texts that match as a whole, sorted by their bytes, when the pattern is a list of words.
    ///
    /// May hold the empty text.
    package let exactValues: [String]?

    /// Compiles a pattern.
    ///
    /// Prometheus' and Loki's matchers have a dot that matches newlines too.
    package init(
        _ pattern: String, dotMatchesNewline: Bool = true,
        patternByteCountMax: Int = Limits.patternByteCountMax,
        programByteCountMax: Int = Limits.programByteCountMax
    ) throws(RegexFailure) {
        let source = Array(pattern.utf8)
        guard source.count <= patternByteCountMax else {
            throw RegexFailure(
                message: "pattern of \(source.count) bytes; at most \(patternByteCountMax)")
        }
        let bytes = try PatternSource.forRE2(source)
        self.pattern = pattern
        program = try RE2Program(
            bytes, dotMatchesNewline: dotMatchesNewline, memory: programByteCountMax)
        let node = PatternParser.parse(bytes, dotMatchesNewline: dotMatchesNewline)
        full = Strategy(node, isAnchored: true)
        partial = Strategy(node, isAnchored: false)
        requiredLiterals = node?.requiredLiterals ?? []
        literalPrefix = node?.literalPrefix ?? []
        exactValues = full.exactWords?.map { String(decoding: $0, as: UTF8.self) }
    }

    /// How many capturing groups there are, group 0 not counted.
    package var groupCount: Int { program.groupCount }

    /// The names by group, group 0 first; nil where there is none.
    package var groupNames: [String?] { program.groupNames }

    /// Whether every text matches as a whole.
    package var matchesEverything: Bool {
        if case .always = full { return true }
        return false
    }

    /// Whether the pattern spans all of the text, as a label matcher asks.
    ///
    /// Where the text is not UTF-8, a dot of a plain pattern matches any byte, as Go has it.
    package func matchesFully(_ text: Span<UInt8>) -> Bool {
        full.matches(text, program, isAnchored: true)
    }

    /// Whether the pattern spans all of the text.
    package func matchesFully(_ text: String) -> Bool {
        text.withByteSpan { matchesFully($0) }
    }

    /// Whether the pattern matches anywhere in the text, as a search asks.
    package func matches(in text: Span<UInt8>) -> Bool {
        partial.matches(text, program, isAnchored: false)
    }

    /// Whether the pattern matches anywhere in the text.
    package func matches(in text: String) -> Bool {
        text.withByteSpan { matches(in: $0) }
    }

    /// The first match anywhere from an offset on; anchors see the text before the offset.
    package func firstMatch(in text: Span<UInt8>, from start: Int = 0) -> RegexMatch? {
        program.match(text, from: start, isAnchored: false)
    }

    /// The first match anywhere.
    package func firstMatch(in text: String) -> RegexMatch? {
        text.withByteSpan { firstMatch(in: $0) }
    }

    /// The match of all of the text, with its groups.
    package func fullMatch(_ text: Span<UInt8>) -> RegexMatch? {
        guard matchesFully(text) else { return nil }
        return program.match(text, from: 0, isAnchored: true)
    }

    /// The match of all of the text, with its groups.
    package func fullMatch(_ text: String) -> RegexMatch? {
        text.withByteSpan { fullMatch($0) }
    }
}
