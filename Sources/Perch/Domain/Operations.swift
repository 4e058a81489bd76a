import Logging
public import Instrumentation
import Tracing

/// What an application stands on: caches, databases, limits, other services (CM-9, CM-13 … CM-16,
/// EXT-1 … EXT-3, OFF-1).
public struct Operations: Sendable {
    let recorder: DomainRecorder
    let tracer: PerchTracer
    let queries: QueryOptions

    // MARK: caches

    /// A cache was asked (CM-13); the hit rate follows by query.
    public func cache(_ name: String, hit: Bool) {
        recorder.record(.cacheLookup, ["cache": name, "result": hit ? "hit" : "miss"])
    }

    /// How full a cache is (CM-13, CM-16).
    public func cache(_ name: String, entries: Int? = nil, memoryBytes: Int? = nil) {
        var values: [String: Double] = [:]
        if let entries { values["entries"] = Double(entries) }
        if let memoryBytes { values["memory"] = Double(memoryBytes) }
        recorder.record(.cacheState, ["cache": name], values: values)
    }

    // MARK: databases

    /// How busy a pool of connections is (CM-14).
    public func pool(_ name: String, active: Int, idle: Int, waiting: Int = 0, max: Int) {
        recorder.record(
            .pool, ["pool": name],
            values: [
                "active": Double(active), "idle": Double(idle), "waiting": Double(waiting),
                "max": Double(max), "use": max > 0 ? Double(active) / Double(max) : 0,
            ])
    }

    /// Runs a query: a client span, its duration, and a line for slow ones, failures and a sample
    /// of the others (CM-15, SMP-4, TRC-5).
    ///
    /// `statement` is the text with placeholders, never with values. `context` is for drivers that
    /// run bodies outside the caller's task.
    public func query<Answer>(
        _ operation: String, table: String, statement: String? = nil, system: String = "sql",
        context: ServiceContext? = nil, _ body: () throws -> Answer
    ) rethrows -> Answer {
        let span = begin(operation, table, statement, system, context)
        let start = ContinuousClock.now
        do {
            let answer = try body()
            end(span, operation, table, statement, ContinuousClock.now - start, nil)
            return answer
        } catch {
            end(span, operation, table, statement, ContinuousClock.now - start, error)
            throw error
        }
    }

    /// ``query(_:table:statement:system:context:_:)`` for drivers that are awaited.
    public func query<Answer>(
        _ operation: String, table: String, statement: String? = nil, system: String = "sql",
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        let span = begin(operation, table, statement, system, nil)
        let start = ContinuousClock.now
        do {
            let answer = try await ServiceContext.withValue(span.context) { try await body() }
            end(span, operation, table, statement, ContinuousClock.now - start, nil)
            return answer
        } catch {
            end(span, operation, table, statement, ContinuousClock.now - start, error)
            throw error
        }
    }

    private func begin(
        _ operation: String, _ table: String, _ statement: String?, _ system: String,
        _ context: ServiceContext?
    ) -> PerchSpan {
        let span = tracer.startSpan(
            "\(operation) \(table)", context: context ?? .current ?? .topLevel, ofKind: .client)
        guard span.isRecording else { return span }
        span.updateAttributes { attributes in
            attributes["db.system.name"] = system
            attributes["db.operation.name"] = operation
            attributes["db.collection.name"] = table
            if let statement { attributes["db.query.text"] = statement }
        }
        return span
    }

    private func end(
        _ span: PerchSpan, _ operation: String, _ table: String, _ statement: String?,
        _ duration: Duration, _ failure: (any Error)?
    ) {
        if let failure {
            span.recordError(failure)
            span.setStatus(SpanStatus(code: .error, message: String(describing: failure)))
        }
        let isSlow = duration >= queries.slow
        var values = ["duration": duration.seconds]
        if isSlow { values["slow"] = 1 }
        let isKept = isSlow || failure != nil || Double.random(in: 0..<1) < queries.sampledRatio
        ServiceContext.withValue(span.context) {
            recorder.record(
                isKept ? .query : .unwrittenQuery,
                [
                    "operation": operation, "table": table, "statement": statement,
                    "status": failure == nil ? "success" : "error",
                ], values: values,
                level: isKept ? (failure != nil || isSlow ? .warning : .debug) : nil,
                error: failure)
        }
        span.end()
    }

