import AsyncHTTPClient
import CoreMetrics
import Instrumentation
import Logging
import NIOCore
import Synchronization
import Tracing

/// All jobs and queues of a process.
public final class Jobs: Sendable {
    /// Asks a queue how much waits in it.
    public typealias QueueProbe = @Sendable () async throws -> QueueCounts

    private struct State {
        var jobs: [String: JobStatus] = [:]
        var queues: [String: QueueProbe] = [:]
        var counts: [String: QueueCounts] = [:]
    }

    private let metrics: MetricRegistry
    private let tracer: PerchTracer
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    /// Takes errors that ended a job (ERR-9).
    private let report: @Sendable (any Error) -> Void
    /// Tells monitors of runs.
    private let checkIn: @Sendable (CheckIn) -> Void
    private let state = Mutex(State())

    init(
        metrics: MetricRegistry, tracer: PerchTracer, logger: Logger,
        clock: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (any Error) -> Void = { _ in },
        checkIn: @escaping @Sendable (CheckIn) -> Void = { _ in }
    ) {
        self.report = report
        self.checkIn = checkIn
        self.metrics = metrics
        self.tracer = tracer
        self.logger = logger
        self.clock = clock
    }

    /// What is known of each job, by name.
    public var statuses: [JobStatus] {
        state.withLock { $0.jobs.values.sorted { $0.name < $1.name } }
    }

    /// What each queue last said, by name.
    public var queues: [String: QueueCounts] { state.withLock { $0.counts } }

    /// Asks a queue every 60 s, and shows what it says as gauges.
    public func watch(queue name: String, _ probe: @escaping QueueProbe) {
        state.withLock { $0.queues[name] = probe }
    }

    /// Runs a job: lines at its start and end, a span, metrics, and what ``statuses`` tells
    /// (LOG-14, TRC-1, JOB-1 … JOB-6, ERR-9).
    ///
    /// What the body throws is thrown on.
    public func run<Answer>(
        _ name: String, options: JobOptions = JobOptions(),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (JobRun) async throws -> Answer
    ) async throws -> Answer {
        let id = options.id ?? tracer.newID()
        var context = ServiceContext.current ?? .topLevel
        context.work = WorkContext(
            requestID: context.work?.requestID, jobID: id, userID: context.work?.userID)
        let span = tracer.startSpan(name, context: context, ofKind: .consumer)
        span.updateAttributes { attributes in
            attributes["job.name"] = name
            attributes["job.id"] = id
        }
        if let origin = options.origin {
            var linked = ServiceContext.topLevel
            linked.spanContext = origin
            span.addLink(SpanLink(context: linked, attributes: [:]))
        }
        let run = JobRun(
            name: name, id: id, tracer: tracer, metrics: metrics, logger: logger, clock: clock)
        return try await ServiceContext.withValue(span.context) {
            let start = began(name, options)
            let monitored = monitored(options, span)
            tell(options, "/start", monitored, .inProgress, since: start)
            do {
                let answer = try await body(run)
                ended(name, options, start, span, nil)
                tell(options, "", monitored, .ok, since: start)
                return answer
            } catch {
                ended(name, options, start, span, error)
                tell(options, "/fail", monitored, .error, since: start)
                throw error
            }
        }
    }

    /// The run as a monitor is told of it, or nil when none is named.
    private func monitored(_ options: JobOptions, _ span: PerchSpan) -> CheckIn? {
        options.monitor.map { monitor in
            CheckIn(
                id: tracer.newID(), monitor: monitor, status: .inProgress,
                schedule: options.schedule, lateAfter: options.lateAfter,
                durationMax: options.durationMax, trace: span.ids.traceID)
        }
    }

    private func tell(
        _ options: JobOptions, _ path: String, _ run: CheckIn?, _ status: CheckIn.Status,
        since start: Int64
    ) {
        ping(options, path)
        guard var run else { return }
        run.status = status
        if status != .inProgress { run.duration = clock() &- start }
        checkIn(run)
    }

    private func began(_ name: String, _ options: JobOptions) -> Int64 {
        let now = clock()
        state.withLock { state in
            var job = state.jobs[name] ?? JobStatus(name: name)
            job.schedule = options.schedule ?? job.schedule
            job.nextRun = options.nextRun ?? job.nextRun
            job.lastStart = now
            job.running += 1
            state.jobs[name] = job
        }
        logger.info("Job started", metadata: ["job_name": .string(name)])
        return now
    }

