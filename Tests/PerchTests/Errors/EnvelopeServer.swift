import NIOCore
import NIOHTTP1
import NIOPosix
import PerchCodec
import PerchModel
import Synchronization
import Testing

@testable import Perch

/// An envelope as a server reads it.
///
/// Source: Sentry's developer documentation, "Envelopes".
struct ReceivedEnvelope: Sendable {
    struct Item: Sendable {
        var type: String
        var payload: JSONValue
    }

    var header: JSONValue
    var items: [Item]

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        func line() throws -> JSONValue {
            let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
            defer { rest = rest[min(end + 1, rest.endIndex)...] }
            return try #require(JSONValue(String(decoding: rest[..<end], as: UTF8.self)))
        }
        header = try line()
        items = []
        while !rest.isEmpty {
            let header = try line()
            let length = try #require(Int(header["length"]?.text ?? ""))
            let payload = String(decoding: rest.prefix(length), as: UTF8.self)
            try #require(rest.count >= length)
            rest = rest.dropFirst(length)
            // A payload of a stated length ends with a line feed, or with the envelope.
            try #require(rest.isEmpty || rest.removeFirst() == 0x0a)
            items.append(
                Item(
                    type: try #require(header["type"]?.text),
                    payload: try #require(JSONValue(payload))))
        }
    }
}

/// A server that takes envelopes.
final class EnvelopeServer: Sendable {
    struct Answer: Sendable {
        var status = HTTPResponseStatus.ok
        var headers: HTTPHeaders = [:]
    }

    struct Request: Sendable {
        var path: String
        var headers: HTTPHeaders
        var text: String
        var envelope: ReceivedEnvelope?
    }

    private let requests = Mutex<[Request]>([])
    private let answers: Mutex<[Answer]>

    init(_ answers: [Answer] = []) {
        self.answers = Mutex(answers)
    }

    var all: [Request] { requests.withLock { $0 } }

    /// The payloads of all items of a kind that arrived.
    func items(_ type: String) -> [JSONValue] {
        all.flatMap { $0.envelope?.items ?? [] }.filter { $0.type == type }.map(\.payload)
    }

    private func take(_ head: HTTPRequestHead, _ body: [UInt8]) -> Answer {
        let bytes = (try? Decompressor.decompress(body, encoding: .gzip, limit: 1 << 22)) ?? []
        let request = Request(
            path: head.uri, headers: head.headers, text: String(decoding: bytes, as: UTF8.self),
            envelope: try? ReceivedEnvelope(bytes))
        requests.withLock { $0.append(request) }
        return answers.withLock { $0.isEmpty ? Answer() : $0.removeFirst() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let server: EnvelopeServer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ server: EnvelopeServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let answer = server.take(head, body)
                var response = HTTPResponseHead(version: .http1_1, status: answer.status)
                response.headers = answer.headers
                response.headers.replaceOrAdd(name: "content-length", value: "2")
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(
                    wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    /// Runs a body with the DSN of the server.
    func serve(_ body: (String) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            let port = channel.localAddress?.port ?? 0
            result = .success(try await body("http://abc123@127.0.0.1:\(port)/42"))
        } catch {
            result = .failure(error)
        }
        try await channel.close().get()
        try result.get()
    }
}

/// A service that reports to a DSN.
func reporting(
    to dsn: String?, _ lines: Lines = Lines(), _ configure: (inout PerchOptions) -> Void = { _ in }
) throws -> PerchService {
    var options = PerchOptions()
    options.service = "shop"
    options.version = "shop@1.2.3"
    options.environment = "test"
    options.errors.dsn = try dsn.map { try #require(SentryDSN($0)) }
    options.errors.serverName = "pod-1"
    options.errors.crashes.isOn = false
    options.export.flushTimeout = .seconds(20)
    configure(&options)
    return PerchService(options, clock: { fixedTime }, write: lines.write)
}

/// Runs a service until the body is over, and then lets it send what is left.
func running(_ service: PerchService, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        try await body()
        group.cancelAll()
    }
}

extension JSONValue {
    /// The elements of an array.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }
}
