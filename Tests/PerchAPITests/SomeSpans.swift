import PerchModel
import PerchTestSupport

@testable import PerchAPI

/// Spans made for tests.
struct SomeSpans {
    private var builder = EventBatchBuilder(dataset: .spans)

    var batch: EventBatch { builder.batch }

    /// Adds a span; ids are numbers, `parent` 0 for none.
    mutating func add(
        trace: UInt64, span: UInt64, parent: UInt64 = 0, service: String? = "api",
        name: String = "GET /", start: Int64 = 1_000_000, duration: Int64 = 5_000,
        kind: Int64 = 2, status: Int64 = 0, fields: [(FieldSpace, String, FieldValue)] = []
    ) {
        let attributes = service.map {
            [Resource.Attribute(key: "service.name", value: .string($0))]
        }
        let resource = builder.intern(Resource(attributes ?? []))
        builder.beginRow(timeNanos: start, resource: resource)
        builder.set(.record, RecordField.traceID, .id(Self.bytes(0) + Self.bytes(trace)))
        builder.set(.record, RecordField.spanID, .id(Self.bytes(span)))
        if parent != 0 {
            builder.set(.record, RecordField.parentSpanID, .id(Self.bytes(parent)))
        }
        builder.set(.record, RecordField.name, .string(name))
        builder.set(.record, RecordField.kind, .int(kind))
        builder.set(.record, RecordField.duration, .int(duration))
        builder.set(.record, RecordField.statusCode, .int(status))
        for (space, name, value) in fields { builder.set(space, name, value) }
    }

    static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    /// The trace that all spans are of.
    func trace(_ id: UInt64, spansMax: Int = 1_000) throws -> Trace {
        guard let id = TraceID("\(String(id, radix: 16))") else { throw NoTrace() }
        let traces = Trace.divide([batch], among: [id], spansMax: spansMax)
        guard let trace = traces.first else { throw NoTrace() }
        return trace
    }

    struct NoTrace: Error {}
}
