package import PerchModel

/// The form that targets answer in.
package enum ExpositionFormat: Sendable, Equatable {
    /// Prometheus' text format 0.0.4, and 1.0.0 with quoted names.
    case text
    /// OpenMetrics 1.0.
    case openMetrics
    /// Messages `io.prometheus.client.MetricFamily` with their lengths before them.
    case protobuf

    /// What a `Content-Type` announces, or `fallback` where it says nothing that is known, as
    /// targets often answer with a type that fits no format at all.
    ///
    /// Nil for another message or another encoding of protobuf.
    package init?(contentType: String?, fallback: ExpositionFormat = .text) {
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { part in
            part.filter { $0 != " " && $0 != "\"" }
        }
        switch parts.first {
        case "application/openmetrics-text": self = .openMetrics
        case "text/plain": self = .text
        case "application/vnd.google.protobuf":
            let isKnown = parts.dropFirst().allSatisfy { part in
                part.hasPrefix("proto=")
                    ? part == "proto=io.prometheus.client.metricfamily"
                    : part.hasPrefix("encoding=") ? part == "encoding=delimited" : true
            }
            guard isKnown else { return nil }
            self = .protobuf
        default: self = fallback
        }
    }
}

/// How a body is read.
package struct ExpositionOptions: Sendable {
    /// The time of samples that bring none.
    package var defaultTimeMillis: Int64
    /// Whether the times that samples bring count.
    package var honorsTimes = true
    /// Whether OpenMetrics' rules are checked that Prometheus does not ask for.
    package var isStrict = false
    /// Whether bounds in `le` and `quantile` get one form, as Prometheus 3 gives those of scrapes.
    package var normalizesBounds = false
    /// Whether the word `StaleNaN` is a staleness marker, which the formats have no word for.
    package var readsStaleMarkers = false
    /// The descriptions' hash of the body before: when this body's is the same, they are left out.
    package var knownMetadataHash: UInt64?

    /// Whether native histograms are taken; without, only what is classic of them.
    package var readsNativeHistograms = true
    /// Whether histograms that are native also give their classic series.
    package var keepsClassicHistograms = false
    /// Whether classic histograms become native ones with the same bounds.
    package var convertsClassicHistograms = false

    package init(defaultTimeMillis: Int64) {
        self.defaultTimeMillis = defaultTimeMillis
    }
}

/// A body as columns.
package struct ExpositionResult: Sendable, Equatable {
    package var batch = SampleBatch()
    /// One a sample: whether it brought its time.
    ///
    /// Such a series gets no staleness marker when it goes.
    package var hasOwnTime: [Bool] = []
    /// One a native histogram: the same.
    package var histogramHasOwnTime: [Bool] = []
    /// Of the lines that describe families.
    package var metadataHash: UInt64 = 0
    /// Exemplars left out because their labels are too long.
    package var droppedExemplars = 0

    package init() {}
}

/// Reads Prometheus' text format, OpenMetrics and the protobuf form.
///
/// Takes what Prometheus takes: OpenMetrics allows less, which ``ExpositionOptions/isStrict`` asks
/// for. A body with a mistake is refused whole, with its byte. Source:
/// prometheus.io/docs/instrumenting/exposition_formats; OpenMetrics 1.0; Prometheus 3,
/// `model/textparse`.
package enum Exposition {
    package static func decode(
        _ bytes: [UInt8], format: ExpositionFormat, options: ExpositionOptions
    ) throws(WireFailure) -> ExpositionResult {
        if format == .protobuf {
            var reader = ProtoExposition(options: options)
            return try reader.decode(bytes.span)
        }
        var parser = ExpositionParser(byteCount: bytes.count, format: format, options: options)
        try parser.decode(bytes.span)
        if options.isStrict, format == .openMetrics { try OpenMetricsRules.check(bytes) }
        return try parser.finish(bytes.span)
    }
}
