import CoreMetrics
import Synchronization

/// All checks of a process.
///
/// They run in parallel, each within its own time limit; one that hangs holds up no other, and is
/// not started again while it hangs.
public final class HealthChecks: Sendable {
    private struct State {
        var checks: [HealthCheck] = []
        var cached: [String: (entry: HealthReport.Entry, until: ContinuousClock.Instant)] = [:]
        var isStopping = false
        /// Runs that were left behind, by the check's name.
        var hanging: Set<String> = []
    }

    private let clock: @Sendable () -> Int64
    private let metrics: MetricRegistry?
    private let state = Mutex(State())

    /// Makes an empty list; `clock` answers nanoseconds since 1970.
    ///
    /// With `metrics`, it measures how long it takes to find out whether the process is ready
    /// (CM-12): `api_ready_seconds`, or `api_ready_ms` where durations are milliseconds.
    public init(clock: (@Sendable () -> Int64)? = nil, metrics: MetricRegistry? = nil) {
        self.clock = clock ?? WallClock.nanoseconds
        self.metrics = metrics
    }

    /// Adds a check; one of the same name goes.
    public func add(_ check: HealthCheck) {
        state.withLock { state in
            state.checks.removeAll { $0.name == check.name }
            state.checks.append(check)
            state.cached[check.name] = nil
        }
    }

    /// From now on the process is not ready, whatever the checks say (LIFE-3).
    public func stop() {
        state.withLock { $0.isStopping = true }
    }

    /// Runs the checks of a kind.
    public func report(_ kind: HealthCheck.Kind) async -> HealthReport {
        let start = ContinuousClock.now
        let (checks, isStopping) = state.withLock { state in
            (state.checks.filter { $0.kinds.contains(kind) }, state.isStopping)
        }
        let entries = await withTaskGroup(of: HealthReport.Entry.self) { group in
            for check in checks { group.addTask { await self.entry(check) } }
            var entries: [HealthReport.Entry] = []
            for await entry in group { entries.append(entry) }
            return entries
        }
        if kind == .ready {
            metrics?.makeTimer(label: "api.ready", dimensions: [])
                .recordNanoseconds((ContinuousClock.now - start).nanoseconds)
        }
        return HealthReport(
            entries: entries.sorted { $0.name < $1.name }, time: clock(),
            // A process that is stopping still lives.
            isStopping: isStopping && kind != .live)
    }

    /// Runs one check by its name (HLT-5 … HLT-7), or nil when there is none.
    public func entry(named name: String) async -> HealthReport.Entry? {
        guard let check = state.withLock({ $0.checks.first { $0.name == name } }) else {
            return nil
        }
        return await entry(check)
    }

    private func entry(_ check: HealthCheck) async -> HealthReport.Entry {
        let now = ContinuousClock.now
        let (known, hangs) = state.withLock { state in
            (state.cached[check.name], state.hanging.contains(check.name))
        }
        if let known, known.until > now { return known.entry }
        guard !hangs else {
            return Self.entry(check, since: now, .failure(HealthFailure("still hanging")))
        }
        let entry = Self.entry(check, since: now, await result(of: check))
        if check.cachedFor > .zero {
            state.withLock { $0.cached[check.name] = (entry, now + check.cachedFor) }
        }
        return entry
    }

    private static func entry(
        _ check: HealthCheck, since start: ContinuousClock.Instant,
        _ result: Result<HealthCheck.Details, any Error>
    ) -> HealthReport.Entry {
        var details: HealthCheck.Details = [:]
        var failure: String?
        switch result {
        case .success(let shown): details = shown
        case .failure(let error): failure = String(describing: error)
        }
        let took = Double((ContinuousClock.now - start).nanoseconds) / 1e6
        return HealthReport.Entry(
            name: check.name, isHealthy: failure == nil, isCritical: check.isCritical,
            latencyMilliseconds: (took * 1000).rounded() / 1000, failure: failure, details: details)
    }

    /// The check's own answer or, after its time, a failure; then its task is cancelled and left.
    private func result(of check: HealthCheck) async -> Result<HealthCheck.Details, any Error> {
        let race = HealthRace()
        state.withLock { _ = $0.hanging.insert(check.name) }
        let work = Task {
            let result: Result<HealthCheck.Details, any Error>
            do {
                result = .success(try await check.run())
            } catch {
                result = .failure(error)
            }
            state.withLock { _ = $0.hanging.remove(check.name) }
            race.finish(result)
        }
        let limit = Task {
            try? await Task.sleep(for: check.timeout)
            race.finish(.failure(HealthFailure("no answer within \(check.timeout)")))
            work.cancel()
        }
        let result = await race.value()
        limit.cancel()
        return result
    }
}

/// The first of several answers.
private final class HealthRace: Sendable {
    private typealias Waiter = CheckedContinuation<Result<HealthCheck.Details, any Error>, Never>

    private struct State {
        var result: Result<HealthCheck.Details, any Error>?
        var waiter: Waiter?
    }

    private let state = Mutex(State())

    func finish(_ result: Result<HealthCheck.Details, any Error>) {
        let waiter: Waiter? = state.withLock { state in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    func value() async -> Result<HealthCheck.Details, any Error> {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
