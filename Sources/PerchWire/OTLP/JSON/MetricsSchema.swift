/// The messages of OTLP's metrics; see ``Schema``.
///
/// Source: opentelemetry-proto, metrics/v1/metrics.proto.
enum MetricsSchema {
    static func fields(of message: Schema.Message) -> [Schema.Field] {
        switch message {
        case .metric: metric
        case .gauge: [points(.numberPoint)]
        case .sum: [points(.numberPoint), temporality, Schema.Field("isMonotonic", 3, .bool)]
        case .histogram: [points(.histogramPoint), temporality]
        case .exponentialHistogram: [points(.exponentialPoint), temporality]
        case .summary: [points(.summaryPoint)]
        case .numberPoint: numberPoint
        case .histogramPoint: histogramPoint
        case .exponentialPoint: exponentialPoint
        case .buckets:
            [
                Schema.Field("offset", 1, .sint32),
                Schema.Field("bucketCounts", 2, .uint64, repeated: true),
            ]
        case .summaryPoint: summaryPoint
        case .quantile:
            [Schema.Field("quantile", 1, .double), Schema.Field("value", 2, .double)]
        case .exemplar: exemplar
        default: []
        }
    }

    private static func points(_ message: Schema.Message) -> Schema.Field {
        Schema.Field("dataPoints", 1, .message(message), repeated: true)
    }

    private static func exemplars(_ number: UInt32) -> Schema.Field {
        Schema.Field("exemplars", number, .message(.exemplar), repeated: true)
    }

    private static let temporality = Schema.Field(
        "aggregationTemporality", 2, .enumeration(.temporality))

    private static let times = [
        Schema.Field("startTimeUnixNano", 2, .fixed64), Schema.Field("timeUnixNano", 3, .fixed64),
    ]

    private static let metric = [
        Schema.Field("name", 1, .string), Schema.Field("description", 2, .string),
        Schema.Field("unit", 3, .string), Schema.Field("gauge", 5, .message(.gauge)),
        Schema.Field("sum", 7, .message(.sum)), Schema.Field("histogram", 9, .message(.histogram)),
        Schema.Field("exponentialHistogram", 10, .message(.exponentialHistogram)),
        Schema.Field("summary", 11, .message(.summary)),
    ]

    private static let numberPoint =
        times + [
            Schema.Field("asDouble", 4, .double), exemplars(5),
            Schema.Field("asInt", 6, .sfixed64), Schema.attributes(7),
            Schema.Field("flags", 8, .uint64),
        ]

    private static let histogramPoint =
        times + [
            Schema.Field("count", 4, .fixed64), Schema.Field("sum", 5, .double),
            Schema.Field("bucketCounts", 6, .fixed64, repeated: true),
            Schema.Field("explicitBounds", 7, .double, repeated: true), exemplars(8),
            Schema.attributes(9), Schema.Field("flags", 10, .uint64),
        ]

    private static let exponentialPoint =
        times + [
            Schema.attributes(1), Schema.Field("count", 4, .fixed64),
            Schema.Field("sum", 5, .double), Schema.Field("scale", 6, .sint32),
            Schema.Field("zeroCount", 7, .fixed64),
            Schema.Field("positive", 8, .message(.buckets)),
            Schema.Field("negative", 9, .message(.buckets)), Schema.Field("flags", 10, .uint64),
            exemplars(11), Schema.Field("zeroThreshold", 14, .double),
        ]

    private static let summaryPoint =
        times + [
            Schema.Field("count", 4, .fixed64), Schema.Field("sum", 5, .double),
            Schema.Field("quantileValues", 6, .message(.quantile), repeated: true),
            Schema.attributes(7), Schema.Field("flags", 8, .uint64),
        ]

    private static let exemplar = [
        Schema.Field("timeUnixNano", 2, .fixed64), Schema.Field("asDouble", 3, .double),
        Schema.Field("spanId", 4, .optionalID), Schema.Field("traceId", 5, .optionalID),
        Schema.Field("asInt", 6, .sfixed64), Schema.attributes(7, name: "filteredAttributes"),
    ]
}
