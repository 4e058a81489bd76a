/// What a field of a line is for.
enum LineRole: Hashable {
    case time
    case level
    case severityNumber
    case message
    case traceID
    case spanID
    case service
    case exceptionType
    case exceptionMessage
    case exceptionStack
}

/// The names that loggers use, and which wins when a line has several of one role.
struct LineRoles {
    /// A role, and its rank: lower wins.
    struct Entry {
        var name: [UInt8]
        var role: LineRole
        var rank: Int
    }

    private var entries: [UInt64: Entry] = [:]

    init(_ options: JSONLinesOptions) {
        for (role, names) in Self.usual {
            for (rank, name) in names.enumerated() { add(name, role, rank: rank) }
        }
        if let name = options.timeField { add(name, .time, rank: -1) }
        if let name = options.levelField { add(name, .level, rank: -1) }
        if let name = options.messageField { add(name, .message, rank: -1) }
    }

    /// The role of a name, or nil.
    func entry(_ names: [UInt8], _ range: Range<Int>) -> Entry? {
        guard let entry = entries[Self.hash(names[range])],
            entry.name.elementsEqual(names[range])
        else { return nil }
        return entry
    }

    private mutating func add(_ name: String, _ role: LineRole, rank: Int) {
        let bytes = Array(name.utf8)
        entries[Self.hash(bytes[...])] = Entry(name: bytes, role: role, rank: rank)
    }

    private static func hash(_ name: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// pino, winston, bunyan, structlog, loguru, python-json-logger, zap, logrus, ECS, Google Cloud
    /// and OpenTelemetry.
    private static let usual: [(LineRole, [String])] = [
        (
            .time,
            [
                "@timestamp", "timestamp", "time", "ts", "Timestamp", "asctime", "datetime",
                "record.time.timestamp", "record.time.repr", "timeUnixNano",
            ]
        ),
        (
            .level,
            [
                "level", "severity", "log.level", "levelname", "SeverityText", "severity_text",
                "lvl", "record.level.name", "loglevel",
            ]
        ),
        (.severityNumber, ["SeverityNumber", "severity_number", "severityNumber"]),
        (
            .message,
            ["message", "msg", "record.message", "event", "Body", "body", "text", "log"]
        ),
        (
            .traceID,
            [
                "trace_id", "traceId", "TraceId", "trace.id", "traceID", "otelTraceID",
                "logging.googleapis.com/trace", "record.extra.trace_id", "dd.trace_id",
            ]
        ),
        (
            .spanID,
            [
                "span_id", "spanId", "SpanId", "span.id", "spanID", "otelSpanID",
                "logging.googleapis.com/spanId", "record.extra.span_id", "dd.span_id",
            ]
        ),
        (.service, ["service.name", "service", "service_name", "record.extra.service"]),
        (.exceptionType, ["exception.type", "err.type", "err.name", "error.type", "error.name"]),
        (.exceptionMessage, ["exception.message", "err.message", "error.message"]),
        (
            .exceptionStack,
            [
                "exception.stacktrace", "err.stack", "error.stack_trace", "error.stack", "stack",
                "stack_trace", "exc_info", "exception", "stacktrace",
            ]
        ),
    ]
}
