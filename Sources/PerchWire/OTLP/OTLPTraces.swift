import PerchModel

/// Reads `ExportTraceServiceRequest`.
///
/// Source: opentelemetry-proto, trace/v1/trace.proto. See docs/protocols/otlp.md.
package enum OTLPTraces {
    /// Reads a request in protobuf.
    ///
    /// Spans without a valid trace id and span id are refused. `receivedNanos` is the time of spans
    /// that give none.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        var decoder = TracesDecoder(receivedNanos: receivedNanos)
        try decoder.request(body.span)
        var result = OTLPResult(batch: decoder.rows.builder.batch)
        if decoder.rejected > 0 {
            result.rejectedCount = decoder.rejected
            result.rejectedMessage =
                "\(decoder.rejected) spans have no valid trace id (16 bytes, not all zero) "
                + "or span id (8 bytes, not all zero)"
        }
        return result
    }

    /// Reads a request in OTLP/JSON.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64
    ) throws(WireFailure) -> OTLPResult {
        let protobuf = try Transcoder.transcode(body, as: .tracesRequest)
        return try decode(protobuf, receivedNanos: receivedNanos)
    }
}

private struct TracesDecoder {
    var rows = EventRows(.spans)
    var rejected = 0
    private let receivedNanos: Int64
    /// Reused for events and links.
    private var scratch: [UInt8] = []

    init(receivedNanos: Int64) {
        self.receivedNanos = receivedNanos
    }

    mutating func request(_ bytes: Span<UInt8>) throws(WireFailure) {
        var cursor = ProtoCursor(bytes.indices)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try resourceSpans(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func resourceSpans(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let found = try Envelope.find(0x0a, bytes, in: range)
        let resource = rows.intern(try ResourceReader.read(bytes, found))
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: try scopeSpans(bytes, try cursor.range(bytes), resource: resource)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func scopeSpans(
        _ bytes: Span<UInt8>, _ range: Range<Int>, resource: UInt32
    ) throws(WireFailure) {
        let scope = try Scope.read(bytes, try Envelope.find(0x0a, bytes, in: range))
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12:
                let span = try SpanFields.read(bytes, try cursor.range(bytes))
                guard span.hasValidIDs(bytes) else {
                    rejected += 1
                    continue
                }
                try row(bytes, span, resource: resource, scope: scope)
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func row(
        _ bytes: Span<UInt8>, _ span: SpanFields, resource: UInt32, scope: Scope
    ) throws(WireFailure) {
        let time = span.timeNanos(receivedNanos: receivedNanos)
        try rows.begin(timeNanos: time, resource: resource)
        let parent = bytes.extracting(span.parentID)
        rows.id(.traceID, bytes.extracting(span.traceID), count: Identifier.traceBytes)
        rows.id(.spanID, bytes.extracting(span.spanID), count: Identifier.spanBytes)
        rows.id(.parentSpanID, parent, count: Identifier.spanBytes)
        rows.text(.name, bytes.extracting(span.name))
        rows.int(.kind, Int64(bitPattern: span.kind))
        rows.int(.duration, span.duration)
        rows.int(.statusCode, Int64(bitPattern: span.statusCode))
        if !span.statusMessage.isEmpty {
            rows.text(.statusMessage, bytes.extracting(span.statusMessage))
        }
        if !span.traceState.isEmpty {
            rows.text(.traceState, bytes.extracting(span.traceState))
        }
        if span.flags != 0 { rows.int(.flags, Int64(span.flags)) }
        try attributes(bytes, span)
        if span.hasEvents {
            var text: [UInt8] = []
            swap(&text, &scratch)
            try SpanJSON.appendEvents(bytes, span.range, to: &text)
            rows.json(.events, text.span)
            swap(&text, &scratch)
        }
        if span.hasLinks {
            var text: [UInt8] = []
            swap(&text, &scratch)
            try SpanJSON.appendLinks(bytes, span.range, to: &text)
            rows.json(.links, text.span)
            swap(&text, &scratch)
        }
        if span.droppedEvents != 0 {
            rows.int(.droppedEvents, Int64(clamping: span.droppedEvents))
        }
        if span.droppedLinks != 0 {
            rows.int(.droppedLinks, Int64(clamping: span.droppedLinks))
        }
        try rows.finish(bytes, scope: scope, droppedBySender: span.droppedAttributes)
    }

    private mutating func attributes(
        _ bytes: Span<UInt8>, _ span: SpanFields
    ) throws(WireFailure) {
        var cursor = ProtoCursor(span.attributes)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x4a: try rows.attribute(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }
}
