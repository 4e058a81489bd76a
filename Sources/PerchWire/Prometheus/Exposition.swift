package import PerchModel

/// The text that targets answer with.
package enum ExpositionFormat: Sendable, Equatable {
    /// Prometheus' text format 0.0.4, and 1.0.0 with quoted names.
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// What a `Content-Type` announces: text where it says nothing that is known, as targets often
    /// answer with a type that fits no format at all.
    ///
    /// Nil for the protobuf form, which is not read.
    package init?(contentType: String?) {
        let type = (contentType ?? "").split(separator: ";").first ?? ""
        switch type.lowercased().filter({ $0 != " " }) {
        case "application/openmetrics-text": self = .openMetrics
        case "application/vnd.google.protobuf": return nil
        default: self = .text
        }
    }
}

/// How a body of text is read.
package struct ExpositionOptions: Sendable {
    /// The time of samples that bring none.
    package var defaultTimeMillis: Int64
    /// Whether the times that samples bring count.
    package var honorsTimes = true
    /// Whether OpenMetrics' rules are checked that Prometheus does not ask for.
    package var isStrict = false
    /// Whether the word `StaleNaN` is a staleness marker, which the formats have no word for.
    package var readsStaleMarkers = false
    /// The descriptions' hash of the body before: when this body's is the same, they are left out.
    package var knownMetadataHash: UInt64?

    package init(defaultTimeMillis: Int64) {
        self.defaultTimeMillis = defaultTimeMillis
    }
}

/// A body of text as columns.
package struct ExpositionResult: Sendable, Equatable {
    package var batch = SampleBatch()
    /// One a sample: whether it brought its time.
    ///
    /// Such a series gets no staleness marker when it goes.
    package var hasOwnTime: [Bool] = []
    /// Of the lines that describe families.
    package var metadataHash: UInt64 = 0
    /// Exemplars left out because their labels are too long.
    package var droppedExemplars = 0

    package init() {}
}

/// Reads Prometheus' text format and OpenMetrics.
///
/// Takes what Prometheus takes: OpenMetrics allows less, which ``ExpositionOptions/isStrict`` asks
/// for. A body with a mistake is refused whole, with its byte. Source:
/// prometheus.io/docs/instrumenting/exposition_formats; OpenMetrics 1.0; Prometheus 3,
/// `model/textparse`.
package enum Exposition {
    package static func decode(
        _ bytes: [UInt8], format: ExpositionFormat, options: ExpositionOptions
    ) throws(WireFailure) -> ExpositionResult {
        var parser = ExpositionParser(byteCount: bytes.count, format: format, options: options)
        try parser.decode(bytes.span)
        if options.isStrict, format == .openMetrics { try OpenMetricsRules.check(bytes) }
        return try parser.finish(bytes.span)
    }
}
