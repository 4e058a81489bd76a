import HTTPTypes
import Hummingbird
import NIOCore
import PerchIngest

/// Reads a request's body with a limit on its size and on the time it may take.
enum BodyReader {
    private static let watchdog = Watchdog()

    /// The whole body, still compressed.
    ///
    /// Each chunk is reserved before it is kept. A client that sends slowly is refused with 408
    /// after `timeout`: without it, one that drips a byte at a time would hold a connection and
    /// its buffer for as long as it likes.
    static func read(
        _ request: Request, _ context: PerchRequestContext, byteCountMax: Int, timeout: Duration,
        reservation: InFlight.Reservation? = nil
    ) async throws -> [UInt8] {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= byteCountMax else { throw tooLarge(byteCountMax) }
        // In one piece where that is not much: growing would move the bytes again and again.
        let usual = max(0, min(declared, Limits.declaredBodyByteCountMax))
        let body = request.body
        let bytes: [UInt8]
        do {
            bytes = try await watchdog.run(
                context.channel, for: timeout, on: ConnectionTask.executor
            ) {
                var bytes: [UInt8] = []
                for try await chunk in body {
                    // Not before something came: who only declares much takes no memory.
                    if bytes.isEmpty { bytes.reserveCapacity(usual) }
                    guard bytes.count + chunk.readableBytes <= byteCountMax else {
                        throw tooLarge(byteCountMax)
                    }
                    try reservation?.grow(by: chunk.readableBytes)
                    bytes.append(contentsOf: chunk.readableBytesView)
                }
                return bytes
            }
        } catch Watchdog.Verdict.expired {
            throw Refusal(
                status: 408, reason: .timeout,
                message: "the body did not arrive within \(timeout)")
        }
        context.progress.bodyWasRead()
        return bytes
    }

    private static func tooLarge(_ byteCountMax: Int) -> Refusal {
        Refusal(
            status: 413, reason: .tooLarge,
            message: "the body is over the limit of \(byteCountMax) bytes")
    }
}

extension Problem {
    /// A refusal at a door that has no form of its own.
    init(_ refusal: Refusal) {
        self.init(HTTPResponse.Status(code: refusal.status), refusal.message)
        if refusal.status == 503 || refusal.status == 429 {
            headers[.retryAfter] = String(PerchIngest.Limits.retryAfterSeconds)
        }
    }
}
