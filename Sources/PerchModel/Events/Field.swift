/// A kind of events.
///
/// Each has its own retention; all share one store.
package enum Dataset: UInt8, Sendable, CaseIterable {
    case logs = 1
    case spans = 2

    /// The name in addresses and messages.
    package var name: String {
        switch self {
        case .logs: "logs"
        case .spans: "spans"
        }
    }
}

/// Who gave a field its name.
///
/// Two fields of one name in two spaces are two fields.
package enum FieldSpace: UInt8, Sendable, CaseIterable {
    /// Fields that the protocol itself defines; see ``RecordField``.
    case record = 0
    /// Attributes that the application chose.
    case attribute = 1
    /// Attributes of the sender, kept once a batch in ``Resource``; never a column.
    case resource = 2
}

/// The type of a column's values.
package enum ColumnKind: UInt8, Sendable, CaseIterable {
    /// 64-bit signed integers, in `ints`.
    case int = 1
    /// IEEE 754 doubles, in `doubles`.
    case double = 2
    /// 0 or 1, in `ints`.
    case bool = 3
    /// UTF-8 text, in `bytes`; bytes that are no UTF-8 are repaired when shown.
    case string = 4
    /// Bytes that are not text, shown as base64, in `bytes`.
    case bytes = 5
    /// An array or map as JSON text, in `bytes`.
    case json = 6
    /// A trace or span id, shown as lower-case hex, in `bytes`.
    case id = 7

    /// Whether values stand in `bytes` with `offsets`.
    package var isBytes: Bool { rawValue >= ColumnKind.string.rawValue }
}

/// One value out of a column, for the edges of the program; never used on the way in.
package enum FieldValue: Sendable, Hashable {
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case string(String)
    case bytes([UInt8])
    case json(String)
    case id([UInt8])

    /// Bytes on the heap, roughly.
    package var byteCount: Int {
        switch self {
        case .int, .double, .bool: 0
        case .string(let text), .json(let text): 32 + text.utf8.count
        case .bytes(let bytes), .id(let bytes): 32 + bytes.count
        }
    }

    /// The value as people read it.
    package var text: String {
        switch self {
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .string(let value), .json(let value): value
        case .bytes(let value): Base64.encode(value)
        case .id(let value): Hex.encode(value)
        }
    }
}

/// The fields of space ``FieldSpace/record``, by name.
///
/// Source: OpenTelemetry's log and trace data models; names are those of OTLP in snake case.
package enum RecordField {
    // Logs.
    package static let body = "body"
    package static let severityNumber = "severity_number"
    package static let severityText = "severity_text"
    package static let observedTime = "observed_time"
    package static let eventName = "event_name"
    // Both.
    package static let traceID = "trace_id"
    package static let spanID = "span_id"
    package static let flags = "flags"
    package static let scopeName = "scope_name"
    package static let scopeVersion = "scope_version"
    package static let droppedAttributes = "dropped_attributes_count"
    /// How many events a row stands for, where others of its kind were dropped at the door.
    ///
    /// A row without it stands for itself; see ``EventBatch/weight(ofRow:)``.
    package static let weight = "weight"
    /// JSON object of attributes that were too many, or had too long names.
    package static let overflow = "overflow"
    // Spans. The event's time is the start.
    package static let parentSpanID = "parent_span_id"
    package static let traceState = "trace_state"
    package static let name = "name"
    /// OTLP's SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    package static let kind = "kind"
    /// Nanoseconds, end minus start; negative when the span ends before it starts.
    package static let duration = "duration"
    /// OTLP's StatusCode: 0 unset, 1 ok, 2 error.
    package static let statusCode = "status_code"
    package static let statusMessage = "status_message"
    /// JSON array of `{"time":ns,"name":…,"attributes":{…}}`.
    package static let events = "events"
    /// JSON array of `{"trace_id":hex,"span_id":hex,"attributes":{…}}`.
    package static let links = "links"
    package static let droppedEvents = "dropped_events_count"
    package static let droppedLinks = "dropped_links_count"
}
