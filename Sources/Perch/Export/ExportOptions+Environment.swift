/// OpenTelemetry's variables of exporters.
///
/// Source: OpenTelemetry's specification, "OTLP exporter" and "SDK environment variables".
extension ExportOptions {
    mutating func read(_ settings: EnvironmentSettings) throws(PerchOptionsFailure) {
        guard settings["otel.sdk.disabled"]?.lowercased() != "true" else { return }
        let all = try Self.transport(settings, "otel.exporter.otlp")
        headers = all.headers ?? headers
        timeout = all.timeout ?? timeout
        encoding = all.encoding ?? encoding
        compression = all.compression ?? compression
        for signal in Signal.allCases {
            let prefix = "otel.exporter.otlp.\(signal.rawValue)"
            let own = settings[prefix + ".endpoint"]
            guard settings["otel.\(signal.rawValue).exporter"] != "none" else { continue }
            addresses[signal] =
                own ?? settings["otel.exporter.otlp.endpoint"].map { Self.address($0, signal) }
            overrides[signal] = try Self.transport(settings, prefix)
        }
        tellsDeploys = try settings.flag("perch.deploys") ?? tellsDeploys
        deployLink = settings["perch.deploy.link"] ?? deployLink
        try readLimits(settings)
    }

    private static func transport(
        _ settings: EnvironmentSettings, _ prefix: String
    ) throws(PerchOptionsFailure) -> Override {
        var transport = Override()
        if let text = settings[prefix + ".headers"] {
            transport.headers = PerchOptions.pairs(text).sorted { $0.key < $1.key }
                .map { ($0.key, $0.value) }
        }
        transport.timeout = try settings.duration(prefix + ".timeout")
        transport.encoding = try settings.choice(
            prefix + ".protocol", "http/protobuf, http/json")
        transport.compression = try settings.choice(prefix + ".compression", "none, gzip")
        return transport
    }

    /// One set of limits holds for all signals: where spans and logs differ, the smaller counts.
    private mutating func readLimits(
        _ settings: EnvironmentSettings
    ) throws(PerchOptionsFailure) {
        let kinds = ["otel.bsp", "otel.blrp"]
        var delays: [Duration] = []
        var batches: [Int] = []
        var waiting: [Int] = []
        for kind in kinds {
            if let delay = try settings.duration(kind + ".schedule.delay") { delays.append(delay) }
            if let count = try settings.count(kind + ".max.export.batch.size") {
                batches.append(count)
            }
            if let count = try settings.count(kind + ".max.queue.size") { waiting.append(count) }
        }
        delay = delays.min() ?? delay
        batchCount = batches.min() ?? batchCount
        waitingCountMax = waiting.min() ?? waitingCountMax
        let spans = try settings.duration("otel.bsp.export.timeout")
        let logs = try settings.duration("otel.blrp.export.timeout")
        let metrics = try settings.duration("otel.metric.export.timeout")
        for (signal, limit) in [(Signal.traces, spans), (.logs, logs), (.metrics, metrics)] {
            guard let limit, overrides[signal]?.timeout == nil else { continue }
            overrides[signal, default: Override()].timeout = limit
        }
        if let interval = try settings.duration("otel.metric.export.interval") {
            metricInterval = interval
        }
    }
}
