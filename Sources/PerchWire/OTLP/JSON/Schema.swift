/// The messages of OTLP as OTLP/JSON names them, with their protobuf field numbers.
///
/// Source: opentelemetry-proto 1.x. Fields that nobody reads are not listed, and so skipped.
struct Schema: Sendable {
    /// How a field is written on each side.
    enum Kind: Sendable {
        case message(Message)
        case string
        /// Base64 in JSON.
        case bytes
        /// Hex in JSON, where OTLP differs from protobuf.
        ///
        /// A wrong one refuses the request.
        case id
        /// Hex in JSON.
        ///
        /// A wrong one becomes one zero byte, which no reader takes for an id.
        case optionalID
        case bool
        case double
        case int64
        case uint64
        case sint32
        case fixed64
        case sfixed64
        case fixed32
        case enumeration(Enumeration)
    }

    /// An enumeration, whose values JSON writes as numbers or as names.
    enum Enumeration: Sendable {
        case severity
        case spanKind
        case statusCode
        case temporality

        /// The names by number.
        var names: [String] {
            switch self {
            case .severity: Schema.severities
            case .spanKind: Schema.spanKinds
            case .statusCode: Schema.statusCodes
            case .temporality: Schema.temporalities
            }
        }
    }

    /// A message by name, so that messages may contain each other.
    enum Message: Int, Sendable, CaseIterable {
        case logsRequest, resourceLogs, scopeLogs, logRecord
        case tracesRequest, resourceSpans, scopeSpans, span, event, link, status
        case metricsRequest, resourceMetrics, scopeMetrics, metric
        case gauge, sum, histogram, exponentialHistogram, summary
        case numberPoint, histogramPoint, exponentialPoint, buckets, summaryPoint, quantile
        case exemplar
        case resource, scope, keyValue, anyValue, arrayValue, keyValueList
    }

    /// One field of a message.
    struct Field: Sendable {
        var name: String
        var number: UInt32
        var kind: Kind
        var isRepeated: Bool

        init(_ name: String, _ number: UInt32, _ kind: Kind, repeated: Bool = false) {
            self.name = name
            self.number = number
            self.kind = kind
            isRepeated = repeated
        }
    }

    /// One field as the transcoder looks at it: no references, so that copies cost nothing.
    struct Entry: Sendable {
        /// The name with quotes and the colon behind it.
        var key: ByteLiteral
        var number: UInt32
        var kind: Kind
        var isRepeated: Bool
    }

    /// The fields of all messages, those of one message together.
    let entries: [Entry]
    /// Where the fields of each message begin in `entries`, by its raw value, and one more: the end.
    let starts: [Int]

    static let otlp = Schema()

    private init() {
        var entries: [Entry] = []
        var starts: [Int] = []
        for message in Message.allCases {
            starts.append(entries.count)
            for field in Schema.fields(of: message) {
                entries.append(
                    Entry(
                        key: ByteLiteral("\"\(field.name)\":"), number: field.number,
                        kind: field.kind, isRepeated: field.isRepeated))
            }
        }
        starts.append(entries.count)
        self.entries = entries
        self.starts = starts
    }

    private static func fields(of message: Message) -> [Field] {
        switch message {
        case .logsRequest: [Field("resourceLogs", 1, .message(.resourceLogs), repeated: true)]
        case .tracesRequest: [Field("resourceSpans", 1, .message(.resourceSpans), repeated: true)]
        case .metricsRequest:
            [Field("resourceMetrics", 1, .message(.resourceMetrics), repeated: true)]
        case .resourceLogs: envelope("resource", .resource, "scopeLogs", .scopeLogs)
        case .resourceSpans: envelope("resource", .resource, "scopeSpans", .scopeSpans)
        case .resourceMetrics: envelope("resource", .resource, "scopeMetrics", .scopeMetrics)
        case .scopeLogs: envelope("scope", .scope, "logRecords", .logRecord)
        case .scopeSpans: envelope("scope", .scope, "spans", .span)
        case .scopeMetrics:
            envelope("scope", .scope, "metrics", .metric) + [Field("schemaUrl", 3, .string)]
        case .resource: [attributes(1)]
        case .scope: [Field("name", 1, .string), Field("version", 2, .string), attributes(3)]
        case .keyValue: [Field("key", 1, .string), Field("value", 2, .message(.anyValue))]
        case .anyValue: anyValue
        case .arrayValue: [Field("values", 1, .message(.anyValue), repeated: true)]
        case .keyValueList: [Field("values", 1, .message(.keyValue), repeated: true)]
        case .logRecord: logRecord
        case .span, .event, .link, .status: spanFields(of: message)
        default: MetricsSchema.fields(of: message)
        }
    }

