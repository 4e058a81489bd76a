import PerchModel

/// What a field of a line is for.
enum LineRole: Int, CaseIterable {
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
    /// An attribute of the sender; a line may have several.
    case sender
}

/// The names that loggers use, and which wins when a line has several of one role.
struct LineRoles {
    /// A role, and its rank: lower wins.
    struct Entry {
        var role: LineRole
        var rank: Int
        fileprivate var name: Range<Int>
    }

    private var names: [UInt8] = []
    private var entries: [Entry] = []
    /// One more than an entry's index; 0 is free.
    ///
    /// The count is a power of two, and over twice that of all names.
    private var slots = [UInt16](repeating: 0, count: 512)
    private var longest = 0
    private let seed = SeededHash.processSeed

    init(_ options: JSONLinesOptions) {
        // What a request names comes first, since the first of two equal names stays.
        for (role, fields) in [
            (LineRole.time, options.timeField), (.level, options.levelField),
            (.message, options.messageField),
        ] {
            for (rank, name) in (fields ?? "").split(separator: ",").enumerated() {
                add(String(name), role, rank: rank - Limits.maxMappedFields)
            }
        }
        for (role, names) in Self.usual {
            for (rank, name) in names.enumerated() { add(name, role, rank: rank) }
        }
        for name in SenderNames.attributes + options.senderFields.prefix(Limits.maxMappedFields) {
            add(name, .sender, rank: 0)
        }
    }

    /// The role of a name, or nil.
    func entry(_ name: Span<UInt8>) -> Entry? {
        guard name.count <= longest else { return nil }
        var slot = slot(of: name)
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.name.count == name.count,
                stands(name, in: names.span, at: entry.name.lowerBound)
            {
                return entry
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func add(_ name: String, _ role: LineRole, rank: Int) {
        let bytes = Array(name.utf8)
        guard entry(bytes.span) == nil, entries.count * 2 < slots.count else { return }
        var slot = slot(of: bytes.span)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        let start = names.count
        names.append(contentsOf: bytes)
        longest = max(longest, bytes.count)
        entries.append(Entry(role: role, rank: rank, name: start..<names.count))
        slots[slot] = UInt16(entries.count)
    }

    private func slot(of name: Span<UInt8>) -> Int {
        Int(truncatingIfNeeded: SeededHash.hash(name, seed: seed)) & (slots.count - 1)
    }

    /// pino, winston, bunyan, structlog, loguru, python-json-logger, zap, logrus, Serilog, hclog,
    /// journald, ECS, Google Cloud and OpenTelemetry.
    private static let usual: [(LineRole, [String])] = [
        (
            .time,
            [
                "@timestamp", "timestamp", "time", "ts", "Timestamp", "asctime", "datetime",
                "record.time.timestamp", "record.time.repr", "timeUnixNano", "_time", "@t",
                "__REALTIME_TIMESTAMP",
            ]
        ),
        (
            .level,
            [
                "level", "severity", "log.level", "levelname", "SeverityText", "severity_text",
                "lvl", "record.level.name", "loglevel", "log_level", "@l", "@level", "Level",
                "PRIORITY",
            ]
        ),
        (.severityNumber, ["SeverityNumber", "severity_number", "severityNumber"]),
        (
            .message,
            [
                "message", "msg", "record.message", "event", "Body", "body", "text", "log", "_msg",
                "@m", "@message", "RenderedMessage", "MESSAGE", "@mt", "MessageTemplate",
            ]
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
                "stack_trace", "exc_info", "exception", "stacktrace", "@x", "Exception",
            ]
        ),
    ]
}

/// What was found for the names seen last: lines repeat their names.
struct RoleCache {
    private static let placeCount = 128
    private static let nameByteCountMax = 32

    private struct Place {
        var byteCount = -1
        var entry: LineRoles.Entry?
    }

    private var places = [Place](repeating: Place(), count: placeCount)
    private var names = [UInt8](repeating: 0, count: placeCount * nameByteCountMax)

    private enum Known {
        case nothing
        case role(LineRoles.Entry?)
    }

    /// By the number of a name.
    private var byKey: [Known] = []

    /// The role of a name by its number, which is always the same; -1 is none.
    @inline(__always)
    mutating func entry(
        _ name: Span<UInt8>, key: Int32, _ roles: LineRoles
    ) -> LineRoles.Entry? {
        guard key >= 0 else { return entry(name, roles) }
        let key = Int(key)
        if key < byKey.count, case .role(let entry) = byKey[key] { return entry }
        while byKey.count <= key { byKey.append(.nothing) }
        let entry = roles.entry(name)
        byKey[key] = .role(entry)
        return entry
    }

    /// The role of a name, which is not empty, or nil; `roles` are the same each time.
    mutating func entry(_ name: Span<UInt8>, _ roles: LineRoles) -> LineRoles.Entry? {
        let count = name.count
        guard count > 0, count <= Self.nameByteCountMax else { return roles.entry(name) }
        let (first, middle, last) = (name[0], name[count / 2], name[count - 1])
        let place =
            (Int(first) &+ Int(middle) &* 5 &+ Int(last) &* 17 &+ count &* 29)
            & (Self.placeCount - 1)
        let start = place * Self.nameByteCountMax
        if places[place].byteCount == count, stands(name, in: names.span, at: start) {
            return places[place].entry
        }
        let entry = roles.entry(name)
        places[place] = Place(byteCount: count, entry: entry)
        for index in 0..<count { names[start + index] = name[index] }
        return entry
    }
}
