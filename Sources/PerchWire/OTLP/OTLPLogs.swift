import PerchModel

/// Reads `ExportLogsServiceRequest`.
///
/// Source: opentelemetry-proto, logs/v1/logs.proto. See docs/protocols/otlp.md.
package enum OTLPLogs {
    /// Reads a request in protobuf.
    ///
    /// `receivedNanos` is the time of records that give none.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        var decoder = LogsDecoder(receivedNanos: receivedNanos)
        try decoder.request(body.span)
        return OTLPResult(batch: decoder.rows.builder.batch)
    }

    /// Reads a request in OTLP/JSON.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        let protobuf = try Transcoder.transcode(body, as: .logsRequest)
        return try decode(protobuf, receivedNanos: receivedNanos)
    }
}

private struct LogsDecoder {
    var rows = EventRows(.logs)
    let receivedNanos: Int64

    init(receivedNanos: Int64) {
        self.receivedNanos = receivedNanos
    }

    mutating func request(_ bytes: Span<UInt8>) throws(WireFailure) {
        var cursor = ProtoCursor(bytes.indices)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try resourceLogs(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func resourceLogs(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let found = try Envelope.find(0x0a, bytes, in: range)
        let resource = rows.intern(try ResourceReader.read(bytes, found))
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: try scopeLogs(bytes, try cursor.range(bytes), resource: resource)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func scopeLogs(
        _ bytes: Span<UInt8>, _ range: Range<Int>, resource: UInt32
    ) throws(WireFailure) {
        let scope = try Scope.read(bytes, try Envelope.find(0x0a, bytes, in: range))
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12:
                try record(bytes, try cursor.range(bytes), resource: resource, scope: scope)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func record(
        _ bytes: Span<UInt8>, _ range: Range<Int>, resource: UInt32, scope: Scope
    ) throws(WireFailure) {
        try rows.begin(timeNanos: receivedNanos, resource: resource)
        var cursor = ProtoCursor(range)
        var time: UInt64 = 0
        var observed: UInt64 = 0
        var dropped: UInt64 = 0
        var text = range.lowerBound..<range.lowerBound
        var known = BodyFields.Known()
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x09: time = try cursor.fixed64(bytes)
            case 0x59: observed = try cursor.fixed64(bytes)
            case 0x10:
                let number = Int64(bitPattern: try cursor.varint(bytes))
                if number != 0 {
                    rows.int(.severityNumber, number)
                    known.level = true
                }
            case 0x1a:
                let text = try cursor.range(bytes)
                if !text.isEmpty {
                    rows.text(.severityText, bytes.extracting(text))
                    known.level = true
                }
            case 0x2a:
                let value = try AnyValue.read(bytes, try cursor.range(bytes))
                try rows.body(bytes, value)
                if case .string(let string) = value { text = string }
            case 0x32: try rows.attribute(bytes, try cursor.range(bytes))
            case 0x38: dropped = try cursor.varint(bytes)
            case 0x45:
                let flags = try cursor.fixed32(bytes)
                if flags != 0 { rows.int(.flags, Int64(flags)) }
            case 0x4a:
                let id = bytes.extracting(try cursor.range(bytes))
                rows.id(.traceID, id, count: Identifier.traceBytes)
                known.traceID = known.traceID || !id.isEmpty
            case 0x52:
                let id = bytes.extracting(try cursor.range(bytes))
                rows.id(.spanID, id, count: Identifier.spanBytes)
                known.spanID = known.spanID || !id.isEmpty
            case 0x62:
                let name = try cursor.range(bytes)
                if !name.isEmpty { rows.text(.eventName, bytes.extracting(name)) }
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        if time != 0 || observed != 0 {
            rows.setTime(Int64(clamping: time != 0 ? time : observed))
        }
        if observed != 0 { rows.int(.observedTime, Int64(clamping: observed)) }
        rows.bodyFields(bytes.extracting(text), known)
        try rows.finish(bytes, scope: scope, droppedBySender: dropped)
    }
}