    static func attributes(_ number: UInt32, name: String = "attributes") -> Field {
        Field(name, number, .message(.keyValue), repeated: true)
    }

    private static func envelope(
        _ outer: String, _ outerKind: Message, _ inner: String, _ innerKind: Message
    ) -> [Field] {
        [
            Field(outer, 1, .message(outerKind)),
            Field(inner, 2, .message(innerKind), repeated: true),
        ]
    }

    private static let anyValue: [Field] = [
        Field("stringValue", 1, .string), Field("boolValue", 2, .bool),
        Field("intValue", 3, .int64), Field("doubleValue", 4, .double),
        Field("arrayValue", 5, .message(.arrayValue)),
        Field("kvlistValue", 6, .message(.keyValueList)), Field("bytesValue", 7, .bytes),
    ]

    private static let logRecord: [Field] = [
        Field("timeUnixNano", 1, .fixed64), Field("observedTimeUnixNano", 11, .fixed64),
        Field("severityNumber", 2, .enumeration(.severity)), Field("severityText", 3, .string),
        Field("body", 5, .message(.anyValue)), attributes(6),
        Field("droppedAttributesCount", 7, .uint64), Field("flags", 8, .fixed32),
        Field("traceId", 9, .optionalID), Field("spanId", 10, .optionalID),
        Field("eventName", 12, .string),
    ]

    private static let severities =
        ["SEVERITY_NUMBER_UNSPECIFIED"]
        + ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].flatMap { name in
            ["", "2", "3", "4"].map { "SEVERITY_NUMBER_\(name)\($0)" }
        }

    private static let spanKinds = [
        "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT",
        "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER",
    ]

    private static let statusCodes = [
        "STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR",
    ]

    private static let temporalities = [
        "AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA",
        "AGGREGATION_TEMPORALITY_CUMULATIVE",
    ]

    private static func spanFields(of message: Message) -> [Field] {
        switch message {
        case .event:
            [
                Field("timeUnixNano", 1, .fixed64), Field("name", 2, .string), attributes(3),
                Field("droppedAttributesCount", 4, .uint64),
            ]
        case .link:
            [
                Field("traceId", 1, .id), Field("spanId", 2, .id), Field("traceState", 3, .string),
                attributes(4), Field("droppedAttributesCount", 5, .uint64),
                Field("flags", 6, .fixed32),
            ]
        case .status:
            [
                Field("message", 2, .string),
                Field("code", 3, .enumeration(.statusCode)),
            ]
        default: span
        }
    }

    private static let span: [Field] = [
        Field("traceId", 1, .id), Field("spanId", 2, .id), Field("traceState", 3, .string),
        Field("parentSpanId", 4, .id), Field("name", 5, .string),
        Field("kind", 6, .enumeration(.spanKind)),
        Field("startTimeUnixNano", 7, .fixed64), Field("endTimeUnixNano", 8, .fixed64),
        attributes(9), Field("droppedAttributesCount", 10, .uint64),
        Field("events", 11, .message(.event), repeated: true),
        Field("droppedEventsCount", 12, .uint64),
        Field("links", 13, .message(.link), repeated: true),
        Field("droppedLinksCount", 14, .uint64), Field("status", 15, .message(.status)),
        Field("flags", 16, .fixed32),
    ]
}
