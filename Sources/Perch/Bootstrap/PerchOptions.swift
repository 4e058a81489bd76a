public import Configuration
import Logging

/// Everything that an application chooses.
public struct PerchOptions: Sendable {
    /// `service.name`.
    public var service = "unknown_service"
    /// `service.version`: the release.
    public var version: String?
    /// `deployment.environment.name`.
    public var environment: String?
    /// Further attributes of the process.
    public var resource: [String: String] = [:]
    /// Log lines.
    public var logs = LogOptions()
    /// Names, buckets and limits of metrics.
    public var metrics = MetricOptions()
    /// Sampling and limits of spans.
    public var tracing = TracingOptions()
    /// Where telemetry goes.
    public var export = ExportOptions()

    /// Makes the defaults.
    public init() {}

    /// Reads the environment, or whatever else `config` reads.
    ///
    /// Throws ``PerchOptionsFailure`` for a value that means nothing.
    public init(_ config: ConfigReader) throws(PerchOptionsFailure) {
        let read = { (key: String) -> String? in
            guard let text = config.string(forKey: ConfigKey(key)), !text.isEmpty else {
                return nil
            }
            return text
        }
        resource = Self.pairs(read("otel.resource.attributes") ?? "")
        service =
            read("otel.service.name") ?? read("service.name") ?? resource["service.name"]
            ?? service
        version = read("sentry.release") ?? resource["service.version"]
        environment =
            read("sentry.env") ?? read("sentry.environment")
            ?? resource["deployment.environment.name"] ?? read("node.env")
        if let text = read("log.level") {
            guard let level = Logger.Level(name: text) else {
                throw PerchOptionsFailure(
                    "LOG_LEVEL", text, "trace, debug, info, warn, error, fatal")
            }
            logs.level = level
        }
        if let text = read("log.format") {
            guard let format = LogOptions.Format(rawValue: text.lowercased()) else {
                throw PerchOptionsFailure("LOG_FORMAT", text, "json, text, color")
            }
            logs.format = format
        }
        try readExport(read)
        try readSampler(read)
    }

    private mutating func readExport(_ read: (String) -> String?) throws(PerchOptionsFailure) {
        guard read("otel.sdk.disabled")?.lowercased() != "true" else { return }
        if let name = read("otel.exporter.otlp.protocol"), name != "http/protobuf" {
            throw PerchOptionsFailure("OTEL_EXPORTER_OTLP_PROTOCOL", name, "http/protobuf")
        }
        let endpoint = read("otel.exporter.otlp.endpoint")
        for signal in ExportOptions.Signal.allCases {
            let own = read("otel.exporter.otlp.\(signal.rawValue).endpoint")
            let isOff = read("otel.\(signal.rawValue).exporter") == "none"
            guard !isOff else { continue }
            export.addresses[signal] =
                own ?? endpoint.map { ExportOptions.address($0, signal) }
        }
        export.headers = Self.pairs(read("otel.exporter.otlp.headers") ?? "")
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if let wait = try millis("otel.exporter.otlp.timeout", read) { export.timeout = wait }
        if let wait = try millis("otel.bsp.schedule.delay", read) { export.delay = wait }
        if let wait = try millis("otel.metric.export.interval", read) {
            export.metricInterval = wait
        }
        if let text = read("otel.bsp.max.export.batch.size") {
            guard let count = Int(text), count > 0 else {
                throw PerchOptionsFailure(
                    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", text, "a number above 0")
            }
            export.batchCount = count
        }
    }

    private mutating func readSampler(_ read: (String) -> String?) throws(PerchOptionsFailure) {
        guard let name = read("otel.traces.sampler") else { return }
        let argument = read("otel.traces.sampler.arg")
        guard let sampler = Sampler(name: name, argument: argument) else {
            throw PerchOptionsFailure(
                "OTEL_TRACES_SAMPLER", name,
                "always_on, always_off, traceidratio, or parentbased_ before one of them")
        }
        tracing.sampler = sampler
    }

    private func millis(
        _ key: String, _ read: (String) -> String?
    ) throws(PerchOptionsFailure) -> Duration? {
        guard let text = read(key) else { return nil }
        guard let count = Int64(text), count > 0, count < 1 << 40 else {
            let name = key.split(separator: ".").joined(separator: "_").uppercased()
            throw PerchOptionsFailure(name, text, "milliseconds above 0")
        }
        return .milliseconds(count)
    }

    /// Reads `key=value,key=value` with percent escapes (W3C Baggage's form).
    static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for part in text.split(separator: ",") {
            guard let equal = part.firstIndex(of: "=") else { continue }
            let key = unescaped(trimmed(part[..<equal]))
            if !key.isEmpty {
                pairs[key] = unescaped(trimmed(part[part.index(after: equal)...]))
            }
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The attributes that all telemetry carries.
    var allResource: [String: String] {
        var all = resource
        all["service.name"] = service
        all["service.version"] = version
        all["deployment.environment.name"] = environment
        all["telemetry.sdk.name"] = "perch"
        all["telemetry.sdk.language"] = "swift"
        return all
    }
}

/// A setting that means nothing.
public struct PerchOptionsFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The variable's name in the environment.
    public var name: String
    /// What was given.
    public var value: String
    /// What it may be.
    public var expected: String

    init(_ name: String, _ value: String, _ expected: String) {
        self.name = name
        self.value = value
        self.expected = expected
    }

    /// The failure as a sentence.
    public var description: String { "\(name) is “\(value)”; it may be: \(expected)" }
}
