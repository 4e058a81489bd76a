import HTTPTypes
package import Hummingbird
import Logging
import PerchModel
import Synchronization

/// Counts requests by route pattern and status, and the seconds they took.
package final class RequestCounters: Sendable {
    private struct Key: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct Sum {
        var count = 0
        var seconds = 0.0
    }

    /// Routes are patterns and statuses are ours, so this stays small; methods outside the usual
    /// ones count as `other`, since a client may send any.
    private let sums = Mutex<[Key: Sum]>([:])
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH",
    ]

    package init() {}

    func record(method: String, route: String, status: Int, seconds: Double) {
        let key = Key(
            method: Self.methods.contains(method) ? method : "other", route: route, status: status)
        sums.withLock {
            $0[key, default: Sum()].count += 1
            $0[key, default: Sum()].seconds += seconds
        }
    }

    /// Writes the counts.
    package func write(to text: inout Exposition) {
        let snapshot = sums.withLock { $0 }.sorted {
            ($0.key.route, $0.key.method, $0.key.status)
                < ($1.key.route, $1.key.method, $1.key.status)
        }
        text.family(MetricNames.httpRequests, "counter", "Requests answered.")
        for (key, sum) in snapshot {
            text.sample(MetricNames.httpRequests, Self.labels(key), Double(sum.count))
        }
        text.family(MetricNames.httpSeconds, "counter", "Seconds spent on requests.")
        for (key, sum) in snapshot {
            text.sample(MetricNames.httpSeconds, Self.labels(key), sum.seconds)
        }
    }

    private static func labels(_ key: Key) -> [(name: String, value: String)] {
        [("method", key.method), ("route", key.route), ("status", String(key.status))]
    }
}

/// Times every request and hands it to ``RequestCounters``; logs server errors.
package struct RequestAccounting: RouterMiddleware {
    package typealias Context = PerchRequestContext

    private let counters: RequestCounters

    package init(counters: RequestCounters) {
        self.counters = counters
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        let response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        } catch {
            response = Self.answer(error, request, context)
        }
        let elapsed = clock.now - start
        counters.record(
            method: request.method.rawValue, route: context.endpointPath ?? "none",
            status: response.status.code, seconds: elapsed / .seconds(1))
        return response
    }

    /// What a reader is told of a failure: nothing of files, and where the log has the rest.
    private static func answer(
        _ error: any Error, _ request: Request, _ context: Context
    ) -> Response {
        let problem: Problem
        switch error {
        case is CancellationError, StoreFailure.cancelled:
            // The reader has gone, or the server is stopping.
            return Problem(.serviceUnavailable, "the request was cancelled").response()
        case StoreFailure.closed:
            return Problem(.serviceUnavailable, "the server is stopping").response()
        case StoreFailure.overloaded:
            problem = Problem(.serviceUnavailable, "too much waits; try again in some seconds")
        default:
            let id = context.id
            problem = Problem(
                .internalServerError, "internal error; the server's log has it under \(id)")
        }
        context.logger.error(
            "request failed",
            metadata: [
                "id": "\(context.id)", "path": "\(Self.shown(request.uri.path))",
                "error": "\(error)",
            ])
        return problem.response()
    }

    /// A path without the secret that stands in one of a shared page.
    private static func shown(_ path: String) -> String {
        path.hasPrefix("/share/") ? "/share/…" : path
    }
}
