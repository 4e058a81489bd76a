/// The numbers of this target, in one place.
package enum Limits {
    /// The longest pattern.
    ///
    /// A dashboard's variable with all of a thousand instances is about 30 KB.
    package static let patternByteCountMax = 64 * 1024
    /// What RE2 may hold for one pattern: its program, and the states it keeps while it matches.
    ///
    /// RE2's own default, in which every literal pattern of the greatest length fits.
    package static let programByteCountMax = 8 << 20
    /// Plain patterns that one pattern may stand for; one with more goes to RE2.
    static let globsMax = 256
    /// The same for an alternation of words, which is looked up in a set.
    static let wordsMax = 8_192
    /// The bytes of all of them.
    static let globByteCountMax = 256 * 1024
    /// Words that are compared one after the other rather than looked up.
    static let comparedWordsMax = 8
    /// The largest class of characters, as `[abc]`, that is written out as an alternation.
    static let classCharactersMax = 16
    /// How deep groups nest in what is read here; deeper ones are left to RE2.
    static let depthMax = 32
    /// The bytes that a template's expansion may grow to.
    static let expansionByteCountMax = 1 << 20
    /// Room for RE2's text of an error.
    static let errorByteCountMax = 512
}
