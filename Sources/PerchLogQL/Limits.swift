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
}
