import PerchModel

/// Reads `ExportMetricsServiceRequest` into series named as Prometheus names them.
///
/// Source: opentelemetry-proto, metrics/v1/metrics.proto; OpenTelemetry specification,
/// "Prometheus and OpenMetrics Compatibility". See docs/protocols/otlp.md.
package enum OTLPMetrics {
    /// Reads a request in protobuf.
    ///
    /// `receivedNanos` is the time of points that give none.
    package static func decode(
        _ body: [UInt8], receivedNanos: Int64, options: OTLPMetricsOptions = OTLPMetricsOptions()
    ) throws(WireFailure) -> OTLPMetricsResult {
        var decoder = MetricsDecoder(receivedNanos: receivedNanos, options)
        try decoder.request(body.span)
        return decoder.finished()
    }

    /// Reads a request in OTLP/JSON.
    package static func decodeJSON(
        _ body: [UInt8], receivedNanos: Int64, options: OTLPMetricsOptions = OTLPMetricsOptions()
    ) throws(WireFailure) -> OTLPMetricsResult {
        let protobuf = try Transcoder.transcode(body, as: .metricsRequest)
        return try decode(protobuf, receivedNanos: receivedNanos, options: options)
    }
}

private struct MetricsDecoder {
    private var writer: PointWriter
    private var families: Set<[UInt8]> = []
    private let options: OTLPMetricsOptions
    private let isPromoted: (String) -> Bool

    init(receivedNanos: Int64, _ options: OTLPMetricsOptions) {
        writer = PointWriter(receivedNanos: receivedNanos, options)
        self.options = options
        isPromoted = options.promotion()
    }

    func finished() -> OTLPMetricsResult {
        var result = writer.result
        if result.rejectedCount > 0 {
            result.rejectedMessage =
                "\(result.rejectedCount) data points refused, the first because "
                + writer.firstReason
        }
        return result
    }

    mutating func request(_ bytes: Span<UInt8>) throws(WireFailure) {
        var cursor = ProtoCursor(bytes.indices)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try resourceMetrics(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func resourceMetrics(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let found = try Envelope.find(0x0a, bytes, in: range)
        let resource = try ResourceReader.read(bytes, found)
        writer.beginResource(
            ResourceLabels.identity(of: resource),
            promoted: ResourceLabels.promoted(of: resource, isPromoted))
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: try scopeMetrics(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
        try writer.targetInfo(ResourceLabels.targetInfo(of: resource, options))
    }

    private mutating func scopeMetrics(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        if options.promotesScope {
            writer.beginScope(try ResourceLabels.scope(bytes, range))
        }
        var cursor = ProtoCursor(range)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x12: try metric(bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private mutating func metric(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) throws(WireFailure) {
        let fields = try MetricFields.read(bytes, range)
        guard let kind = fields.kind else { return }
        let name = Array(bytes.extracting(fields.name))
        let unit = Array(bytes.extracting(fields.unit))
        let family = MetricName.translate(
            name, unit: unit, suffix: fields.suffix, options.strategy)
        if refusal(of: family) == nil, families.insert(family).inserted {
            writer.result.batch.metadata.append(
                MetricMetadata(
                    family: String(decoding: family, as: UTF8.self), type: fields.type,
                    unit: String(decoding: unit, as: UTF8.self),
                    help: String(
                        decoding: Array(bytes.extracting(fields.help)), as: UTF8.self)))
        }
        writer.beginMetric(
            family, isDelta: fields.temporality == 1,
            refusal: refusal(of: family) ?? fields.refusal)
        var cursor = ProtoCursor(fields.data)
        while let tag = try cursor.tag(bytes) {
            switch tag {
            case 0x0a: try writer.point(kind, bytes, try cursor.range(bytes))
            default: try cursor.skip(bytes, tag: tag)
            }
        }
    }

    private func refusal(of family: [UInt8]) -> String? {
        if family.isEmpty { return "a metric's name has no letter or digit" }
        return family.count > Limits.maxKeyBytes
            ? "a metric's name is over \(Limits.maxKeyBytes) bytes" : nil
    }
}
