public import Instrumentation
public import Logging
import NIOPosix
import Synchronization

/// Takes errors, makes them readable in the background, and sends them (ERR-1).
///
/// A call takes addresses and what is known of the task, no more; a task of ``PerchService`` does
/// the rest: names of functions, redaction, a log line, an envelope.
public final class ErrorReporter: Sendable {
    /// What was known when an error was taken.
    struct Captured: Sendable {
        var report: ErrorReport
        var error: (any Error)?
        /// Where it was thrown, if that is known, and else who took it.
        var site: ThrowSite?
        var trace: StackTrace?
        var crumbs: [LogEntry] = []
        /// Told once whether it arrived, for reports of earlier processes.
        var completed: (@Sendable (_ isDone: Bool) -> Void)?
    }

    let options: ErrorOptions
    let identity: ErrorIdentity
    let sender: EnvelopeSender?
    let sessions: SessionCounter
    let drops: DropCounts
    let clock: @Sendable () -> Int64
    private let logs: LogSystem
    let rules: FrameRules
    /// Whether this reporter has it noted where errors are thrown.
    let notesThrows: Bool
    private let crumbs: BreadcrumbRing
    private let known = KnownStacks()
    private let ids = IDGenerator()
    private let line: WaitingLine<Captured>
    private let crashes = Mutex<CrashReports?>(nil)

    init(
        options: ErrorOptions, identity: ErrorIdentity, logs: LogSystem, crumbs: BreadcrumbRing,
        metrics: MetricRegistry, exportsLogs: Bool, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.options = options
        self.identity = identity
        self.logs = logs
        self.clock = clock
        self.crumbs = crumbs
        rules = FrameRules(inAppModules: options.inAppModules, program: StackTrace.program)
        line = WaitingLine(countMax: options.waitingMax)
        let drops = DropCounts(metrics: metrics)
        self.drops = drops
        sender = options.dsn.map {
            EnvelopeSender(dsn: $0, options: options, drops: drops, clock: clock, logger: logger)
        }
        // Lines that only the output sees are not worth a hook in every throw.
        notesThrows =
            options.notesThrows && (options.dsn != nil || (options.logsReports && exportsLogs))
        sessions = SessionCounter(
            mode: options.dsn == nil || identity.release == nil ? .off : options.sessions,
            id: ids.traceID().description, clock: clock)
        if isOn {
            StackTrace.prepare()
            if notesThrows { ThrowSite.note(true) }
        }
    }

    /// Whether a report goes anywhere.
    var isOn: Bool { sender != nil || options.logsReports }

    /// Takes an error; answers the id that its report has everywhere (COR-7).
    @discardableResult
    public func capture(
        _ error: any Error, level: Logger.Level? = nil, context: ServiceContext? = .current
    ) -> String {
        capture(error, level: level, context: context, mechanism: .captured, isHandled: true)
    }

    /// Takes a message; answers the id that its report has everywhere.
    @discardableResult
    public func capture(
        message: String, level: Logger.Level = .info, context: ServiceContext? = .current
    ) -> String {
        var report = report(level, context)
        report.message = message
        enqueue(report, error: nil)
        return report.id
    }

    /// Adds something that happened, besides the log lines that are kept anyway (ERR-5).
    public func addBreadcrumb(
        _ message: String, category: String, level: Logger.Level = .info,
        data: Logger.Metadata = [:]
    ) {
        let context = ServiceContext.current
        crumbs.add(
            LogEntry(
                time: clock(), level: level, message: message, logger: category,
                fields: data.map { LogField(key: $0.key, value: $0.value) }, error: nil,
                span: context?.spanContext,
                work: context?.work))
    }

    @discardableResult
    package func capture(
        _ error: any Error, level: Logger.Level?, context: ServiceContext?,
        mechanism: ErrorReport.Mechanism, isHandled: Bool
    ) -> String {
        var report = report(level, context)
        report.mechanism = mechanism
        report.isHandled = isHandled
        sessions.failed(isHandled: isHandled)
        enqueue(report, error: error)
        return report.id
    }

    /// Takes an error that ended a job (ERR-9).
    func jobFailed(_ error: any Error) {
        // A job that was told to end did not fail.
        guard !(error is CancellationError) else { return }
        capture(error, level: nil, context: .current, mechanism: .job, isHandled: false)
    }

    /// Tells a monitor of a job's run, where there is a server for it.
    func checkIn(_ checkIn: CheckIn) {
        sender?.add(
            Envelope(items: [Envelope.Item(kind: .checkIn, payload: checkIn.payload(identity))]))
    }

    /// Takes an error that ended a request (ERR-8), and counts the request for release health.
    package func requestEnded(_ error: (any Error)?, context: ServiceContext) {
        sessions.requestEnded(hasError: error != nil, isCrashed: error != nil)
        guard let error else { return }
        capture(error, level: nil, context: context, mechanism: .request, isHandled: false)
    }

