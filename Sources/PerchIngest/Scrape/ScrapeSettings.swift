package import PerchWire

/// What a file of Prometheus asks for.
package struct ScrapeSettings: Sendable {
    /// `global.external_labels`, for those who send on.
    package var externalLabels: [(name: String, value: String)] = []
    package var jobs: [ScrapeJob] = []
    /// What `otlp` asks for; nil without such a section.
    package var otlp: OTLPMetricsOptions?
    /// What the file asks for that has no effect here, each with its line.
    package var notes: [String] = []

    package init() {}
}

/// Bounds of what one scrape may bring; 0 is no bound.
package struct ScrapeBounds: Sendable, Equatable {
    package var bodyByteCount = 0
    package var samples = 0
    package var labels = 0
    package var labelNameByteCount = 0
    package var labelValueByteCount = 0
    package var targets = 0
}

/// How requests of a job are made.
package struct ScrapeTransport: Sendable, Equatable {
    /// Where a secret comes from: the file is read at each scrape, so that it may change.
    package enum Secret: Sendable, Equatable {
        case text(String)
        case file(String)
    }

    package enum Authorization: Sendable, Equatable {
        case none
        case basic(user: String, password: Secret)
        /// The type, as `Bearer`, and the credentials.
        case credentials(type: String, Secret)
    }

    package struct TLS: Sendable, Hashable {
        package var authorityFile: String?
        package var certificateFile: String?
        package var keyFile: String?
        package var isUnchecked = false
        /// As Prometheus names them: `TLS10` to `TLS13`.
        package var versionMin: String?
        package var versionMax: String?
    }

    package var authorization = Authorization.none
    package var tls = TLS()
    package var headers: [Header] = []
    package var followsRedirects = true
    package var usesHTTP2 = true

    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: Secret
    }
}

/// One `scrape_config`.
package struct ScrapeJob: Sendable {
    package var name = ""
    package var intervalNanos: Int64 = 60_000_000_000
    package var timeoutNanos: Int64 = 10_000_000_000
    package var metricsPath = "/metrics"
    package var scheme = "http"
    package var parameters: [(name: String, values: [String])] = []
    package var honorsLabels = false
    package var honorsTimes = true
    package var tracksTimesStaleness = false
    package var compresses = true
    package var transport = ScrapeTransport()
    package var bounds = ScrapeBounds()
    package var formats = ScrapeFormats()
    /// How many dropped targets are remembered for those who ask, or 0.
    package var droppedMax = 0
    package var staticGroups: [TargetGroup] = []
    package var files: [FileDiscovery] = []
    package var services: [HTTPDiscovery] = []
    package var targetRules: [RelabelRule] = []
    package var sampleRules: [RelabelRule] = []
}

/// Addresses with the labels they share.
package struct TargetGroup: Sendable, Equatable {
    package var source: String
    package var addresses: [String]
    package var labels: LabelSet

    package init(source: String, addresses: [String], labels: LabelSet) {
        self.source = source
        self.addresses = addresses
        self.labels = labels
    }
}

/// One `file_sd_config`.
package struct FileDiscovery: Sendable, Equatable {
    /// Paths, the last part of which may hold `*`.
    package var patterns: [String]
    package var refreshNanos: Int64
}

/// One `http_sd_config`.
package struct HTTPDiscovery: Sendable, Equatable {
    package var url: String
    package var refreshNanos: Int64
    package var transport: ScrapeTransport
}
