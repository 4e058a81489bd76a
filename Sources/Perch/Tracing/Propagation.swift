import Instrumentation

/// Trace contexts in headers.
///
/// In: W3C `traceparent` and `tracestate`, then B3 (one header or several), then `x-trace-id`
/// (COR-4); the first that is valid counts. Out: W3C and `baggage` (COR-9).
/// Source: W3C Trace Context level 1, W3C Baggage, OpenZipkin B3.
enum Propagation {
    /// Longest `tracestate` and `baggage` that are handed on.
    static let headerByteCountMax = 8192

    static func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract,
        ids: IDGenerator
    ) where Extract.Carrier == Carrier {
        let header = { (name: String) in extractor.extract(key: name, from: carrier) }
        if let baggage = header("baggage"), baggage.utf8.count <= headerByteCountMax {
            context.baggage = baggage
        }
        if let text = header("traceparent"), var found = parent(text) {
            if let state = header("tracestate"), state.utf8.count <= headerByteCountMax {
                found.state = state
            }
            context.spanContext = found
        } else if let text = header("b3"), let found = b3(text) {
            context.spanContext = found
        } else if let found = b3(
            trace: header("x-b3-traceid"), span: header("x-b3-spanid"),
            sampled: header("x-b3-sampled"), flags: header("x-b3-flags"))
        {
            context.spanContext = found
        } else if let text = header("x-trace-id"), let trace = traceID(text) {
            context.spanContext = SpanContext(
                traceID: trace, spanID: ids.spanID(), isSampled: true, isRemote: true)
        }
    }

    static func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let baggage = context.baggage {
            injector.inject(baggage, forKey: "baggage", into: &carrier)
        }
        guard let span = context.spanContext else { return }
        injector.inject(text(of: span), forKey: "traceparent", into: &carrier)
        if let state = span.state, !state.isEmpty {
            injector.inject(state, forKey: "tracestate", into: &carrier)
        }
    }

    /// `traceparent` of a span.
    static func text(of span: SpanContext) -> String {
        "00-\(span.traceID)-\(span.spanID)-\(span.isSampled ? "01" : "00")"
    }

    /// Reads `traceparent`; a later version than 00 is read as far as it is the same.
    static func parent(_ text: String) -> SpanContext? {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            // W3C asks for lower case.
            !bytes.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
            let version = byte(bytes[0..<2]), version != 0xff,
            version != 0 || bytes.count == 55, bytes.count == 55 || bytes[55] == dash,
            let trace = TraceID(hex: bytes[3..<35]), let span = SpanID(hex: bytes[36..<52]),
            let flags = byte(bytes[53..<55])
        else { return nil }
        return SpanContext(
            traceID: trace, spanID: span, isSampled: flags & 1 == 1, isRemote: true)
    }

    /// Reads the single header of B3: trace, span, and what was decided.
    static func b3(_ text: String) -> SpanContext? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2 else { return nil }
        return b3(
            trace: parts[0], span: parts[1], sampled: parts.count > 2 ? parts[2] : nil, flags: nil)
    }

    private static func b3(
        trace: String?, span: String?, sampled: String?, flags: String?
    ) -> SpanContext? {
        guard let trace, let span, let traceID = TraceID(hex: Array(trace.utf8)),
            let spanID = SpanID(hex: Array(span.utf8))
        else { return nil }
        // Without a decision it is ours: sampled until the sampler says otherwise.
        let isSampled = flags == "1" || !["0", "false"].contains(sampled ?? "1")
        return SpanContext(traceID: traceID, spanID: spanID, isSampled: isSampled, isRemote: true)
    }

    /// An id of any shape that carries 32 or 16 hex digits, such as a UUID.
    static func traceID(_ text: String) -> TraceID? {
        guard text.utf8.count <= 64 else { return nil }
        return TraceID(hex: text.utf8.filter { $0 != UInt8(ascii: "-") })
    }

    private static func byte(_ digits: ArraySlice<UInt8>) -> UInt8? {
        UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
