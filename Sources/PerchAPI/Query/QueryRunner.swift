import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import PerchModel

/// Runs queries: a bounded number, each with a time limit, away from the threads that serve
/// senders, and no longer than somebody reads.
package final class QueryRunner: Sendable {
    private let limits: QueryLimits
    private let turns: QueryTurns
    private let executor: (any TaskExecutor)?
    private let watchdog = Watchdog()

    /// Begins without queries; they run where `executor` says, nil leaves them where they are.
    package init(limits: QueryLimits, executor: (any TaskExecutor)?) {
        self.limits = limits
        self.executor = executor
        turns = QueryTurns(runningMax: limits.runningMax, waitingMax: limits.waitingMax)
    }

    /// Runs what makes an answer, and keeps its turn until the answer is written.
    ///
    /// Work that `leavesByItself` begins where it is; see ``QueryPlace``.
    func run(
        _ context: PerchRequestContext, leavesByItself: Bool,
        _ work: @escaping @Sendable () async throws -> Response
    ) async throws -> Response {
        var place: QueryPlace?
        if leavesByItself, let first = ConnectionTask.executor, let executor {
            place = QueryPlace(first: first, threads: executor)
        }
        return try await watched(context, on: place ?? executor) { [self, place] in
            try await QueryPlace.$current.withValue(place) { try await answer(context, work) }
        }
    }

    /// Runs what makes a value, in a turn.
    func value<Value: Sendable>(
        _ context: PerchRequestContext, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await watched(context, on: executor) { [turns] in
            let turn = try await turns.enter()
            defer { turn.leave() }
            return try await work()
        }
    }

    private func watched<Value: Sendable>(
        _ context: PerchRequestContext, on place: (any TaskExecutor)?,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await watchdog.run(context.channel, for: limits.time, on: place, work)
        } catch Watchdog.Verdict.expired {
            throw Problem(
                .serviceUnavailable,
                "the query took longer than \(limits.time); ask for less at once")
        } catch Watchdog.Verdict.abandoned {
            throw CancellationError()
        } catch is QueryTurns.Busy {
            var problem = Problem(
                .tooManyRequests, "too many queries wait already; try again in some seconds")
            problem.headers[.retryAfter] = "5"
            throw problem
        }
    }

    private func answer(
        _ context: PerchRequestContext, _ work: @Sendable () async throws -> Response
    ) async throws -> Response {
        let turn = try await turns.enter()
        var response = try await work()
        guard response.body.contentLength == nil else {
            turn.leave()
            return response
        }
        let (body, limits, executor) = (response.body, limits, executor)
        // The turn goes with the body: also one that is never written gives it back.
        response.body = ResponseBody { writer in
            defer { turn.leave() }
            let writer = writer
            do {
                try await withTaskExecutorPreference(executor) {
                    try await StreamedAnswer.write(body, to: writer, context.channel, limits)
                }
            } catch let failure as StoreFailure where failure != .cancelled {
                // The answer has begun, so all that can be told is that it ends too early.
                context.logger.error(
                    "an answer ended early",
                    metadata: ["route": "\(context.endpointPath ?? "")", "error": "\(failure)"])
                throw failure
            }
        }
        return response
    }
}
