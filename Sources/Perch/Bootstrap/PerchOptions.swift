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
    /// Which database queries get a line.
    public var queries = QueryOptions()
    /// How often queues are asked what waits in them (JOB-1).
    public var queueInterval = Duration.seconds(60)
    /// Where telemetry goes.
    public var export = ExportOptions()
    /// Reports of errors and crashes.
    public var errors = ErrorOptions()

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
                throw PerchOptionsFailure("LOG_FORMAT", text, "json, text, color, none")
            }
            logs.format = format
        }
        if let text = read("log.fields") {
            switch text.lowercased() {
            case "snake", "snake_case": logs.fields = .snakeCase
            case "camel", "camelcase": logs.fields = .camelCase
            default: throw PerchOptionsFailure("LOG_FIELDS", text, "snake, camel")
            }
        }
        try export.read(EnvironmentSettings(read))
        try readSampler(read)
        try readLimits(read)
        try errors.read(hostName: resource["host.name"], read)
    }

    private mutating func readSampler(_ read: (String) -> String?) throws(PerchOptionsFailure) {
        guard let name = read("otel.traces.sampler") else {
            // The share of the error SDK (ERR-10), where OpenTelemetry's own is not given.
            if let text = read("sentry.traces.sample.rate") {
                let rate = try ErrorOptions.share(text, "SENTRY_TRACES_SAMPLE_RATE")
                tracing.sampler =
                    Sampler(
                        name: "parentbased_traceidratio", argument: "\(rate)") ?? tracing.sampler
            }
            return
        }
        let argument = read("otel.traces.sampler.arg")
        guard let sampler = Sampler(name: name, argument: argument) else {
            throw PerchOptionsFailure(
                "OTEL_TRACES_SAMPLER", name,
                "always_on, always_off, traceidratio, or parentbased_ before one of them")
        }
        tracing.sampler = sampler
    }

    private mutating func readLimits(_ read: @escaping (String) -> String?)
        throws(PerchOptionsFailure)
    {
        let settings = EnvironmentSettings(read)
        if let count = try settings.count("otel.span.attribute.count.limit") {
            tracing.attributesMax = count
        }
        if let count = try settings.count("otel.span.event.count.limit") {
            tracing.eventsMax = count
        }
        if let count = try settings.count("otel.span.link.count.limit") { tracing.linksMax = count }
        if let count = try settings.count("otel.attribute.value.length.limit") {
            tracing.attributeByteCountMax = count
        }
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
