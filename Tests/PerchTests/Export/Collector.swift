import NIOCore
import NIOHTTP1
import NIOPosix
import PerchCodec
import Synchronization

/// What a collector was sent, and how it answers.
final class Collector: Sendable {
    struct Received: Sendable {
        var path: String
        var headers: HTTPHeaders
        /// As it was sent.
        var sent: [UInt8]

        /// Without its compression.
        var body: [UInt8] {
            guard headers.first(name: "content-encoding") == "gzip" else { return sent }
            return (try? Decompressor.decompress(sent, encoding: .gzip, limit: 1 << 26)) ?? []
        }
    }

    private let list = Mutex<[Received]>([])
    /// Statuses of the first requests; then 200.
    private let statuses: Mutex<[HTTPResponseStatus]>

    init(_ statuses: [HTTPResponseStatus] = []) {
        self.statuses = Mutex(statuses)
    }

    var received: [Received] { list.withLock { $0 } }

    func take(_ received: Received) -> HTTPResponseStatus {
        list.withLock { $0.append(received) }
        return statuses.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let collector: Collector
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ collector: Collector) {
            self.collector = collector
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let status = collector.take(
                    Received(path: head.uri, headers: head.headers, sent: body))
                var answer = HTTPResponseHead(version: .http1_1, status: status)
                answer.headers = ["content-length": "0", "retry-after": "0"]
                context.write(wrapOutboundOut(.head(answer)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    /// Runs a body with the address at which the collector listens.
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
            result = .success(try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)"))
        } catch {
            result = .failure(error)
        }
        try await channel.close().get()
        try result.get()
    }
}