    private func report(_ level: Logger.Level?, _ context: ServiceContext?) -> ErrorReport {
        let scope = ErrorScope.current
        var report = ErrorReport(id: ids.traceID().description, time: clock())
        report.level = level ?? scope.level ?? .error
        report.user = scope.user ?? context?.work?.userID
        report.tags = scope.tags
        report.extras = scope.extras
        report.fingerprint = scope.fingerprint
        report.transaction = scope.transaction
        report.span = context?.spanContext
        report.work = context?.work
        return report
    }

    private func enqueue(_ report: ErrorReport, error: (any Error)?) {
        guard isOn else { return }
        guard options.sampleRate >= 1 || Double.random(in: 0..<1) < options.sampleRate else {
            drops.count(.sampleRate)
            return
        }
        if crumbs.outlivesProcess { CrashReports.prepareThread() }
        let crumbs = crumbs.last(
            options.breadcrumbsMax, work: report.work, span: report.span)
        let site = error.flatMap { ThrowSite(of: $0) }
        enqueue(
            Captured(
                report: report, error: error, site: site,
                trace: site == nil ? StackTrace.current() : nil, crumbs: crumbs))
    }

    /// Lets fatal signals leave a report for the next start, once a process.
    func watchForCrashes() {
        let reports = CrashReports(
            options: options.crashes, id: ids.traceID().description, identity: identity,
            sessions: sessions)
        guard let reports else { return }
        crashes.withLock { $0 = reports }
        crumbs.outlivesProcess = true
    }

    /// Takes over reports of earlier processes.
    func collectCrashes() {
        if crumbs.outlivesProcess { CrashReports.collect(options.crashes, to: self) }
    }

    /// Says that the process ends as it should.
    func ended() { crashes.withLock { $0?.ended() } }

    /// Reports an error that ends the process, so that its end leaves no second report.
    func captureFatal(_ error: any Error) {
        sessions.crashed()
        capture(
            error, level: .critical, context: .current, mechanism: .main, isHandled: false)
        if let item = sessions.ended(identity) { sender?.add(Envelope(items: [item])) }
        if crumbs.outlivesProcess {
            ended()
            CrashReports.disarm()
        }
    }

    /// Puts a report into the line, of this process or of an earlier one.
    func enqueue(_ captured: Captured) {
        guard !line.add(captured) else { return }
        drops.count(.queueOverflow)
        captured.completed?(false)
    }

    /// Makes reports until the task is cancelled, and then those that wait still, within the limit.
    ///
    /// On a thread of its own: reading debug information takes long, and tasks share few threads.
    func process(flushTimeout: Duration) async {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let worker = Task { [self] in
            while !Task.isCancelled, let captured = await line.next() {
                try? await thread.runIfActive { self.finish(captured) }
            }
        }
        try? await Task.sleep(for: .seconds(Int64.max / 4))
        line.stop()
        let limit = Task {
            try await Task.sleep(for: flushTimeout)
            worker.cancel()
        }
        await worker.value
        limit.cancel()
        line.reopen()
        while let captured = line.take() {
            drops.count(.queueOverflow)
            captured.completed?(false)
        }
        try? await thread.shutdownGracefully()
    }

    /// Sends until the task is cancelled, and then what is left, within the limit.
    func send(flushTimeout: Duration) async {
        guard let sender else { return }
        await sender.run(sessions: sessions, identity: identity, flushTimeout: flushTimeout)
    }

    /// Makes and sends what waits, within a limit: for the last moments of a process.
    public func flush(timeout: Duration = .seconds(5)) async {
        while let captured = line.take() { finish(captured) }
        await sender?.flush(timeout: timeout)
    }

    /// Turns what was taken into what leaves.
    private func finish(_ captured: Captured) {
        var report = captured.report
        complete(&report, captured)
        let cleaner = ReportCleaner(options: logs.options)
        cleaner.clean(&report)
        guard var report = options.beforeSend(report) else {
            drops.count(.beforeSend)
            captured.completed?(true)
            return
        }
        cleaner.clean(&report)
        if options.logsReports { logs.record(report.logEntry) }
        guard let sender else {
            captured.completed?(true)
            return
        }
        var envelope = Envelope(
            eventID: report.id,
            items: [Envelope.Item(kind: .event, payload: EventPayload.bytes(report, identity))])
        envelope.completed = captured.completed
        sender.add(envelope)
    }

    private func complete(_ report: inout ErrorReport, _ captured: Captured) {
        report.breadcrumbs += captured.crumbs.map(Breadcrumb.init)
        let frames = known.frames(of: captured.site, or: captured.trace, rules)
        guard let error = captured.error else {
            if report.failures.isEmpty {
                report.frames = frames
            } else if report.failures[0].frames.isEmpty {
                report.failures[0].frames = frames
            }
            report.category = options.categories.category(
                code: nil, message: report.message ?? report.failures.first?.message ?? "")
            return
        }
        let chain = ErrorChain.errors(from: error)
        report.failures = chain.map(ErrorChain.failure)
        report.failures[0].frames = frames
        report.category = options.categories.category(
            code: ErrorChain.code(of: chain), message: report.failures[0].message)
    }
}
