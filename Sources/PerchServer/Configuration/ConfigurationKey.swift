import Logging
import PerchIngest
import PerchSeries
import PerchWire

/// One key of the configuration: how its text is read and where it goes.
///
/// The file, the environment and the command line all go through this one table.
struct ConfigurationKey: Sendable {
    /// The path with dots, as `retention.logs`.
    let name: String
    let isList: Bool
    /// What is expected, for the error.
    let expected: String
    /// Stores the value; false when the text does not read.
    ///
    /// Lists come as several texts.
    let set: @Sendable ([String], inout PerchConfiguration) -> Bool

    /// `PERCH_` and the path in upper case with underscores.
    var environmentVariable: String {
        "PERCH_" + name.uppercased().replacing(".", with: "_")
    }

    private init(
        _ name: String, isList: Bool = false, _ expected: String,
        _ set: @escaping @Sendable ([String], inout PerchConfiguration) -> Bool
    ) {
        self.name = name
        self.isList = isList
        self.expected = expected
        self.set = set
    }

    private static func scalar<Value>(
        _ name: String, _ expected: String,
        _ path: any (WritableKeyPath<PerchConfiguration, Value> & Sendable),
        _ read: @escaping @Sendable (String) -> Value?
    ) -> ConfigurationKey {
        ConfigurationKey(name, expected) { texts, configuration in
            guard let text = texts.first, let value = read(text) else { return false }
            configuration[keyPath: path] = value
            return true
        }
    }

    /// As `scalar`, for what has no default: text that does not read must not become nil.
    private static func optional<Value>(
        _ name: String, _ expected: String,
        _ path: any (WritableKeyPath<PerchConfiguration, Value?> & Sendable),
        _ read: @escaping @Sendable (String) -> Value?
    ) -> ConfigurationKey {
        scalar(name, expected, path) { text in read(text).map { .some($0) } }
    }

    private static func list(
        _ name: String, _ expected: String,
        _ path: any (WritableKeyPath<PerchConfiguration, [String]> & Sendable),
        _ isValid: @escaping @Sendable (String) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(name, isList: true, expected) { texts, configuration in
            guard texts.allSatisfy(isValid) else { return false }
            configuration[keyPath: path] = texts
            return true
        }
    }

    private static let address = "an address such as 127.0.0.1:9700"
    private static let size = "a size such as 64MB, 1GiB or 1048576"
    private static let duration = "a duration such as 30d, 12h or 90s"
    private static let flag = "true or false"
    private static let names = "a list of attributes such as service.version"

    static let all: [ConfigurationKey] = main + otlp

    /// As in Prometheus' section of this name.
    private static let otlp: [ConfigurationKey] = [
        list("otlp.promote_resource_attributes", names, \.otlpMetrics.promoted) { !$0.isEmpty },
        scalar(
            "otlp.promote_all_resource_attributes", flag, \.otlpMetrics.promotesAll
        ) { Bool($0) },
        list("otlp.ignore_resource_attributes", names, \.otlpMetrics.ignored) { !$0.isEmpty },
        scalar(
            "otlp.translation_strategy",
            OTLPMetricsOptions.Strategy.allCases.map(\.rawValue).joined(separator: ", "),
            \.otlpMetrics.strategy
        ) { OTLPMetricsOptions.Strategy(rawValue: $0) },
        scalar(
            "otlp.keep_identifying_resource_attributes", flag, \.otlpMetrics.keepsIdentity
        ) { Bool($0) },
        scalar("otlp.promote_scope_metadata", flag, \.otlpMetrics.promotesScope) { Bool($0) },
        scalar("otlp.convert_histograms_to_nhcb", flag, \.otlpMetrics.convertsHistograms) {
            Bool($0)
        },
        scalar(
            "otlp.label_name_underscore_sanitization", flag, \.otlpMetrics.prefixesUnderscores
        ) { Bool($0) },
        scalar(
            "otlp.label_name_preserve_multiple_underscores", flag,
            \.otlpMetrics.keepsUnderscoreRuns
        ) { Bool($0) },
    ]

