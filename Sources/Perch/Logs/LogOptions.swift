public import Logging

/// What an application chooses about its logs.
public struct LogOptions: Sendable {
    /// How lines look.
    public enum Format: String, Sendable {
        /// One JSON object a line (LOG-1).
        case json
        /// For people at a terminal.
        case text
        /// ``text`` with colours.
        case color
        /// No lines: what is logged is exported only.
        case none
    }

    /// Less important lines are not written.
    public var level = Logger.Level.info
    /// How lines look.
    public var format = Format.json
    /// How fields are called.
    public var fields = LogFields.snakeCase
    /// Fields of each line, such as a version (LOG-10).
    public var base: [String: String] = [:]
    /// Elements of an array or map that are shown; the rest is counted (LOG-20, CAR-2).
    public var elementsMax = 5
    /// Bytes of a text; longer ones are cut.
    public var textByteCountMax = 32 * 1024
    /// Metadata inside each other.
    public var depthMax = 8
    /// What must not leave.
    public var redaction = Redaction()
    /// What holds instead of ``redaction`` for lines of an event, by its name: the value of the
    /// field `event` or `security_event`, or the message (RED-8).
    ///
    ///     options.logs.redactionByEvent["login"] = allowingMail
    public var redactionByEvent: [String: Redaction] = [:]
    /// What is left out to save volume.
    public var sampling = LogSampling()

    /// Makes the defaults.
    public init() {}
}
