/// A pattern that a text satisfies or not, made by whoever knows how to read such patterns.
///
/// Two of one `pattern` are the same: who makes them gives each meaning a text of its own.
package struct TextPattern: Sendable, Hashable, CustomStringConvertible {
    /// What it means, for comparing and for messages.
    package let pattern: String
    /// Each of these stands in every text that satisfies it, letter case included.
    ///
    /// A store need not test what has not all of them.
    package let literals: [String]
    private let test: @Sendable (Span<UInt8>) -> Bool

    package init(
        _ pattern: String, literals: [String] = [], test: @escaping @Sendable (Span<UInt8>) -> Bool
    ) {
        self.pattern = pattern
        self.literals = literals
        self.test = test
    }

    /// Whether a text satisfies the pattern.
    package func holds(_ text: Span<UInt8>) -> Bool { test(text) }

    package static func == (left: TextPattern, right: TextPattern) -> Bool {
        left.pattern == right.pattern
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(pattern) }

    package var description: String { "/\(pattern)/" }
}
