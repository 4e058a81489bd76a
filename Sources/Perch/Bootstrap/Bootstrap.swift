public import Configuration
import CoreMetrics
import Instrumentation
import Logging
public import ServiceLifecycle
import Tracing

/// The entry of the SDK.
public enum Perch {
    /// Makes the process observable: installs the backends of swift-log, swift-metrics and
    /// swift-distributed-tracing, configured by the environment.
    ///
    /// Call it once, first of all. Run what it returns in the application's `ServiceGroup`, before
    /// the services that log, so that it ends after them and sends what is left.
    public static func bootstrap(
        _ config: ConfigReader = ConfigReader(provider: EnvironmentVariablesProvider()),
        configure: (inout PerchOptions) -> Void = { _ in }
    ) throws(PerchOptionsFailure) -> PerchService {
        var options = try PerchOptions(config)
        configure(&options)
        let service = PerchService(options)
        LoggingSystem.bootstrap { service.logs.handler(label: $0) }
        MetricsSystem.bootstrap(service.metrics)
        InstrumentationSystem.bootstrap(service.tracer)
        return service
    }
}

/// The running half of the SDK: sends telemetry until the process ends.
public final class PerchService: Service {
    /// What the application chose.
    public let options: PerchOptions
    /// Logging; its level may change while the process runs.
    public let logs: LogSystem
    /// All metrics, for an endpoint that a scraper reads.
    public let metrics: MetricRegistry
    /// The backend of swift-distributed-tracing.
    public let tracer: PerchTracer
    /// Jobs and queues.
    public let jobs: Jobs
    /// What must work for the process to work.
    public let health: HealthChecks
    private let exporter: Exporter

    /// Makes the backends without installing them, for tests and for several in one process.
    ///
    /// `clock` answers nanoseconds since 1970; `write` takes each log line.
    public convenience init(_ options: PerchOptions) {
        self.init(options, clock: WallClock.nanoseconds, write: LogSystem.writeToStandardOutput)
    }

    init(
        _ options: PerchOptions, clock: @escaping @Sendable () -> Int64,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.options = options
        // What the SDK says of itself goes to the output alone.
        let own = LogSystem(
            options: options.logs, service: options.service, environment: options.environment,
            clock: clock, write: write)
        let logger = Logger(label: "perch", factory: { own.handler(label: $0) })
        metrics = MetricRegistry(options: options.metrics, clock: clock, logger: logger)
        let exporter = Exporter(
            options: options.export, resource: options.allResource, registry: metrics,
            clock: clock, logger: logger)
        self.exporter = exporter
        logs = LogSystem(
            options: options.logs, service: options.service, environment: options.environment,
            clock: clock, write: write, export: Self.logExport(exporter))
        tracer = PerchTracer(options: options.tracing, sink: Self.spanExport(exporter, options))
        health = HealthChecks(clock: clock)
        let logs = logs
        jobs = Jobs(
            metrics: metrics, tracer: tracer,
            logger: Logger(label: "jobs", factory: { logs.handler(label: $0) }), clock: clock)
    }

    private static func logExport(_ exporter: Exporter) -> (@Sendable (LogEntry) -> Void)? {
        guard let queue = exporter.queue(.logs) else { return nil }
        return { entry in
            queue.add(scope: entry.logger) { $0.logRecord(entry) }
        }
    }

    private static func spanExport(
        _ exporter: Exporter, _ options: PerchOptions
    ) -> (@Sendable ([FinishedSpan]) -> Void)? {
        guard let queue = exporter.queue(.traces) else { return nil }
        let (tracing, redaction) = (options.tracing, options.logs.redaction)
        return { spans in
            queue.add(scope: "perch", count: spans.count) { writer in
                for span in spans {
                    writer.span(span, options: tracing, redaction: redaction)
                }
            }
        }
    }

    /// Records that could not be sent or did not fit.
    public var droppedCount: Int { exporter.droppedCount }

    /// Sends until a graceful shutdown or cancellation, then what is left, within the limit.
    public func run() async throws {
        let (exporter, jobs, health) = (exporter, jobs, health)
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await jobs.sampleQueues(every: .seconds(60)) }
                    group.addTask { await exporter.run() }
                }
            }
        } onGracefulShutdown: {
            health.stop()
        }
    }
}