    private func ended(
        _ name: String, _ options: JobOptions, _ start: Int64, _ span: PerchSpan,
        _ failure: (any Error)?
    ) {
        let now = clock()
        let duration = now &- start
        let outcome = failure == nil ? JobStatus.Outcome.success : .error
        let failures = state.withLock { state in
            var job = state.jobs[name] ?? JobStatus(name: name)
            job.running = max(0, job.running - 1)
            job.lastOutcome = outcome
            job.lastDuration = duration
            job.lastError = failure.map { String(describing: $0) }
            if failure == nil { job.lastSuccess = now }
            job.consecutiveFailures = failure == nil ? 0 : job.consecutiveFailures + 1
            state.jobs[name] = job
            return job.consecutiveFailures
        }
        record(name, options, outcome, duration: duration, failures: failures, now: now)
        var metadata: Logger.Metadata = [
            "job_name": .string(name), "outcome": .string(outcome.rawValue),
            "duration_ms": .stringConvertible(Double(duration / 1000) / 1000),
        ]
        if let schedule = options.schedule { metadata["schedule"] = .string(schedule) }
        if let failure {
            metadata["consecutive_failures"] = .stringConvertible(failures)
            logger.error("Job failed", error: failure, metadata: metadata)
            report(failure)
            span.recordError(failure)
            span.setStatus(SpanStatus(code: .error))
        } else {
            logger.info("Job completed", metadata: metadata)
        }
        span.end()
    }

    private func record(
        _ name: String, _ options: JobOptions, _ outcome: JobStatus.Outcome, duration: Int64,
        failures: Int, now: Int64
    ) {
        let own = [("job_name", name)]
        let labels =
            own + [("status", outcome.rawValue)]
            + options.labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        metrics.makeTimer(label: "job_duration_seconds", dimensions: labels)
            .recordNanoseconds(duration)
        metrics.makeCounter(label: "jobs", dimensions: labels).increment(by: 1)
        metrics.makeMeter(label: "job_consecutive_failures", dimensions: own)
            .set(Int64(failures))
        if outcome == .success {
            metrics.makeMeter(label: "job_last_success_timestamp_seconds", dimensions: own)
                .set(Double(now / 1_000_000) / 1000)
        }
    }

    /// Tells a monitor, in the background: a job does not wait for it.
    private func ping(_ options: JobOptions, _ path: String) {
        guard let address = options.pingAddress else { return }
        let logger = logger
        Task {
            do {
                _ = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: address + path), timeout: .seconds(10))
            } catch {
                logger.warning("a job's monitor was not reached", error: error)
            }
        }
    }

    /// Asks all queues until the task is cancelled.
    func sampleQueues(every interval: Duration) async {
        while !Task.isCancelled {
            await sampleQueues()
            try? await Task.sleep(for: interval)
        }
    }

    /// Asks all queues once; one that fails keeps what it last said, and is logged.
    func sampleQueues() async {
        for (name, probe) in state.withLock({ $0.queues }) {
            do {
                let counts = try await probe()
                state.withLock { $0.counts[name] = counts }
                record(counts, queue: name)
            } catch {
                logger.warning(
                    "a queue could not be asked", error: error, metadata: ["queue": .string(name)])
            }
        }
    }

    private func record(_ counts: QueueCounts, queue: String) {
        let own = [("queue", queue)]
        metrics.makeMeter(label: "job_queue_depth", dimensions: own).set(Int64(counts.waiting))
        let age = Double(counts.oldestAge?.nanoseconds ?? 0) / 1e9
        metrics.makeMeter(label: "job_queue_oldest_age_seconds", dimensions: own).set(age)
        let byStatus = [
            ("waiting", counts.waiting), ("active", counts.active),
            ("completed", counts.completed), ("failed", counts.failed),
        ]
        for (status, count) in byStatus {
            metrics.makeMeter(label: "jobs_by_status", dimensions: own + [("status", status)])
                .set(Int64(count))
        }
    }

    /// What `/jobs/status` answers (JOB-5): jobs, and queues with what waits in them.
    public var json: [UInt8] {
        var bytes = Array("{\"jobs\":[".utf8)
        for (index, job) in statuses.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            job.append(to: &bytes)
        }
        bytes += "],\"queues\":{".utf8
        for (index, (name, counts)) in queues.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            LogJSON.append(.string(name), to: &bytes)
            bytes += ":{\"waiting\":\(counts.waiting),\"active\":\(counts.active)".utf8
            bytes += ",\"completed\":\(counts.completed),\"failed\":\(counts.failed)".utf8
            if let age = counts.oldestAge {
                bytes += ",\"oldestAgeMs\":\(age.nanoseconds / 1_000_000)".utf8
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "}}".utf8
        return bytes
    }
}
