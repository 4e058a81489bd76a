import PerchModel

/// The record fields of a batch of spans that are looked at for each span.
struct SpanColumns {
    let name: Column?
    let kind: Column?
    let status: Column?
    let duration: Column?
    let traceID: Column?
    let spanID: Column?
    let parentID: Column?

    init(_ batch: EventBatch) {
        func find(_ name: String, _ kind: ColumnKind) -> Column? {
            batch.columns.first {
                $0.space == .record && $0.kind == kind && $0.name == name
            }
        }
        name = find(RecordField.name, .string)
        kind = find(RecordField.kind, .int)
        status = find(RecordField.statusCode, .int)
        duration = find(RecordField.duration, .int)
        traceID = find(RecordField.traceID, .id)
        spanID = find(RecordField.spanID, .id)
        parentID = find(RecordField.parentSpanID, .id)
    }

    /// A kind that OTLP has, else 0, "unspecified".
    @inline(__always)
    static func kind(_ value: Int64) -> UInt32 { value > 0 && value <= 5 ? UInt32(value) : 0 }

    /// A status that OTLP has, else 0, "unset".
    @inline(__always)
    static func status(_ value: Int64) -> UInt32 { value > 0 && value <= 2 ? UInt32(value) : 0 }
}

extension Column {
    /// The value in a row, or 0.
    @inline(__always)
    func int(ofRow row: Int) -> Int64 {
        index(ofRow: row).map { ints[$0] } ?? 0
    }
}
