/// OTLP's `Span`, one level deep: read whole before its row begins, since its ids decide whether
/// it gets one, and so that the fields of all rows come in one order.
struct SpanFields {
    let range: Range<Int>
    private(set) var traceID = 0..<0
    private(set) var spanID = 0..<0
    private(set) var parentID = 0..<0
    private(set) var name = 0..<0
    private(set) var traceState = 0..<0
    private(set) var statusMessage = 0..<0
    private(set) var statusCode: UInt64 = 0
    private(set) var kind: UInt64 = 0
    private(set) var start: UInt64 = 0
    private(set) var end: UInt64 = 0
    private(set) var flags: UInt32 = 0
    private(set) var droppedAttributes: UInt64 = 0
    private(set) var droppedEvents: UInt64 = 0
    private(set) var droppedLinks: UInt64 = 0
    /// From the first attribute to the end of the last; what stands between them is seldom else.
    private(set) var attributes = 0..<0
    private(set) var hasEvents = false
    private(set) var hasLinks = false

    private init(range: Range<Int>) {
        self.range = range
    }

    /// Nanoseconds from start to end, negative when the span ends first, as far as 64 bits reach.
    ///
    /// A span without a start has no duration.
    var duration: Int64 {
        guard start != 0 else { return 0 }
        let (value, overflow) = Int64(clamping: end)
            .subtractingReportingOverflow(Int64(clamping: start))
        return overflow ? .max : value
    }

    /// The start; without one the end, and without both the time of the request.
    func timeNanos(receivedNanos: Int64) -> Int64 {
        if start != 0 { return Int64(clamping: start) }
        return end != 0 ? Int64(clamping: end) : receivedNanos
    }

    func hasValidIDs(_ bytes: Span<UInt8>) -> Bool {
        Identifier.isValid(bytes.extracting(traceID), count: Identifier.traceBytes)
            && Identifier.isValid(bytes.extracting(spanID), count: Identifier.spanBytes)
    }

    static func read(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> SpanFields {
        var fields = SpanFields(range: range)
        var cursor = ProtoCursor(range)
        var position = cursor.position
        while let tag = try cursor.tag(bytes) {
            defer { position = cursor.position }
            switch tag {
            case 0x0a: fields.traceID = try cursor.range(bytes)
            case 0x12: fields.spanID = try cursor.range(bytes)
            case 0x1a: fields.traceState = try cursor.range(bytes)
            case 0x22: fields.parentID = try cursor.range(bytes)
            case 0x2a: fields.name = try cursor.range(bytes)
            case 0x30: fields.kind = try cursor.varint(bytes)
            case 0x39: fields.start = try cursor.fixed64(bytes)
            case 0x41: fields.end = try cursor.fixed64(bytes)
            case 0x4a:
                let end = try cursor.range(bytes).upperBound
                fields.attributes =
                    (fields.attributes.isEmpty ? position : fields.attributes.lowerBound)..<end
            case 0x50: fields.droppedAttributes = try cursor.varint(bytes)
            case 0x5a:
                _ = try cursor.range(bytes)
                fields.hasEvents = true
            case 0x60: fields.droppedEvents = try cursor.varint(bytes)
            case 0x6a:
                _ = try cursor.range(bytes)
                fields.hasLinks = true
            case 0x70: fields.droppedLinks = try cursor.varint(bytes)
            case 0x7a: try fields.readStatus(bytes, try cursor.range(bytes))
            case 0x85: fields.flags = try cursor.fixed32(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        return fields
    }

    private mutating func readStatus(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: statusMessage = try cursor.range(bytes)
            case 0x18: statusCode = try cursor.varint(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }
}
