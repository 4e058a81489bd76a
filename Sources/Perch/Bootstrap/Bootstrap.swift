public import Configuration
import CoreMetrics
import Instrumentation
public import Logging
public import ServiceLifecycle
import Synchronization
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
        if options.logs.redaction.masksEnvironment {
            options.logs.redaction.secrets.formUnion(Redaction.secrets(in: SystemFacts.environment))
        }
        let service = PerchService(options)
        LoggingSystem.bootstrap { service.logs.handler(label: $0) }
        MetricsSystem.bootstrap(service.metrics)
        InstrumentationSystem.bootstrap(service.tracer)
        installed.withLock { $0 = service }
        // Where nothing is sent, nothing is kept for a later start either.
        let errors = service.options.errors
        if errors.dsn != nil || service.options.export.addresses[.logs] != nil
            || errors.crashes.folder != nil
        {
            service.errors.watchForCrashes()
        }
        return service
    }

    /// What ``bootstrap(_:configure:)`` made.
    static var current: PerchService? { installed.withLock(\.self) }

    private static let installed = Mutex<PerchService?>(nil)
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
    /// Records events of the domain table and of the application's own kinds.
    public let domain: DomainRecorder
    /// Orders, payments, notifications, … (BIZ-10).
    public let business: Business
    /// Logins, attacks, verifications (SEC-1, SEC-6).
    public let security: SecurityAudit
    /// Caches, databases, limits, other services.
    public let operations: Operations
    /// Stock, flags, experiments, clients.
    public let products: Products
    /// Errors and crashes.
    public let errors: ErrorReporter
    private let exporter: Exporter
    /// Nanoseconds since 1970.
    let startTime: Int64

    /// Makes the backends without installing them, for tests and for several in one process.
    ///
    /// `clock` answers nanoseconds since 1970; `write` takes each log line.
    public convenience init(_ options: PerchOptions) {
        self.init(options, clock: WallClock.nanoseconds, write: LineOutput.write)
    }

    /// Hands everything to `taps` instead of sending and writing it.
    package convenience init(_ options: PerchOptions, taps: Taps) {
        self.init(options, clock: WallClock.nanoseconds, write: { _ in }, taps: taps)
    }

    init(
        _ options: PerchOptions, clock: @escaping @Sendable () -> Int64,
        write: @escaping @Sendable ([UInt8]) -> Void, taps: Taps? = nil
    ) {
        self.options = options
        // What the SDK says of itself goes to the output alone, even when no other line does.
        var ownLogs = options.logs
        if ownLogs.format == .none { ownLogs.format = .json }
        let own = LogSystem(
            options: ownLogs, service: options.service, environment: options.environment,
            clock: clock, write: write)
        let logger = Logger(label: "perch", factory: { own.handler(label: $0) })
        metrics = MetricRegistry(options: options.metrics, clock: clock, logger: logger)
        let exporter = Exporter(
            options: options.export, resource: options.allResource, registry: metrics,
            clock: clock, logger: logger, marker: DeployMarker(options, time: clock()))
        self.exporter = exporter
        let crumbs = BreadcrumbRing(
            countMax: options.errors.breadcrumbsMax > 0 ? ErrorLimits.ringCount : 0)
        logs = LogSystem(
            options: options.logs, service: options.service, environment: options.environment,
            clock: clock, write: write, export: Self.logExport(exporter, taps, crumbs))
        tracer = PerchTracer(
            options: options.tracing, sink: Self.spanExport(exporter, options, taps))
        health = HealthChecks(clock: clock, metrics: metrics)
        startTime = clock()
        let logs = logs
        let errors = ErrorReporter(
            options: options.errors, identity: ErrorIdentity(options), logs: logs, crumbs: crumbs,
            metrics: metrics, exportsLogs: exporter.queue(.logs) != nil, logger: logger,
            clock: clock)
        self.errors = errors
        jobs = Jobs(
            metrics: metrics, tracer: tracer,
            logger: Logger(label: "jobs", factory: { logs.handler(label: $0) }), clock: clock,
            report: { errors.jobFailed($0) }, checkIn: { errors.checkIn($0) })
        domain = DomainRecorder(
            metrics: metrics,
            logger: Logger(label: "domain", factory: { logs.handler(label: $0) }), clock: clock)
        business = Business(recorder: domain, payments: PairedDelays())
        security = SecurityAudit(
            recorder: domain, windows: FailureWindows(), places: KnownPlaces())
        operations = Operations(recorder: domain, tracer: tracer, queries: options.queries)
        products = Products(recorder: domain)
    }

    /// A logger of this service, for a process that has several and cannot install one.
    public func logger(_ label: String) -> Logger {
        let logs = logs
        return Logger(label: label, factory: { logs.handler(label: $0) })
    }

    /// A logger whose levels that are off cost next to nothing, for places that run often.
    public func quickLogger(_ label: String) -> QuickLogger { QuickLogger(label, logs) }

    private static func logExport(
        _ exporter: Exporter, _ taps: Taps?, _ crumbs: BreadcrumbRing
    ) -> @Sendable (LogEntry) -> Void {
        if let taps {
            return { entry in
                crumbs.add(entry)
                taps.line(Taps.Line(entry))
            }
        }
        let queue = exporter.queue(.logs)
        return { entry in
            crumbs.add(entry)
            queue?.add(scope: entry.logger) { $0.logRecord(entry) }
        }
    }

    private static func spanExport(
        _ exporter: Exporter, _ options: PerchOptions, _ taps: Taps?
    ) -> (@Sendable ([FinishedSpan]) -> Void)? {
        if let taps {
            let redaction = options.logs.redaction
            let names = DeniedNames()
            return { spans in taps.spans(spans.map { Taps.Span($0, redaction, names) }) }
        }
        guard let queue = exporter.queue(.traces) else { return nil }
        let (tracing, redaction) = (options.tracing, options.logs.redaction)
        let names = DeniedNames()
        return { spans in
            queue.add(scope: "perch", count: spans.count) { writer in
                for span in spans {
                    writer.span(
                        span, options: tracing, redaction: redaction, names: names)
                }
            }
        }
    }

    /// Records that could not be sent or did not fit.
    public var droppedCount: Int { exporter.droppedCount }

    /// Makes and sends what waits, for the last moments of a process whose ``run()`` is over.
    func flush() async {
        await errors.flush(timeout: options.export.flushTimeout)
        // A task that was cancelled before it began sends what is left.
        let exporter = exporter
        let last = Task { await exporter.run() }
        last.cancel()
        await last.value
    }

    /// Sends until a graceful shutdown or cancellation, then what is left, within the limit.
    public func run() async throws {
        let (exporter, jobs, health, errors) = (exporter, jobs, health, errors)
        let queueInterval = options.queueInterval
        let flushTimeout = options.export.flushTimeout
        // Sending ends after all else, and it is told so here: the last reports write lines that
        // are sent too.
        errors.collectCrashes()
        let sending = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await exporter.run() }
                group.addTask { await errors.send(flushTimeout: flushTimeout) }
            }
        }
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await jobs.sampleQueues(every: queueInterval) }
                    group.addTask { await errors.process(flushTimeout: flushTimeout) }
                }
            }
        } onGracefulShutdown: {
            health.stop()
        }
        sending.cancel()
        await sending.value
        errors.ended()
    }
}
