import PerchModel

/// A field that a question names.
package struct PipeField: Sendable, Hashable {
    /// What a name means beyond itself.
    enum Meaning: Sendable, Hashable {
        case plain
        case time
        case level
        case service
        case kind
        case durationMillis
    }

    /// As it was typed; the name of its column.
    package let name: String
    let meaning: Meaning
    /// The first of these that a row has counts.
    let references: [FieldReference]

    init(_ name: String) {
        self.name = name
        switch name {
        case "time", "_time", "@timestamp": (meaning, references) = (.time, [])
        case "level", "severity":
            meaning = .level
            references = [
                FieldReference(RecordField.severityNumber, space: .record),
                FieldReference(RecordField.severityText, space: .record),
            ]
        case "service": (meaning, references) = (.service, [SearchField.service.reference])
        case "message", "msg", "body":
            (meaning, references) = (.plain, SearchField.prose.map(\.reference))
        case "status": (meaning, references) = (.plain, SearchField.status.map(\.reference))
        case "kind": (meaning, references) = (.kind, [FieldReference(RecordField.kind)])
        case "duration_ms":
            meaning = .durationMillis
            references = [
                FieldReference(name, space: .attribute), SearchField.durationInMillis.reference,
            ]
        default: (meaning, references) = (.plain, [FieldReference(name)])
        }
    }

    /// What rows are grouped by for this field; nil for their time.
    var key: GroupingKey? {
        switch meaning {
        case .time: nil
        case .level: .level
        case .plain, .service, .kind, .durationMillis: .field(references)
        }
    }

    /// What a value of a group is shown as.
    func shown(_ text: String?) -> ResultCell {
        switch meaning {
        case .service:
            guard let text, !text.isEmpty else { return .text("unknown_service") }
            return .text(text)
        case .kind: return text.map { .text(Self.kinds[$0] ?? $0) } ?? .none
        case .plain, .time, .level, .durationMillis: return text.map { .text($0) } ?? .none
        }
    }

    private static let kinds = [
        "1": "internal", "2": "server", "3": "client", "4": "producer", "5": "consumer",
    ]

    /// The value of a row.
    func cell(_ batch: EventBatch, _ row: Int) -> ResultCell {
        switch meaning {
        case .time: return .time(batch.times[row])
        case .service: return .text(batch.resource(ofRow: row).service)
        case .level:
            if case .int(let number)? = batch.value(of: references[0], row: row),
                let level = LogLevel(number: number)
            {
                return .text(level.name)
            }
            guard let word = batch.value(of: references[1], row: row)?.text else { return .none }
            return .text(LogLevel(text: word)?.name ?? word)
        case .plain, .kind, .durationMillis: break
        }
        for (place, reference) in references.enumerated() {
            guard let value = batch.value(of: reference, row: row) else { continue }
            switch value {
            case .int(let int):
                if meaning == .durationMillis, place == 1 { return .double(Double(int) / 1e6) }
                return meaning == .kind ? shown(String(int)) : .int(int)
            case .double(let double): return .double(double)
            case .bool(let bool): return .bool(bool)
            case .string, .bytes, .json, .id: return .text(value.text)
            }
        }
        return .none
    }
}
