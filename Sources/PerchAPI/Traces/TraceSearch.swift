import PerchModel

/// Which traces are looked for: those with a span that satisfies all of this.
struct TraceSearch: Sendable {
    /// Which traces come first.
    enum Order: String, CaseIterable, Sendable {
        /// By the start of the newest span that satisfies.
        case newest
        /// By the duration of the slowest span that satisfies.
        case slowest
    }

    /// The start of the span, nanoseconds since 1970.
    var times: Range<Int64>
    var service: String?
    var operation: String?
    /// Nanoseconds, inclusive.
    var durationMin: Int64?
    /// Nanoseconds, inclusive.
    var durationMax: Int64?
    /// OTLP's StatusCode.
    var status: Int64?
    /// Only spans without a parent.
    var isRootOnly = false
    /// Further conditions.
    var conditions: [EventPredicate] = []
    var order = Order.newest
    var limit = Limits.tracesDefault

    init(times: Range<Int64>) {
        self.times = times
    }

    /// What a span must satisfy, the cheapest conditions first.
    var predicate: EventPredicate {
        var parts: [EventPredicate] = []
        if let service { parts.append(Self.isOf(service: service)) }
        if let operation { parts.append(.equals(Self.field(RecordField.name), operation)) }
        let duration = Self.field(RecordField.duration)
        if let durationMin {
            parts.append(.compares(duration, .greaterOrEqual, Double(durationMin)))
        }
        if let durationMax { parts.append(.compares(duration, .lessOrEqual, Double(durationMax))) }
        if let status { parts.append(.equals(Self.field(RecordField.statusCode), String(status))) }
        if isRootOnly { parts.append(.not(.exists(Self.field(RecordField.parentSpanID)))) }
        parts += conditions
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .all : .and(parts)
    }

    /// Spans of a service; those of a sender without a name are of ``Resource/service``'s.
    static func isOf(service: String) -> EventPredicate {
        let field = FieldReference("service.name", space: .resource)
        guard service == Resource([]).service else { return .equals(field, service) }
        return .or([.equals(field, service), .equals(field, ""), .not(.exists(field))])
    }

    static func field(_ name: String) -> FieldReference {
        FieldReference(name, space: .record)
    }
}
