import PerchModel

/// What a tag asked for means among the fields of a span.
///
/// The tags that ``JaegerTraceWriter`` makes of record fields are asked of these; any other is an
/// attribute of the span or of its sender, and those that semantic conventions give to events are
/// looked for there too.
enum JaegerTagCondition {
    static func predicate(_ key: String, _ value: String) -> EventPredicate {
        let ownAttribute = EventPredicate.equals(FieldReference(key, space: .attribute), value)
        switch key {
        case "span.kind":
            guard let kind = SpanWords.kind(named: value) else { return ownAttribute }
            return .equals(TraceSearch.field(RecordField.kind), String(kind))
        case "otel.status_code":
            guard let status = SpanWords.status(named: value) else { return ownAttribute }
            return .equals(TraceSearch.field(RecordField.statusCode), String(status))
        case "error":
            let failed = EventPredicate.equals(TraceSearch.field(RecordField.statusCode), "2")
            return value == "true" ? .or([failed, ownAttribute]) : ownAttribute
        case "otel.status_description": return record(RecordField.statusMessage, value)
        case "otel.scope.name", "otel.library.name": return record(RecordField.scopeName, value)
        case "otel.scope.version", "otel.library.version":
            return record(RecordField.scopeVersion, value)
        case "w3c.tracestate": return record(RecordField.traceState, value)
        default: break
        }
        var places = [
            ownAttribute, .equals(FieldReference(key, space: .resource), value),
        ]
        if key == "event" {
            places.append(inEvents("name", value))
        } else if key.hasPrefix("exception.") {
            places.append(inEvents(key, value))
        }
        return .or(places)
    }

    private static func record(_ name: String, _ value: String) -> EventPredicate {
        .equals(TraceSearch.field(name), value)
    }

    /// A member of an event, by the JSON text that events are kept as.
    private static func inEvents(_ name: String, _ value: String) -> EventPredicate {
        .containsExactly(
            TraceSearch.field(RecordField.events),
            JSONText.string(name) + ":" + JSONText.string(value))
    }
}
