import PerchWire

extension ProtoWriter {
    /// A log record as `LogRecord` in field 2 of `ScopeLogs`.
    ///
    /// Source: opentelemetry-proto, logs/v1.
    mutating func logRecord(_ entry: LogEntry) {
        message(field: 2) { writer in
            let time = UInt64(clamping: entry.time)
            writer.fixed64(field: 1, time)
            writer.varint(field: 2, entry.level.severityNumber)
            writer.text(field: 3, entry.level.text)
            writer.message(field: 5) { $0.text(field: 1, entry.message) }
            if let id = entry.work?.requestID {
                writer.attribute(field: 6, "request_id", id)
            }
            if let id = entry.work?.jobID { writer.attribute(field: 6, "job_id", id) }
            if let id = entry.work?.userID { writer.attribute(field: 6, "user_id", id) }
            if let error = entry.error {
                writer.attribute(field: 6, "exception.type", error.type)
                writer.attribute(field: 6, "exception.message", error.message)
                if !error.stack.isEmpty {
                    writer.attribute(field: 6, "exception.stacktrace", error.stack)
                }
            }
            let fields = entry.fields.span
            for place in fields.indices {
                writer.attribute(field: 6, fields[place].key, fields[place].value)
            }
            if let span = entry.span {
                writer.fixed32(field: 8, span.isSampled ? 1 : 0)
                writer.id(field: 9, span.traceID)
                writer.id(field: 10, span.spanID)
            }
            writer.fixed64(field: 11, time)
        }
    }
}
