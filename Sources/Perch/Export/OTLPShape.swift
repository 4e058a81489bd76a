/// How the fields of one message of OTLP are called in JSON, by their numbers.
///
/// Source: opentelemetry-proto, those fields that this SDK writes.
struct OTLPShape: Sendable {
    enum Form: Sendable, Equatable {
        case text
        /// Bytes as hex.
        case id
        case flag
        /// A number as a number.
        case small
        /// 64 bits as a string.
        case signed
        case unsigned
        case double
        case unsignedList
        case doubleList
        /// Made when asked for, since messages nest in themselves.
        case message(@Sendable () -> OTLPShape)

        static func == (left: Form, right: Form) -> Bool {
            switch (left, right) {
            case (.doubleList, .doubleList), (.unsignedList, .unsignedList): true
            default: false
            }
        }
    }

    struct Field: Sendable {
        var name: String
        var form: Form
        var isRepeated = false
    }

    var fields: [UInt32: Field]

    static let logs: OTLPShape = request("resourceLogs", "scopeLogs", "logRecords") { logRecord }
    static let metrics: OTLPShape = request("resourceMetrics", "scopeMetrics", "metrics") { metric }
    static let traces: OTLPShape = request("resourceSpans", "scopeSpans", "spans") { span }

    private static func request(
        _ resources: String, _ scopes: String, _ records: String,
        _ record: @escaping @Sendable () -> OTLPShape
    ) -> OTLPShape {
        let scope = OTLPShape(fields: [
            1: Field(name: "scope", form: .message { named }),
            2: Field(name: records, form: .message(record), isRepeated: true),
        ])
        let resource = OTLPShape(fields: [
            1: Field(name: "resource", form: .message { self.resource }),
            2: Field(name: scopes, form: .message { scope }, isRepeated: true),
        ])
        return OTLPShape(fields: [
            1: Field(name: resources, form: .message { resource }, isRepeated: true)
        ])
    }

    private static let resource: OTLPShape = OTLPShape(fields: [1: attributes])
    private static let named: OTLPShape = OTLPShape(fields: [1: Field(name: "name", form: .text)])
    private static let attributes: Field = Field(
        name: "attributes", form: .message { attribute }, isRepeated: true)
    private static let attribute: OTLPShape = OTLPShape(fields: [
        1: Field(name: "key", form: .text), 2: Field(name: "value", form: .message { value }),
    ])
    private static let value: OTLPShape = OTLPShape(fields: [
        1: Field(name: "stringValue", form: .text), 2: Field(name: "boolValue", form: .flag),
        3: Field(name: "intValue", form: .signed), 4: Field(name: "doubleValue", form: .double),
        5: Field(name: "arrayValue", form: .message { list }),
        6: Field(name: "kvlistValue", form: .message { map }),
    ])
    private static let list: OTLPShape = OTLPShape(fields: [
        1: Field(name: "values", form: .message { value }, isRepeated: true)
    ])
    private static let map: OTLPShape = OTLPShape(fields: [
        1: Field(name: "values", form: .message { attribute }, isRepeated: true)
    ])

    private static let logRecord: OTLPShape = OTLPShape(fields: [
        1: Field(name: "timeUnixNano", form: .unsigned),
        2: Field(name: "severityNumber", form: .small),
        3: Field(name: "severityText", form: .text),
        5: Field(name: "body", form: .message { value }), 6: attributes,
        8: Field(name: "flags", form: .small), 9: Field(name: "traceId", form: .id),
        10: Field(name: "spanId", form: .id),
        11: Field(name: "observedTimeUnixNano", form: .unsigned),
        12: Field(name: "eventName", form: .text),
    ])

    private static let span: OTLPShape = OTLPShape(fields: [
        1: Field(name: "traceId", form: .id), 2: Field(name: "spanId", form: .id),
        3: Field(name: "traceState", form: .text), 4: Field(name: "parentSpanId", form: .id),
        5: Field(name: "name", form: .text), 6: Field(name: "kind", form: .small),
        7: Field(name: "startTimeUnixNano", form: .unsigned),
        8: Field(name: "endTimeUnixNano", form: .unsigned), 9: attributes,
        10: Field(name: "droppedAttributesCount", form: .small),
        11: Field(name: "events", form: .message { spanEvent }, isRepeated: true),
        12: Field(name: "droppedEventsCount", form: .small),
        13: Field(name: "links", form: .message { link }, isRepeated: true),
        14: Field(name: "droppedLinksCount", form: .small),
        15: Field(name: "status", form: .message { status }),
    ])
    private static let spanEvent: OTLPShape = OTLPShape(fields: [
        1: Field(name: "timeUnixNano", form: .unsigned), 2: Field(name: "name", form: .text),
        3: attributes,
    ])
    private static let link: OTLPShape = OTLPShape(fields: [
        1: Field(name: "traceId", form: .id), 2: Field(name: "spanId", form: .id), 4: attributes,
    ])
    private static let status: OTLPShape = OTLPShape(fields: [
        2: Field(name: "message", form: .text), 3: Field(name: "code", form: .small),
    ])

    private static let metric: OTLPShape = OTLPShape(fields: [
        1: Field(name: "name", form: .text), 2: Field(name: "description", form: .text),
        3: Field(name: "unit", form: .text), 5: Field(name: "gauge", form: .message { points }),
        7: Field(name: "sum", form: .message { points }),
        9: Field(name: "histogram", form: .message { histogram }),
    ])
    private static let points: OTLPShape = OTLPShape(fields: [
        1: Field(name: "dataPoints", form: .message { point }, isRepeated: true),
        2: Field(name: "aggregationTemporality", form: .small),
        3: Field(name: "isMonotonic", form: .flag),
    ])
    private static let point: OTLPShape = OTLPShape(fields: [
        2: Field(name: "startTimeUnixNano", form: .unsigned),
        3: Field(name: "timeUnixNano", form: .unsigned), 4: Field(name: "asDouble", form: .double),
        7: attributes,
    ])
    private static let histogram: OTLPShape = OTLPShape(fields: [
        1: Field(name: "dataPoints", form: .message { histogramPoint }, isRepeated: true),
        2: Field(name: "aggregationTemporality", form: .small),
    ])
    private static let histogramPoint: OTLPShape = OTLPShape(fields: [
        2: Field(name: "startTimeUnixNano", form: .unsigned),
        3: Field(name: "timeUnixNano", form: .unsigned), 4: Field(name: "count", form: .unsigned),
        5: Field(name: "sum", form: .double),
        6: Field(name: "bucketCounts", form: .unsignedList, isRepeated: true),
        7: Field(name: "explicitBounds", form: .doubleList, isRepeated: true),
        8: Field(name: "exemplars", form: .message { exemplar }, isRepeated: true), 9: attributes,
    ])
    private static let exemplar: OTLPShape = OTLPShape(fields: [
        2: Field(name: "timeUnixNano", form: .unsigned), 3: Field(name: "asDouble", form: .double),
        4: Field(name: "spanId", form: .id), 5: Field(name: "traceId", form: .id),
    ])
}
