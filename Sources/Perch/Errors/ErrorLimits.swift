/// What the error reports of a process may cost.
enum ErrorLimits {
    /// How the SDK names itself to a server.
    static let client = "perch.swift/0.1.0"
    /// Return addresses that are kept of a stack.
    static let framesMax = 128
    /// Of these, how many at the outer end.
    static let outerFramesMax = 24
    /// Stacks whose names are kept.
    static let knownStacksMax = 64
    /// Errors inside each other.
    static let chainMax = 8
    /// Bytes of one text of a report.
    static let textByteCountMax = 8 * 1024
    /// Log entries of which breadcrumbs are taken.
    static let ringCount = 512
    /// Tags, or extras, of one report.
    static let fieldsMax = 64
    /// Bytes of an answer of a server that are read.
    static let answerByteCountMax = 64 * 1024
    /// The longest rest that a server can ask for.
    static let restMax = Duration.seconds(24 * 3600)
    /// Reports of earlier processes that are looked at when a process starts.
    static let crashFilesMax = 16
    /// Bytes of one report of an earlier process.
    static let crashFileByteCountMax = 1 << 20
}
