import PerchWire

/// A form in which targets can answer, by the name that `scrape_protocols` gives it.
package enum ScrapeProtocol: String, Sendable, CaseIterable {
    case openMetrics1 = "OpenMetricsText1.0.0"
    case openMetrics0 = "OpenMetricsText0.0.1"
    case text1 = "PrometheusText1.0.0"
    case text0 = "PrometheusText0.0.4"
    case protobuf = "PrometheusProto"

    /// What is asked for unless something else is configured.
    static let usual: [ScrapeProtocol] = [.openMetrics1, .openMetrics0, .text1, .text0]

    var mediaType: String {
        switch self {
        case .openMetrics1: "application/openmetrics-text;version=1.0.0"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .text1: "text/plain;version=1.0.0"
        case .text0: "text/plain;version=0.0.4"
        case .protobuf:
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited"
        }
    }

    /// Whether its names may need to be escaped.
    var hasEscaping: Bool { self == .openMetrics1 || self == .text1 }

    var format: ExpositionFormat {
        switch self {
        case .openMetrics1, .openMetrics0: .openMetrics
        case .text1, .text0: .text
        case .protobuf: .protobuf
        }
    }
}

/// What a job asks its targets for, and what it takes of their answers.
package struct ScrapeFormats: Sendable, Equatable {
    /// How targets are asked to write names with other characters than the usual.
    package enum Escaping: String, Sendable, CaseIterable {
        case unchanged = "allow-utf-8"
        case underscores
        case dots
        case values
    }

    /// In the order in which they are preferred.
    package var protocols = ScrapeProtocol.usual
    /// What an answer is that does not say what it is.
    package var fallback: ScrapeProtocol?
    package var escaping = Escaping.unchanged
    /// Whether names must be those that PromQL takes without quotes.
    package var isLegacy = false
    package var readsNativeHistograms = false
    package var keepsClassicHistograms = false
    package var convertsClassicHistograms = false
    /// The most buckets of a native histogram, or 0: over it, neighbours are merged.
    package var bucketsMax = 0
    /// How much a bucket's bound must be above the one before, or 0: below it, neighbours are
    /// merged.
    package var bucketFactorMin = 0.0
    /// Whether the reports tell of limits and sizes too.
    package var reportsMore = false

    /// The header that asks for them.
    var accept: String {
        var weight = ScrapeProtocol.allCases.count + 1
        var parts: [String] = []
        for wanted in protocols {
            let escaping = wanted.hasEscaping ? ";escaping=\(escaping.rawValue)" : ""
            parts.append("\(wanted.mediaType)\(escaping);q=0.\(weight)")
            weight -= 1
        }
        return (parts + ["*/*;q=0.\(weight)"]).joined(separator: ",")
    }
}
