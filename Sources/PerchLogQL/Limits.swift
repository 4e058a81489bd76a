/// The bounds of the search language.
package enum Limits {
    /// Characters of one search.
    ///
    /// Longer texts are pasted by mistake, and every term costs a scan.
    package static let searchCharactersMax = 4_096
    /// Parentheses and negations inside each other; the parser recurses once for each.
    package static let nestingMax = 32
    /// Terms of one search.
    package static let termsMax = 200
    /// Bytes of a text that may read as a duration or a size.
    static let quantityByteCountMax = 64
    /// Groups of one question: about what an answer of some hundred megabytes holds.
    package static let groupCountMax = 2_000_000

    // MARK: LogQL

    /// Bytes of a query in LogQL; generated dashboards reach some 20 KB.
    package static let logQLByteCountMax = 256 << 10
    /// Expressions within each other: each takes some frames of the stack.
    static let logQLNestingMax = 100
    /// Parts of a query: each may make a tree one level higher.
    static let logQLNodesMax = 400
    /// Blocks and parentheses of a template within each other.
    static let templateDepthMax = 40
    /// Tokens of one action of a template.
    static let templateTokensMax = 500
    /// Digits after the point that a template may ask for.
    static let templateDigitsMax = 100
    /// Characters of a layout of times.
    static let layoutCharactersMax = 200
    /// Objects and arrays of a line within each other.
    static let jsonDepthMax = 64
}
