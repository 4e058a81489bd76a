import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends envelopes one after the other, and rests when the server asks for it.
final class EnvelopeSender: Sendable {
    private let dsn: SentryDSN
    private let options: ErrorOptions
    private let drops: DropCounts
    private let clock: @Sendable () -> Int64
    /// Writes to the process's own output only.
    private let logger: Logger
    private let line: WaitingLine<Envelope>
    private let limits = Mutex(RateLimits())

    init(
        dsn: SentryDSN, options: ErrorOptions, drops: DropCounts,
        clock: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.dsn = dsn
        self.options = options
        self.drops = drops
        self.clock = clock
        self.logger = logger
        line = WaitingLine(
            countMax: options.waitingMax, weightMax: options.waitingByteCountMax)
    }

    private static func client() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        // A refused connection is an answer: the pauses between attempts are the sender's.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func add(_ envelope: Envelope) {
        guard !line.add(envelope, weight: envelope.weight) else { return }
        drop(envelope, .queueOverflow)
        envelope.completed?(false)
    }

    private func drop(_ envelope: Envelope, _ reason: DropCounts.Reason) {
        for item in envelope.items {
            if let category = item.kind.category { drops.count(reason, category: category) }
        }
    }

    /// Sends until the task is cancelled, and then what is left, within the limit.
    func run(
        sessions: SessionCounter, identity: ErrorIdentity, flushTimeout: Duration
    ) async {
        let client = Self.client()
        if let item = sessions.began(identity) { add(Envelope(items: [item])) }
        // What is on its way when the end comes arrives still, so this task is not cancelled then.
        let worker = Task { await drain(client) }
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(60))
            if let item = sessions.requests(identity) { add(Envelope(items: [item])) }
        }
        if let item = sessions.ended(identity) { add(Envelope(items: [item])) }
        line.stop()
        await Self.wait(for: worker, at: flushTimeout)
        line.reopen()
        giveUp()
        try? await client.shutdown()
    }

    /// Sends what waits, within a limit.
    func flush(timeout: Duration) async {
        let client = Self.client()
        let worker = Task {
            while let envelope = line.take() { await send(envelope, client) }
        }
        await Self.wait(for: worker, at: timeout)
        giveUp()
        try? await client.shutdown()
    }

    private static func wait(for worker: Task<Void, Never>, at timeout: Duration) async {
        let limit = Task {
            try await Task.sleep(for: timeout)
            worker.cancel()
        }
        await worker.value
        limit.cancel()
    }

    private func drain(_ client: HTTPClient) async {
        while !Task.isCancelled, let envelope = await line.next() { await send(envelope, client) }
    }

    /// Counts what could not be sent in time.
    private func giveUp() {
        while let envelope = line.take() {
            drop(envelope, .network)
            envelope.completed?(false)
        }
    }

    private func send(_ envelope: Envelope, _ client: HTTPClient) async {
        var envelope = envelope
        let now = clock()
        let allowed = limits.withLock { limits in
            envelope.items.filter { limits.allows($0.kind.category, time: now) }
        }
        if allowed.count < envelope.items.count {
            drop(envelope, .rateLimit)
            envelope.completed?(false)
            return
        }
        if let report = drops.takeReport(time: now) { envelope.items.append(report) }
        switch await post(envelope, client) {
        case .accepted: envelope.completed?(true)
        case .refused(let reason):
            drop(envelope, .refused)
            envelope.completed?(true)
            logger.warning(
                "an error report was refused", metadata: ["reason": .string(reason)])
        case .resting:
            drop(envelope, .rateLimit)
            envelope.completed?(false)
        case .lost(let reason):
            drop(envelope, .network)
            envelope.completed?(false)
            logger.warning(
                "an error report could not be sent", metadata: ["reason": .string(reason)])
        }
    }

    private enum Outcome {
        case accepted
        case refused(String)
        case resting
        case lost(String)
    }

    /// Tries again while the network or the server fails.
    private func post(_ envelope: Envelope, _ client: HTTPClient) async -> Outcome {
        let body = Gzip.compressed(envelope.bytes(time: clock()))
        var pause = Duration.milliseconds(500)
        var reason = ""
        for attempt in 1...max(1, options.attemptsMax) {
            if attempt > 1 {
                do {
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                } catch {
                    return .lost(reason)
                }
                pause = min(pause * 2, .seconds(30))
            }
            do {
                let response = try await client.execute(
                    request(body), timeout: .nanoseconds(options.timeout.nanoseconds))
                // What it says does not matter, but the connection is free only after it.
                _ = try? await response.body.collect(upTo: ErrorLimits.answerByteCountMax)
                let status = response.status.code
                limits.withLock {
                    $0.take(
                        status: status,
                        limits: response.headers.first(name: "x-sentry-rate-limits"),
                        retryAfter: response.headers.first(name: "retry-after"), time: clock())
                }
                switch status {
                case 200..<300: return .accepted
                case 429: return .resting
                case 500...: reason = "the server answered \(status)"
                default: return .refused("the server answered \(status)")
                }
            } catch {
                reason = "\(error)"
            }
        }
        return .lost(reason)
    }

    private func request(_ body: [UInt8]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: dsn.address)
        request.method = .POST
        request.headers = [
            "content-type": "application/x-sentry-envelope", "content-encoding": "gzip",
            "x-sentry-auth": dsn.authorization, "user-agent": ErrorLimits.client,
        ]
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }
}