    // MARK: limits and fallbacks

    /// A request was refused by a rate limit (CM-9, CM-18): `backend` is `redis` or `memory`.
    public func rateLimited(
        backend: String, route: String? = nil, address: String? = nil, user: String? = nil,
        domain: String? = nil
    ) {
        recorder.record(
            .rateLimit,
            [
                "backend": backend, "route": route, "client_address": address, "user_id": user,
                "domain": domain,
            ])
    }

    /// A part works in a lesser way, or does again (EXT-3), such as rate limits in memory when
    /// Redis is gone.
    public func degraded(_ component: String, to fallback: String, _ isActive: Bool = true) {
        recorder.record(
            .degradation, ["component": component, "fallback": fallback],
            values: ["active": isActive ? 1 : 0])
    }

    // MARK: offline queues

    /// What waits on devices that were offline (OFF-1).
    public func offlineQueue(_ name: String, depth: Int, oldestAge: Duration?) {
        recorder.record(
            .offlineQueue, ["queue": name],
            values: ["depth": Double(depth), "age": oldestAge?.seconds ?? 0])
    }

    /// An item of an offline queue was sent, or not (OFF-1).
    public func offlineSync(
        _ name: String, isSuccess: Bool, item: String? = nil, device: String? = nil
    ) {
        recorder.record(
            .offlineSync,
            [
                "queue": name, "result": isSuccess ? "success" : "failure", "item_id": item,
                "device_id": device,
            ])
    }

    // MARK: other services

    /// Calls another service: a client span, its duration, and how it went (EXT-1, TRC-4).
    public func external<Answer>(
        _ target: String, _ operation: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (PerchSpan) async throws -> Answer
    ) async rethrows -> Answer {
        try await external(target, operation) { span, _ in try await body(span) }
    }

    /// How a call to another service went, where no error tells it.
    enum CallOutcome: String {
        case success
        case failure
    }

    /// ``external(_:_:isolation:_:)`` for a body that may call the outcome a failure.
    func external<Answer>(
        _ target: String, _ operation: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (PerchSpan, inout CallOutcome) async throws -> Answer
    ) async rethrows -> Answer {
        let span = tracer.startSpan(
            operation, context: .current ?? .topLevel, ofKind: .client)
        if span.isRecording { span.attributes["peer.service"] = target }
        let start = ContinuousClock.now
        var failure: (any Error)?
        var outcome = CallOutcome.success
        defer {
            recorder.record(
                .externalCall, ["target": target, "outcome": outcome.rawValue],
                values: ["duration": (ContinuousClock.now - start).seconds], error: failure)
            span.end()
        }
        do {
            return try await ServiceContext.withValue(span.context) {
                try await body(span, &outcome)
            }
        } catch {
            failure = error
            outcome = .failure
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: String(describing: error)))
            throw error
        }
    }

    /// Whether another service works, as a probe found it (EXT-1, HLT-7).
    public func external(_ target: String, isUp: Bool, detail: String? = nil) {
        recorder.record(
            .externalState, ["target": target, "detail": detail], values: ["up": isUp ? 1 : 0],
            level: isUp ? .debug : .warning)
    }
}

/// Which queries get a line.
public struct QueryOptions: Sendable {
    /// Queries that take as long are slow.
    public var slow = Duration.milliseconds(500)
    /// The part of other queries that get a line, at the level `debug` (SMP-4).
    public var sampledRatio = 0.1

    /// Makes the defaults.
    public init() {}
}

extension DomainEvent {
    /// ``query`` without its line.
    fileprivate static let unwrittenQuery: DomainEvent = {
        var event = query
        event.level = nil
        return event
    }()
}
