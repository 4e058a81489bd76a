import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Posts OTLP bodies, with retries and backoff as the OTLP specification asks.
final class OTLPTransport: Sendable {
    enum Outcome: Sendable {
        case delivered
        /// The receiver will never take this batch.
        case refused
        /// The receiver was away for all attempts.
        case givenUp
        case cancelled
    }

    private enum Attempt {
        case done(Outcome)
        case retry(reason: String, after: Duration?)
    }

    private let client: HTTPClient
    private let endpoint: String
    private let key: String?
    private let logger: Logger
    /// What was last said about the receiver, so that an outage is two lines and not thousands.
    private let lastProblem = Mutex<String?>(nil)

    init(client: HTTPClient, endpoint: String, key: String?, logger: Logger) {
        self.client = client
        self.endpoint = endpoint
        self.key = key
        self.logger = logger
    }

    /// Sends one body; waits between attempts, and stops early when the task is cancelled.
    func send(_ body: ByteBuffer, signal: String, attempts: Int) async -> Outcome {
        var delay = Limits.retryDelayFirst
        for attempt in 1...attempts {
            switch await post(body, signal: signal) {
            case .done(let outcome):
                return outcome
            case .retry(let reason, let after):
                if Task.isCancelled { return .cancelled }
                report(reason)
                if attempt == attempts { break }
                // Jitter keeps the signals from knocking at the same moment.
                let wait = min(after ?? delay, Limits.retryDelayMax) * Double.random(in: 0.8...1.2)
                do { try await Task.sleep(for: wait) } catch { return .cancelled }
                delay = min(delay * 2, Limits.retryDelayMax)
            }
        }
        return .givenUp
    }

    private func post(_ body: ByteBuffer, signal: String) async -> Attempt {
        var request = HTTPClientRequest(url: "\(endpoint)/v1/\(signal)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        request.body = .bytes(body)
        do {
            let response = try await client.execute(
                request, timeout: .nanoseconds(Limits.exportTimeout.nanoseconds))
            // Reading the answer to its end gives the connection back.
            let answer = try await response.body.collect(upTo: 65_536)
            switch response.status.code {
            case 200..<300:
                report(nil)
                return .done(.delivered)
            case 429, 502, 503, 504:
                let after = response.headers.first(name: "retry-after").flatMap { Int($0) }
                return .retry(
                    reason: "answers \(response.status.code)", after: after.map { .seconds($0) })
            default:
                report("refuses \(signal) with \(response.status.code): \(String(buffer: answer))")
                return .done(.refused)
            }
        } catch {
            return .retry(reason: "cannot be reached: \(error)", after: nil)
        }
    }

    private func report(_ problem: String?) {
        let changed = lastProblem.withLock { last in
            let changed = (last == nil) != (problem == nil)
            last = problem
            return changed
        }
        guard changed else { return }
        if let problem {
            logger.warning("The receiver \(endpoint) \(problem). The shop goes on.")
        } else {
            logger.notice("The receiver \(endpoint) takes telemetry again.")
        }
    }
}
