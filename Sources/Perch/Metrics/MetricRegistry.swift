public import CoreMetrics
public import Logging
import Synchronization

/// All metrics of a process, and the backend of swift-metrics.
///
/// Instruments are found by name and labels, so making one twice gives the same. Counting takes
/// no lock and allocates nothing; a histogram takes one uncontended lock.
public final class MetricRegistry: MetricsFactory, Sendable {
    private struct Family {
        var kind: MetricSnapshot.Kind
        var series: [[Label]: Instrument] = [:]
        var hasOverflow = false
    }

    enum Instrument: Sendable {
        case counter(CounterInstrument)
        case floatCounter(FloatCounterInstrument)
        case gauge(GaugeInstrument)
        case histogram(HistogramInstrument)
    }

    private let options: MetricOptions
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let families = Mutex<[String: Family]>([:])
    /// What was warned of, so that it is said once.
    private let warned = Mutex<Set<String>>([])

    /// `clock` answers nanoseconds since 1970; `logger` is told of refused labels, once each.
    public init(
        options: MetricOptions = MetricOptions(),
        clock: (@Sendable () -> Int64)? = nil,
        logger: Logger = Logger(label: "perch.metrics", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.options = options
        self.clock = clock ?? WallClock.nanoseconds
        self.logger = logger
    }

    // MARK: swift-metrics

    /// See swift-metrics.
    public func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        let made = instrument(MetricName.counter(label), .counter, dimensions) {
            .counter(CounterInstrument())
        }
        if case .counter(let counter) = made { return counter }
        return CounterInstrument()
    }

    /// See swift-metrics.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let made = instrument(MetricName.counter(label), .counter, dimensions) {
            .floatCounter(FloatCounterInstrument())
        }
        if case .floatCounter(let counter) = made { return counter }
        return FloatCounterInstrument()
    }

    /// See swift-metrics.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// See swift-metrics.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return histogram(MetricName.family(label), unit: nil, dimensions)
    }

    /// See swift-metrics.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.timer(label, unit: options.durationUnit)
        return histogram(name, unit: DurationUnit(suffixOf: name), dimensions)
    }

    // A series lasts as long as the process: what was counted must stay in what is exposed.
    /// Keeps the series.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps the series.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps the series.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps the series.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps the series.
    public func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: reading

    /// What all instruments say now, by name, then by labels.
    public func snapshot() -> [MetricSnapshot] {
        let copy = families.withLock { $0 }
        return copy.sorted { $0.key < $1.key }.map { name, family in
            MetricSnapshot(
                name: name, kind: family.kind,
                help: options.help[name] ?? MetricHelp.known[name] ?? "",
                series: family.series.sorted { Label.precedes($0.key, $1.key) }.map {
                    MetricSnapshot.Series(labels: $0.key, value: Self.value(of: $0.value))
                })
        }
    }

    private static func value(of instrument: Instrument) -> MetricSnapshot.Value {
        switch instrument {
        case .counter(let counter): .number(Double(counter.value))
        case .floatCounter(let counter): .number(counter.value)
        case .gauge(let gauge): .number(gauge.value)
        case .histogram(let histogram):
            .histogram(bounds: histogram.bounds, counts: histogram.counts)
        }
    }

    // MARK: making

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeInstrument {
        let made = instrument(MetricName.family(label), .gauge, dimensions) {
            .gauge(GaugeInstrument())
        }
        if case .gauge(let gauge) = made { return gauge }
        return GaugeInstrument()
    }

    private func histogram(
        _ name: String, unit: DurationUnit?, _ dimensions: [(String, String)]
    ) -> HistogramInstrument {
        let bounds = options.bounds(of: name)
        let made = instrument(name, .histogram, dimensions) { [clock] in
            .histogram(HistogramInstrument(bounds: bounds, unit: unit, clock: clock))
        }
        if case .histogram(let histogram) = made { return histogram }
        return HistogramInstrument(bounds: bounds, unit: unit, clock: clock)
    }

    /// The instrument of a series, made if there is none; nil when the name is another kind's.
    private func instrument(
        _ name: String, _ kind: MetricSnapshot.Kind, _ dimensions: [(String, String)],
        make: () -> Instrument
    ) -> Instrument? {
        let labels = labels(of: dimensions, metric: name)
        let (instrument, problem): (Instrument?, String?) = families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            guard family.kind == kind else {
                return (
                    nil, "is a \(family.kind.rawValue) already and cannot be a \(kind.rawValue)"
                )
            }
            if let known = family.series[labels] { return (known, nil) }
            var key = labels
            var problem: String?
            if family.series.count >= options.seriesPerMetricMax {
                problem =
                    "has \(options.seriesPerMetricMax) series; further ones are counted as one. "
                    + "The label with most values is \(Self.widestLabel(family.series.keys))"
                key = [Label(name: "otel_metric_overflow", value: "true")]
                if let overflow = family.series[key] { return (overflow, problem) }
            }
            let made = make()
            family.series[key] = made
            families[name] = family
            return (made, problem)
        }
        if let problem { warn("metric \(name) \(problem)", once: name) }
        return instrument
    }

    private func labels(of dimensions: [(String, String)], metric: String) -> [Label] {
        var labels: [Label] = []
        for (key, value) in dimensions {
            let name = MetricName.label(key)
            guard !labels.contains(where: { $0.name == name }) else { continue }
            if !options.labelsWithIDs.contains(name), LabelGuard.isRefused(value) {
                warn(
                    "label \(name) of metric \(metric) has values that look like ids or raw paths, "
                        + "such as “\(value.prefix(80))”; they are counted as “\(LabelGuard.refused)”",
                    once: "\(metric)/\(name)")
                labels.append(Label(name: name, value: LabelGuard.refused))
            } else {
                labels.append(Label(name: name, value: value))
            }
        }
        return labels.sorted { $0.name < $1.name }
    }

    private static func widestLabel(_ keys: some Sequence<[Label]>) -> String {
        var values: [String: Set<String>] = [:]
        for labels in keys {
            for label in labels { values[label.name, default: []].insert(label.value) }
        }
        return values.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key ?? "none"
    }

    private func warn(_ text: String, once key: String) {
        guard warned.withLock({ $0.insert(key).inserted }) else { return }
        logger.warning("\(text)")
    }
}
