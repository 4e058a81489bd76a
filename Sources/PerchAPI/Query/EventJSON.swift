import PerchModel

/// An event as one JSON object, for export and scripts.
///
/// `time` is nanoseconds since 1970 as a string, since JavaScript's numbers lose the last digits;
/// `resource` and `attributes` are objects; the record's own fields stand beside them by name.
enum EventJSON {
    /// Appends one row and a line feed.
    static func append(_ batch: EventBatch, row: Int, to text: inout JSONWriter) {
        text.raw("{\"time\":")
        text.string(String(batch.times[row]))
        append(batch, row: row, space: .record, to: &text)
        text.raw(",\"resource\":{")
        var isFirst = true
        for attribute in batch.resource(ofRow: row).attributes {
            appendField(attribute.key, attribute.value, &isFirst, to: &text)
        }
        text.raw("},\"attributes\":{")
        isFirst = true
        for column in batch.columns where column.space == .attribute {
            guard let index = column.index(ofRow: row) else { continue }
            appendField(column.name, column.value(at: index), &isFirst, to: &text)
        }
        text.raw("}}\n")
    }

    private static func append(
        _ batch: EventBatch, row: Int, space: FieldSpace, to text: inout JSONWriter
    ) {
        var isFirst = false
        for column in batch.columns where column.space == space {
            guard let index = column.index(ofRow: row) else { continue }
            appendField(column.name, column.value(at: index), &isFirst, to: &text)
        }
    }

    private static func appendField(
        _ name: String, _ value: FieldValue, _ isFirst: inout Bool, to text: inout JSONWriter
    ) {
        if !isFirst { text.raw(",") }
        isFirst = false
        text.string(name)
        text.raw(":")
        switch value {
        case .int(let value): text.number(value)
        case .double(let value): text.number(value)
        case .bool(let value): text.raw(value ? "true" : "false")
        case .string(let value): text.string(value)
        // Written by our own decoders, so it is JSON.
        case .json(let value): text.raw(bytes: value.utf8)
        case .bytes, .id: text.string(value.text)
        }
    }
}
