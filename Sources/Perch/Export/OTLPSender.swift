import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Sends bodies to one address by OTLP/HTTP, and tries again where the protocol says so.
///
/// Source: OTLP specification, "OTLP/HTTP": 429, 502, 503 and 504 are tried again, after
/// `Retry-After` where given; any other refusal is final.
struct OTLPSender: Sendable {
    /// What became of a body.
    enum Outcome: Sendable, Hashable {
        case accepted
        case refused(String)
    }

    let address: String
    private let attemptsMax: Int
    private let timeout: Duration
    private let encoding: ExportOptions.Encoding
    private let compression: ExportOptions.Compression
    private let headers: [(name: String, value: String)]
    private let signal: ExportOptions.Signal
    private let client: HTTPClient

    init(
        _ signal: ExportOptions.Signal, address: String, options: ExportOptions, client: HTTPClient
    ) {
        let own = options.overrides[signal]
        self.signal = signal
        self.address = address
        self.client = client
        attemptsMax = max(1, options.attemptsMax)
        timeout = own?.timeout ?? options.timeout
        encoding = own?.encoding ?? options.encoding
        compression = own?.compression ?? options.compression
        headers = own?.headers ?? options.headers
    }

    /// Sends a request that is encoded as protobuf.
    func send(_ message: [UInt8]) async -> Outcome {
        var body = message
        if encoding == .json { body = OTLPText.json(message, signal) }
        if compression == .gzip { body = Gzip.compressed(body) }
        var pause = Duration.milliseconds(500)
        var reason = ""
        for attempt in 1...attemptsMax {
            if attempt > 1 {
                do {
                    try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                } catch {
                    return .refused(reason)
                }
                pause = min(pause * 2, .seconds(30))
            }
            do {
                let response = try await post(body)
                switch response.status.code {
                case 200..<300: return .accepted
                case 429, 502, 503, 504:
                    reason = "the collector answered \(response.status.code)"
                    if let wait = response.headers.first(name: "retry-after").flatMap(Int.init) {
                        pause = .seconds(min(300, max(0, wait)))
                    }
                default: return .refused("the collector answered \(response.status.code)")
                }
            } catch {
                reason = "\(error)"
                if Task.isCancelled { return .refused(reason) }
            }
        }
        return .refused("\(reason), \(attemptsMax) times")
    }

    private func post(_ body: [UInt8]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(
            name: "content-type",
            value: encoding == .json ? "application/json" : "application/x-protobuf")
        if compression == .gzip { request.headers.add(name: "content-encoding", value: "gzip") }
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let limit = TimeAmount.nanoseconds(timeout.nanoseconds)
        let response = try await client.execute(request, timeout: limit)
        // What it says does not matter, but the connection is free only after it.
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return response
    }
}
