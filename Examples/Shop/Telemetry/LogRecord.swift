/// Severities of the log; raw values are the first numbers of OTLP's ranges.
enum Severity: Int, Sendable {
    case trace = 1
    case debug = 5
    case info = 9
    case warn = 13
    case error = 17
    case fatal = 21

    var text: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warn: "WARN"
        case .error: "ERROR"
        case .fatal: "FATAL"
        }
    }
}

/// A log record as it is exported.
struct LogRecord: Sendable {
    let service: Int
    let time: Int64
    let severity: Severity
    let body: String
    let eventName: String?
    let attributes: Attributes
    let context: TraceContext?
}
