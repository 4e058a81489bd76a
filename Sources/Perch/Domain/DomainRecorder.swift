import CoreMetrics
public import Logging

/// Records events of the domain table: their metrics, and one line that carries the ids.
///
/// The fronts (``Business``, ``SecurityAudit``, …) are what an application calls; `record` is for
/// events of its own that follow the same form.
public struct DomainRecorder: Sendable {
    private let metrics: MetricRegistry
    private let logger: Logger
    let clock: @Sendable () -> Int64

    init(metrics: MetricRegistry, logger: Logger, clock: @escaping @Sendable () -> Int64) {
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
    }

    /// The same recorder with another clock, for tests.
    func with(clock: @escaping @Sendable () -> Int64) -> DomainRecorder {
        DomainRecorder(metrics: metrics, logger: logger, clock: clock)
    }

    /// Records an event: `fields` with texts, `values` with what is measured.
    ///
    /// A label without a field is `none`. What the event does not name stands in its line, and
    /// never becomes a label. `level` is instead of the event's own.
    public func record(
        _ event: DomainEvent, _ fields: [String: String?], values: [String: Double] = [:],
        level: Logger.Level? = nil, error: (any Error)? = nil
    ) {
        let fields = fields.compactMapValues(\.self)
        for metric in event.metrics { measure(metric, fields, values) }
        guard let level = level ?? event.level, level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = ["event": .string(event.name)]
        for (key, text) in fields { metadata[key] = .string(text) }
        for (key, value) in values { metadata[key] = .stringConvertible(value) }
        if event.isSecurity { metadata["security_event"] = .string(fields["kind"] ?? event.name) }
        logger.log(level: level, "\(event.name)", error: error, metadata: metadata)
    }

    private func measure(
        _ metric: DomainEvent.Metric, _ fields: [String: String], _ values: [String: Double]
    ) {
        var amount = 1.0
        if let name = metric.value {
            guard let value = values[name] else { return }
            amount = value
        }
        let labels = metric.labels.map { ($0, fields[$0] ?? "none") }
        switch metric.kind {
        case .counter:
            metrics.makeFloatingPointCounter(label: metric.name, dimensions: labels)
                .increment(by: amount)
        case .gauge: metrics.makeMeter(label: metric.name, dimensions: labels).set(amount)
        case .histogram where metric.unit == "seconds":
            // Buckets by the name; the value is exact, whatever the unit of timers is.
            metrics.makeTimer(label: metric.name, dimensions: labels)
                .recordNanoseconds(Int64(amount.clamped * 1e9))
        case .histogram:
            metrics.makeRecorder(label: metric.name, dimensions: labels, aggregate: true)
                .record(amount)
        }
    }
}

extension Double {
    /// A duration in seconds that fits nanoseconds of 64 bits.
    fileprivate var clamped: Double { isNaN ? 0 : min(max(self, 0), 9e9) }
}

extension Duration {
    /// In seconds.
    var seconds: Double { Double(nanoseconds) / 1e9 }
}
