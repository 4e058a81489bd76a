import PerchModel

/// OTLP's `Metric`, without its points.
struct MetricFields {
    /// The kinds of points.
    enum Kind {
        case gauge
        case sum
        case histogram
        case exponentialHistogram
        case summary
    }

    private(set) var name = 0..<0
    private(set) var help = 0..<0
    private(set) var unit = 0..<0
    /// Nil when there is no data, or of a kind that is not known.
    private(set) var kind: Kind?
    private(set) var data = 0..<0
    /// 0 unspecified, 1 delta, 2 cumulative.
    private(set) var temporality: UInt64 = 0
    private(set) var isMonotonic = false

    var suffix: MetricName.Suffix {
        switch kind {
        case .gauge: .ratio
        case .sum: isMonotonic ? .total : .none
        default: .none
        }
    }

    var type: MetricType {
        switch kind {
        case .gauge: .gauge
        case .sum: isMonotonic ? .counter : .gauge
        case .histogram, .exponentialHistogram: .histogram
        case .summary: .summary
        case nil: .unknown
        }
    }

    /// Why none of the points can be taken, or nil.
    var refusal: String? {
        switch kind {
        case .sum, .histogram, .exponentialHistogram:
            temporality == 1 || temporality == 2
                ? nil : "a metric's temporality is neither delta nor cumulative"
        default: nil
        }
    }

    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> MetricFields {
        var fields = MetricFields()
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: fields.name = try cursor.range(bytes)
            case 0x12: fields.help = try cursor.range(bytes)
            case 0x1a: fields.unit = try cursor.range(bytes)
            case 0x2a: fields.set(.gauge, try cursor.range(bytes))
            case 0x3a: fields.set(.sum, try cursor.range(bytes))
            case 0x4a: fields.set(.histogram, try cursor.range(bytes))
            case 0x52: fields.set(.exponentialHistogram, try cursor.range(bytes))
            case 0x5a: fields.set(.summary, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        try fields.readData(bytes)
        return fields
    }

    private mutating func set(_ kind: Kind, _ data: Range<Int>) {
        self.kind = kind
        self.data = data
    }

    private mutating func readData(_ bytes: Span<UInt8>) throws(WireFailure) {
        guard kind != .gauge, kind != .summary else { return }
        var cursor = ProtoCursor(data)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x10: temporality = try cursor.varint(bytes)
            case 0x18 where kind == .sum: isMonotonic = try cursor.varint(bytes) != 0
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }
}
