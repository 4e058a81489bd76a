/// How the fields of a log line are called (LOG-6).
///
/// Call sites write one name; each service may show another.
public struct LogFields: Sendable, Hashable {
    /// When it was.
    public var timestamp = "timestamp"
    /// How bad it is.
    public var level = "level"
    /// What happened.
    public var message = "message"
    /// Who says it.
    public var service = "service"
    /// Where it runs.
    public var environment = "env"
    /// The logger's label.
    public var logger = "logger"
    /// The request.
    public var requestID = "request_id"
    /// The job.
    public var jobID = "job_id"
    /// The user.
    public var userID = "user_id"
    /// The trace.
    public var traceID = "trace_id"
    /// The span.
    public var spanID = "span_id"
    /// The error, an object of type and message.
    public var error = "error"
    /// The name of an object that holds the metadata; nil puts them beside the other fields.
    public var metadata: String?
    /// Names of metadata, by the name at the call site.
    public var renamed: [String: String] = [:]
    /// Whether names of metadata become camel case or snake case.
    public var letterCase = LetterCase.asWritten

    /// What happens to names of metadata.
    public enum LetterCase: Sendable, Hashable {
        case asWritten
        case snake
        case camel
    }

    /// Makes the defaults.
    public init() {}

    /// `request_id`, `duration_ms` (LOG-2).
    public static var snakeCase: LogFields {
        var fields = LogFields()
        fields.letterCase = .snake
        return fields
    }

    /// `requestId`, `durationMs` (LOG-3, LOG-4, LOG-5).
    public static var camelCase: LogFields {
        var fields = LogFields()
        fields.requestID = "requestId"
        fields.jobID = "jobId"
        fields.userID = "userId"
        fields.traceID = "traceId"
        fields.spanID = "spanId"
        fields.letterCase = .camel
        return fields
    }

    /// The name under which metadata `key` are shown.
    func name(of key: String) -> String {
        if let own = renamed[key] { return own }
        switch letterCase {
        case .asWritten: return key
        case .snake: return Self.snake(key)
        case .camel: return Self.camel(key)
        }
    }

    private static func snake(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5a || $0 == 0x2d }) else {
            return key
        }
        var name = ""
        var wasLower = false
        for character in key {
            if character == "-" {
                name.append("_")
                wasLower = false
            } else if character.isUppercase {
                if wasLower { name.append("_") }
                name += character.lowercased()
                wasLower = false
            } else {
                name.append(character)
                wasLower = character != "_" && character != "."
            }
        }
        return name
    }

    private static func camel(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == 0x5f || $0 == 0x2d }) else { return key }
        var name = ""
        var raisesNext = false
        for character in key {
            if character == "_" || character == "-" {
                raisesNext = !name.isEmpty
            } else {
                name += raisesNext ? character.uppercased() : String(character)
                raisesNext = false
            }
        }
        return name
    }
}
