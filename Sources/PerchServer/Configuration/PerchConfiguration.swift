import PerchEvents
package import PerchIngest
import PerchModel
package import PerchSeries
package import PerchWire

/// Everything that can be configured, with the defaults of a server that was told nothing.
///
/// Keys, defaults and environment variables: docs/operating/configuration.md.
package struct PerchConfiguration: Sendable, Equatable {
    /// Who may do what without a credential.
    ///
    /// Source: design, section 11.
    package enum AuthMode: String, Sendable, CaseIterable {
        /// Loopback peers may ingest and read; everything else needs a credential.
        case loopback
        /// Everything needs a credential.
        case keys
        /// Nothing needs one; loopback listeners only.
        case none
    }

    /// How much disk the stores may use together.
    package enum DiskLimit: Sendable, Equatable {
        /// A share of the file system's size, in percent.
        case percent(Int)
        case bytes(Int)
    }

    package struct TLS: Sendable, Equatable {
        package var certificatePath: String
        package var keyPath: String
    }

    package struct Limits: Sendable, Equatable {
        /// The most bytes of a body, compressed or not.
        package var bodyByteCountMax = 64 << 20
        /// The most bytes of all header fields of a request.
        package var headerByteCountMax = 32 << 10
        /// The most open connections of a listener.
        package var connectionsMax = 4_096
        /// How long a body may take to arrive.
        package var bodyTimeoutSeconds = 60
        /// How long a connection may be silent, also while a request's head arrives.
        package var idleTimeoutSeconds = 60
        /// The most queries that run at once.
        package var queriesMax = 16
        /// How long a query may take until its answer begins.
        package var queryTimeoutSeconds = 120
        /// How many series may be written to at a time.
        package var series = SeriesBounds()
    }

    package struct Retention: Sendable, Equatable {
        package var metricsSeconds = 30 * 86_400
        package var logsSeconds = 30 * 86_400
        package var tracesSeconds = 14 * 86_400
        /// Logs of level error and above, where that is longer.
        package var errorsSeconds = 90 * 86_400
        /// Logs that a search names; the first rule that does holds, before `errorsSeconds`.
        package var rules: [RetentionSearch] = []

        var eventsNanos: [Dataset: Int64] {
            [
                .logs: Int64(logsSeconds) * 1_000_000_000,
                .spans: Int64(tracesSeconds) * 1_000_000_000,
            ]
        }

        /// How old events may be that come in.
        func ages(_ dataset: Dataset) -> EventAges {
            let rules = eventRules.filter { $0.dataset == dataset }
            return EventAges(
                usualNanos: eventsNanos[dataset] ?? .max,
                rules: rules.map { EventAges.Rule($0.predicate, nanos: $0.nanos) })
        }

        /// What is kept longer or shorter than the rest of its dataset.
        var eventRules: [EventStore.RetentionRule] {
            let errors = errorsSeconds > logsSeconds ? RetentionSearch.errors(errorsSeconds) : nil
            return (rules + [errors].compactMap { $0 }).compactMap(\.rule)
        }

        var metricsMillis: Int64 { Int64(metricsSeconds) * 1_000 }
    }

    package var data = "./perch-data"
    /// Nil is the default address, beside which the OTLP ports are opened when they are free.
    package var listen: ListenAddress?
    package var otlpHTTP: ListenAddress?
    package var otlpGRPC: ListenAddress?
    package var auth = AuthMode.loopback
    /// Names besides loopback ones by which browsers may reach the server.
    package var hosts: [String] = []
    /// Addresses of proxies whose forwarded headers are believed.
    package var trustedProxies: [String] = []
    /// Somebody in front of the server does TLS.
    package var behindProxy = false
    /// Folders whose JSON files are dashboards.
    package var dashboards: [String] = []
    package var tlsCertificate: String?
    package var tlsKey: String?
    /// A file as Prometheus', whose `scrape_configs` are followed.
    package var prometheusFile: String?
    /// How OTLP's metrics become series; nil leaves it to `prometheusFile`.
    package var ownOTLPMetrics: OTLPMetricsOptions?
    package var limits = Limits()
    /// What is done to events at the door.
    package var policy = EventPolicySettings()
    package var retention = Retention()
    package var diskLimit = DiskLimit.percent(80)
    /// Bytes below which the doors answer 503.
    package var freeSpaceByteCountMin = 1 << 30
    /// Memory of both heads together.
    package var headByteCountMax = 256 << 20
    package var logLevel = "info"

    package init() {}

    /// The main address where none is configured.
    package static let defaultListen = ListenAddress(host: "127.0.0.1", port: 9_700)
    /// The OTLP address where none is configured, opened when it is free.
    package static let defaultOTLPHTTP = ListenAddress(host: "127.0.0.1", port: 4_318)

    /// The address of OTLP over gRPC where none is configured, opened when it is free.
    package static let defaultOTLPGRPC = ListenAddress(host: "127.0.0.1", port: 4_317)

    /// The main listener.
    package var mainAddress: ListenAddress { listen ?? Self.defaultListen }

    /// All addresses that are opened for sure.
    package var addresses: [ListenAddress] { openedKeys.map(\.address) }

    /// The same with their keys.
    private var openedKeys: [(key: String, address: ListenAddress)] {
        [("listen", mainAddress)] + (otlpHTTP.map { [("otlp_http", $0)] } ?? [])
            + (otlpGRPC.map { [("otlp_grpc", $0)] } ?? [])
    }

    /// The same, to be changed key by key.
    var otlpMetrics: OTLPMetricsOptions {
        get { ownOTLPMetrics ?? OTLPMetricsOptions() }
        set { ownOTLPMetrics = newValue }
    }

    package var tls: TLS? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLS(certificatePath: tlsCertificate, keyPath: tlsKey)
    }

    /// What no single key can tell: rules over several.
    ///
    /// Source: design, section 11.
    package func check() throws(ConfigurationFailure) {
        if (tlsCertificate == nil) != (tlsKey == nil) {
            throw ConfigurationFailure(
                key: "tls", message: "cert and key are needed both, or neither")
        }
        if let otlpHTTP, otlpHTTP == mainAddress, otlpHTTP.port != 0 {
            throw ConfigurationFailure(
                key: "otlp_http",
                message: "\(otlpHTTP) is the main address, which takes OTLP anyway")
        }
        if let otlpGRPC, otlpGRPC.port != 0, [mainAddress, otlpHTTP].contains(otlpGRPC) {
            throw ConfigurationFailure(
                key: "otlp_grpc",
                message: "\(otlpGRPC) takes HTTP/1.1; gRPC needs an address of its own")
        }
        if let mistake = otlpMetrics.mistake {
            throw ConfigurationFailure(key: "otlp", message: mistake)
        }
        if policy.action == .hash, policy.hashKey.utf8.count < 16 {
            throw ConfigurationFailure(
                key: "redact", message: "hash needs a key of 16 characters or more")
        }
        do {
            _ = try EventPolicy(policy)
        } catch {
            throw ConfigurationFailure(key: "redact.patterns", message: "\(error)")
        }
        if auth == .none, behindProxy {
            throw ConfigurationFailure(
                key: "auth", message: "none would let in whoever reaches the proxy in front")
        }
        for (key, address) in openedKeys where !address.isLoopback {
            if auth == .none {
                throw ConfigurationFailure(
                    key: "auth",
                    message: "none is for loopback listeners only, and \(address) is not one")
            }
            if tls == nil, !behindProxy {
                throw ConfigurationFailure(
                    key: key,
                    message: """
                        \(address) is reachable from elsewhere: give tls.cert and tls.key, or say \
                        behind_proxy: true when a proxy in front does TLS
                        """)
            }
        }
    }

    /// The keys whose change needs a restart, out of those that differ.
    package func restartKeys(comparedTo old: PerchConfiguration) -> [String] {
        var keys: [String] = []
        if data != old.data { keys.append("data") }
        if listen != old.listen { keys.append("listen") }
        if otlpHTTP != old.otlpHTTP { keys.append("otlp_http") }
        if otlpGRPC != old.otlpGRPC { keys.append("otlp_grpc") }
        if tlsCertificate != old.tlsCertificate || tlsKey != old.tlsKey { keys.append("tls") }
        if auth != old.auth { keys.append("auth") }
        if trustedProxies != old.trustedProxies { keys.append("trusted_proxies") }
        if behindProxy != old.behindProxy { keys.append("behind_proxy") }
        if headByteCountMax != old.headByteCountMax { keys.append("memory.head") }
        if freeSpaceByteCountMin != old.freeSpaceByteCountMin { keys.append("free_space_min") }
        if limits.headerByteCountMax != old.limits.headerByteCountMax
            || limits.connectionsMax != old.limits.connectionsMax
            || limits.idleTimeoutSeconds != old.limits.idleTimeoutSeconds
            || limits.bodyTimeoutSeconds != old.limits.bodyTimeoutSeconds
        {
            keys.append("limits")
        }
        return keys
    }
}

/// Why a configuration cannot be used, with its place.
package struct ConfigurationFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, with line and column where known, or the environment variable.
    package var place: String?
    /// The key, as `retention.logs`; nil for mistakes of YAML itself.
    package var key: String?
    package var message: String

    package init(place: String? = nil, key: String? = nil, message: String) {
        self.place = place
        self.key = key
        self.message = message
    }

    package var description: String {
        [place, key, message].compactMap { $0 }.joined(separator: ": ")
    }
}
