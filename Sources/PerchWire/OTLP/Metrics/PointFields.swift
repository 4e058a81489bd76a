/// The fields that OTLP's kinds of data points have in one form or another.
///
/// Each kind numbers them in its own way, so each has its own reader. Attributes go to the labels
/// on the way.
struct PointFields {
    let range: Range<Int>
    /// The tag of exemplars in `range`.
    var exemplarsTag: UInt32 = 0
    var exemplarCount = 0
    var start: UInt64 = 0
    var time: UInt64 = 0
    var flags: UInt64 = 0
    var value: Double?
    var count: UInt64 = 0
    var sum: Double?
    var scale: Int64 = 0
    var zeroCount: UInt64 = 0
    var zeroThreshold: Double = 0
    var positive = 0..<0
    var negative = 0..<0

    /// Whether the sender says that there is no value (FLAG_NO_RECORDED_VALUE).
    var isStale: Bool { flags & 1 != 0 }

    init(range: Range<Int>) {
        self.range = range
    }

    static func number(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ labels: inout SeriesLabels
    ) throws(WireFailure) -> PointFields {
        var fields = PointFields(range: range)
        fields.exemplarsTag = 0x2a
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x11: fields.start = try cursor.fixed64(bytes)
            case 0x19: fields.time = try cursor.fixed64(bytes)
            case 0x21: fields.value = try cursor.double(bytes)
            case 0x31: fields.value = Double(Int64(bitPattern: try cursor.fixed64(bytes)))
            case 0x3a: try labels.read(bytes, try cursor.range(bytes))
            case 0x40: fields.flags = try cursor.varint(bytes)
            case 0x2a:
                fields.exemplarCount += 1
                _ = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return fields
    }

    /// A histogram or a summary: they number their fields alike, except attributes and flags.
    static func distribution(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ labels: inout SeriesLabels,
        isSummary: Bool
    ) throws(WireFailure) -> PointFields {
        var fields = PointFields(range: range)
        let attributesTag: UInt32 = isSummary ? 0x3a : 0x4a
        fields.exemplarsTag = isSummary ? 0 : 0x42
        let flagsTag: UInt32 = isSummary ? 0x40 : 0x50
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x11: fields.start = try cursor.fixed64(bytes)
            case 0x19: fields.time = try cursor.fixed64(bytes)
            case 0x21: fields.count = try cursor.fixed64(bytes)
            case 0x29: fields.sum = try cursor.double(bytes)
            case attributesTag: try labels.read(bytes, try cursor.range(bytes))
            case flagsTag: fields.flags = try cursor.varint(bytes)
            case fields.exemplarsTag:
                fields.exemplarCount += 1
                _ = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return fields
    }

    static func exponential(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ labels: inout SeriesLabels
    ) throws(WireFailure) -> PointFields {
        var fields = PointFields(range: range)
        fields.exemplarsTag = 0x5a
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try labels.read(bytes, try cursor.range(bytes))
            case 0x11: fields.start = try cursor.fixed64(bytes)
            case 0x19: fields.time = try cursor.fixed64(bytes)
            case 0x21: fields.count = try cursor.fixed64(bytes)
            case 0x29: fields.sum = try cursor.double(bytes)
            case 0x30: fields.scale = ZigZag.decode(try cursor.varint(bytes))
            case 0x39: fields.zeroCount = try cursor.fixed64(bytes)
            case 0x42: fields.positive = try cursor.range(bytes)
            case 0x4a: fields.negative = try cursor.range(bytes)
            case 0x50: fields.flags = try cursor.varint(bytes)
            case 0x5a:
                fields.exemplarCount += 1
                _ = try cursor.range(bytes)
            case 0x71: fields.zeroThreshold = try cursor.double(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return fields
    }
}

/// Protobuf's form of signed integers near zero.
enum ZigZag {
    static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
