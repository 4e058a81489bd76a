import PerchModel

/// A kind of telemetry, as OTLP divides it.
package enum OTLPSignal: Sendable, CaseIterable {
    case logs
    case traces
    case metrics

    /// The path of its OTLP/HTTP door.
    package var path: String {
        switch self {
        case .logs: "/v1/logs"
        case .traces: "/v1/traces"
        case .metrics: "/v1/metrics"
        }
    }

    /// The path of its method in gRPC.
    ///
    /// Source: opentelemetry-proto, opentelemetry/proto/collector.
    package var grpcPath: String {
        switch self {
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        }
    }

    /// The name in JSON of the count of refused records.
    var rejectedName: String {
        switch self {
        case .logs: "rejectedLogRecords"
        case .traces: "rejectedSpans"
        case .metrics: "rejectedDataPoints"
        }
    }
}

/// How an OTLP/HTTP request is written; the answer is written the same way.
package enum OTLPContentType: String, Sendable, CaseIterable {
    case protobuf = "application/x-protobuf"
    case json = "application/json"

    /// Reads the header's value without its parameters; nil is to be answered with 415.
    package init?(header: String?) {
        let name = (header ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        self.init(rawValue: name == "application/protobuf" ? Self.protobuf.rawValue : name)
    }
}

/// The bodies of OTLP answers.
///
/// Source: OTLP specification 1.x, "OTLP/HTTP Response". The field numbers of the partial success
/// are the same for all signals.
package enum OTLPResponse {
    /// The body that says all was taken: an empty message.
    package static func success(_ type: OTLPContentType) -> [UInt8] {
        switch type {
        case .protobuf: []
        case .json: Array("{}".utf8)
        }
    }

    /// The body that says some records were refused; with none, the message is a warning.
    package static func partial(
        _ signal: OTLPSignal, rejected: Int, message: String, type: OTLPContentType
    ) -> [UInt8] {
        switch type {
        case .protobuf:
            var inner = ProtoWriter()
            if rejected != 0 { inner.varint(field: 1, UInt64(clamping: rejected)) }
            if !message.isEmpty { inner.bytes(field: 2, Array(message.utf8)) }
            var outer = ProtoWriter()
            outer.bytes(field: 1, inner.bytes)
            return outer.bytes
        case .json:
            var text = Array(#"{"partialSuccess":{""#.utf8)
            text.append(contentsOf: signal.rejectedName.utf8)
            text.append(contentsOf: #"":"\#(rejected)","errorMessage":"#.utf8)
            JSONText.appendString(message, to: &text)
            text.append(contentsOf: "}}".utf8)
            return text
        }
    }

    /// The body of a refusal: a `google.rpc.Status`.
    ///
    /// `code` is gRPC's, such as 3 for an invalid argument or 14 for unavailable.
    package static func error(code: Int, message: String, type: OTLPContentType) -> [UInt8] {
        switch type {
        case .protobuf:
            return status(code: code, message: message).bytes
        case .json:
            var text = Array(#"{"code":\#(code),"message":"#.utf8)
            JSONText.appendString(message, to: &text)
            text.append(UInt8(ascii: "}"))
            return text
        }
    }

    /// A `google.rpc.Status` that tells when to come back, by a `google.rpc.RetryInfo`.
    ///
    /// Without that detail a sender of OTLP/gRPC does not repeat what was refused as too much
    /// (OTLP specification, "OTLP/gRPC Throttling").
    package static func error(code: Int, message: String, retryAfterSeconds: Int) -> [UInt8] {
        var duration = ProtoWriter()
        duration.varint(field: 1, UInt64(clamping: retryAfterSeconds))
        var retry = ProtoWriter()
        retry.bytes(field: 1, duration.bytes)
        var any = ProtoWriter()
        any.bytes(field: 1, Array("type.googleapis.com/google.rpc.RetryInfo".utf8))
        any.bytes(field: 2, retry.bytes)
        var writer = status(code: code, message: message)
        writer.bytes(field: 3, any.bytes)
        return writer.bytes
    }

    private static func status(code: Int, message: String) -> ProtoWriter {
        var writer = ProtoWriter()
        if code != 0 { writer.varint(field: 1, UInt64(clamping: code)) }
        writer.bytes(field: 2, Array(message.utf8))
        return writer
    }
}
