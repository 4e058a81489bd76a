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
    /// Alternatives of a pattern that are looked for one by one.
    static let wordsComparedMax = 64
    /// Lines of one answer, and what is given when nothing is asked for.
    package static let linesMax = 5_000
    package static let linesDefault = 100
    /// Points of each series of an answer, as Loki limits them.
    package static let pointsPerSeriesMax = 11_000
    /// Numbers that a query may hold at once: series times steps, or values that were unwrapped.
    static let cellsMax = 30_000_000
    /// Bytes of lines and labels that an answer may have.
    static let answerByteCountMax = 256 << 20
    /// Threads that read for one query.
    static let readersMax = 2
    /// How long a query may run.
    package static let logQLSeconds: Int64 = 120
    /// Names that parsers found and that are known by numbers; beyond, it is begun anew.
    static let labelNamesMax = 8_192
    /// Labels that a parser takes from one line.
    static let labelsOfLineMax = 1_000
    /// Bytes that a template may make of one line.
    static let templateByteCountMax = 1 << 20
    /// Nodes of a template that run for one line.
    static let templateStepsMax = 10_000

    /// Labels that are told of lines, and bytes of their values.
    static let detectedFieldsMax = 1_000
    static let detectedByteCountMax = 16 << 20
    /// Lines that forms are told of.
    static let patternLinesMax = 100_000

    // MARK: Questions behind a search

    /// Questions and steps behind a search.
    static let pipesMax = 20
    /// Fields that one of them names.
    static let pipeFieldsMax = 50
    /// Figures of one question.
    static let aggregationsMax = 20
    /// Rows of an answer.
    package static let resultRowsMax = 10_000
    /// Rows of an answer when nobody said how many.
    package static let resultRowsDefault = 1_000
    /// Groups of a question, times included.
    static let questionGroupsMax = 200_000
    /// Values that `distinct` tells apart in one question.
    static let distinctValuesMax = 1_000_000
    /// Values that a quantile of one group is computed from exactly; of more it is estimated.
    static let exactValuesMax = 10_000
    /// The same for all groups together.
    static let exactValuesTotalMax = 1_000_000
    /// Stretches of time of one answer.
    static let bucketsMax = 11_000
    /// Stretches of time that are aimed at when nobody said how long.
    static let bucketsDefault = 60
    /// Different forms of messages that are kept apart.
    static let patternsMax = 10_000
    /// Bytes of a message that its form is made of.
    static let patternByteCountMax = 1_000
    /// Bytes of the rows of an answer.
    static let answerRowsByteCountMax = 64 << 20
}