    private static let main: [ConfigurationKey] = [
        scalar("data", "a folder", \.data) { $0.isEmpty ? nil : $0 },
        optional("listen", address, \.listen) { ListenAddress($0) },
        optional("otlp_http", address, \.otlpHTTP) { ListenAddress($0) },
        optional("otlp_grpc", address, \.otlpGRPC) { ListenAddress($0) },
        scalar("auth", "loopback, keys or none", \.auth) {
            PerchConfiguration.AuthMode(rawValue: $0)
        },
        list("hosts", "a list of host names such as perch.example", \.hosts) { isHost($0) },
        list(
            "trusted_proxies", "a list of addresses such as 10.0.0.1, no networks",
            \.trustedProxies
        ) { isAddress($0) },
        list("dashboards.folders", "folders", \.dashboards) { !$0.isEmpty },
        scalar("behind_proxy", flag, \.behindProxy) { Bool($0) },
        optional("tls.cert", "a file", \.tlsCertificate) { $0.isEmpty ? nil : $0 },
        optional("tls.key", "a file", \.tlsKey) { $0.isEmpty ? nil : $0 },
        optional("prometheus", "a file", \.prometheusFile) { $0.isEmpty ? nil : $0 },
        scalar("limits.body", size + ", at most 1GiB", \.limits.bodyByteCountMax) {
            bytes($0).flatMap { $0 <= 1 << 30 ? $0 : nil }
        },
        scalar("limits.headers", size + ", at most 16MiB", \.limits.headerByteCountMax) {
            bytes($0).flatMap { $0 <= 16 << 20 ? $0 : nil }
        },
        scalar("limits.connections", "a number from 1", \.limits.connectionsMax) { count($0) },
        scalar("limits.body_timeout", duration, \.limits.bodyTimeoutSeconds) { seconds($0) },
        scalar("limits.idle_timeout", duration, \.limits.idleTimeoutSeconds) { seconds($0) },
        scalar("limits.queries", "a number from 1", \.limits.queriesMax) { count($0) },
        scalar("limits.query_timeout", duration, \.limits.queryTimeoutSeconds) { seconds($0) },
        scalar("limits.series", "a number from 1", \.limits.series.totalMax) { count($0) },
        optional(
            "limits.series_per_metric", "a number from 1", \.limits.series.metricMax
        ) { count($0) },
        optional(
            "limits.series_per_target", "a number from 1", \.limits.series.targetMax
        ) { count($0) },
        optional(
            "limits.service_events", "a number from 1", \.policy.serviceEventsPerSecond
        ) { count($0) },
        ConfigurationKey("redact.detect", isList: true, "a list of email, card, token, ip") {
            texts, configuration in
            let detectors = texts.compactMap { EventPolicySettings.Detector(rawValue: $0) }
            configuration.policy.detectors = Set(detectors)
            return detectors.count == texts.count
        },
        list("redact.fields", "a list of names such as password", \.policy.fields) {
            !$0.isEmpty
        },
        list("redact.patterns", "a list of regular expressions", \.policy.patterns) {
            !$0.isEmpty
        },
        scalar("redact.action", "mask, hash or drop", \.policy.action) {
            EventPolicySettings.Action(rawValue: $0)
        },
        scalar("redact.key", "a secret text", \.policy.hashKey) { $0 },
        ConfigurationKey(
            "sampling.routes", isList: true, "a list such as [/health, /api/search* 10%]"
        ) { texts, configuration in
            let rules = texts.compactMap { EventPolicySettings.RouteRule($0) }
            configuration.policy.routes = rules
            return rules.count == texts.count
        },
        optional("sampling.traces", "a share such as 10%", \.policy.tracesKeptPerMillion) {
            EventPolicySettings.millionths($0)
        },
        scalar("sampling.slow", "a duration such as 500ms or 2s", \.policy.slowTraceNanos) {
            $0.hasSuffix("ms")
                ? Int64($0.dropLast(2)).flatMap {
                    (1...86_400_000).contains($0) ? $0 * 1_000_000 : nil
                }
                : seconds($0).map { Int64($0) * 1_000_000_000 }
        },
        optional("trim.elements", "a number from 1", \.policy.elementsMax) { count($0) },
        scalar("retention.metrics", duration, \.retention.metricsSeconds) { seconds($0) },
        scalar("retention.logs", duration, \.retention.logsSeconds) { seconds($0) },
        scalar("retention.traces", duration, \.retention.tracesSeconds) { seconds($0) },
        scalar("retention.errors", duration, \.retention.errorsSeconds) { seconds($0) },
        ConfigurationKey(
            "retention.rules", isList: true, "a list such as [\"service:audit 365d\"]"
        ) { texts, configuration in
            let rules = texts.compactMap { RetentionSearch($0) }
            configuration.retention.rules = rules
            return rules.count == texts.count
        },
        scalar("disk_limit", "a share such as 80% or a size such as 50GB", \.diskLimit) {
            diskLimit($0)
        },
        scalar("free_space_min", size, \.freeSpaceByteCountMin) { $0 == "0" ? 0 : bytes($0) },
        scalar("memory.head", size, \.headByteCountMax) { bytes($0) },
        scalar("log_level", "trace, debug, info, notice, warning, error or critical", \.logLevel) {
            Logger.Level(rawValue: $0)?.rawValue
        },
    ]

    private static func count(_ text: String) -> Int? {
        guard let value = Int(text), value >= 1, value <= Int(Int32.max) else { return nil }
        return value
    }

    /// Decimal units are powers of 1,000, those with an `i` powers of 1,024.
    static func bytes(_ text: String) -> Int? {
        let units: [(name: String, factor: Int)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
            ("B", 1), ("", 1),
        ]
        for unit in units where text.hasSuffix(unit.name) {
            guard let value = Int(text.dropLast(unit.name.count)), value >= 1 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: unit.factor)
            return overflow ? nil : product
        }
        return nil
    }

    /// At most a hundred years, so that nanoseconds fit 64 bits.
    static func seconds(_ text: String) -> Int? {
        let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        guard let unit = text.last, let factor = factors[unit],
            let value = Int(text.dropLast()), value >= 1, value <= 36_500 * 86_400 / factor
        else { return nil }
        return value * factor
    }

    /// A name or an address, perhaps with a port; no URL.
    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }
    }

    /// Something like an address, so that a name or a network is not believed to be trusted.
    private static func isAddress(_ text: String) -> Bool {
        (text.contains(".") || text.contains(":"))
            && text.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
    }

    private static func diskLimit(_ text: String) -> PerchConfiguration.DiskLimit? {
        guard text.hasSuffix("%") else { return bytes(text).map { .bytes($0) } }
        guard let percent = Int(text.dropLast()), (1...100).contains(percent) else { return nil }
        return .percent(percent)
    }
}
