import PerchModel

/// Reads a push in protobuf: `logproto.PushRequest`.
struct LokiProtobuf {
    private(set) var rows: LokiRows

    init(receivedNanos: Int64) {
        rows = LokiRows(receivedNanos: receivedNanos)
    }

    mutating func request(_ body: [UInt8]) throws(WireFailure) {
        let bytes = body.span
        var cursor = ProtoCursor(bytes.indices)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try stream(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func stream(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let found = try Envelope.find(0x0a, bytes, in: range)
        let labels = try LokiLabels.parse(bytes, found, atByte: found.lowerBound)
        let stream = try rows.stream(labels, atByte: found.lowerBound)
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: try entry(bytes, try cursor.range(bytes), stream)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func entry(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ stream: LokiRows.Stream
    ) throws(WireFailure) {
        var time: Int64 = 0
        var line = range.lowerBound..<range.lowerBound
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: time = try timestamp(bytes, try cursor.range(bytes))
            case 0x12: line = try cursor.range(bytes)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        try rows.begin(stream, timeNanos: time)
        rows.line(bytes.extracting(line))
        var count = 0
        cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            guard tag == 0x1a else {
                try cursor.skip(bytes, tag: tag)
                continue
            }
            count += 1
            guard count <= Limits.maxAttributes else {
                throw .malformed(
                    "more than \(Limits.maxAttributes) fields of one entry",
                    atByte: cursor.position)
            }
            try metadata(bytes, try cursor.range(bytes))
        }
        rows.finish(stream, line: bytes.extracting(line))
    }

    private mutating func metadata(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let name = try Envelope.find(0x0a, bytes, in: range)
        let value = try Envelope.find(0x12, bytes, in: range)
        rows.metadata(bytes.extracting(name), text: bytes.extracting(value))
    }

    /// `google.protobuf.Timestamp` as nanoseconds; beyond what fits it is the nearest that does.
    private func timestamp(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) -> Int64 {
        var seconds: Int64 = 0
        var nanos: Int64 = 0
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x08: seconds = Int64(bitPattern: try cursor.varint(bytes))
            case 0x10: nanos = Int64(bitPattern: try cursor.varint(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(nanos)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }
}
