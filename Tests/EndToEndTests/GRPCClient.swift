import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// One connection of HTTP/2 that makes calls as no library would.
final class GRPCClient: Sendable {
    struct Answer: Sendable {
        /// All fields of the answer, trailers too.
        var headers = HPACKHeaders()
        var body: [UInt8] = []

        var httpStatus: String? { headers.first(name: ":status") }
        /// -1 without one.
        var status: Int { headers.first(name: "grpc-status").flatMap { Int($0) } ?? -1 }
        var message: String {
            headers.first(name: "grpc-message")?.removingPercentEncoding ?? ""
        }
        /// The message of the answer, without its head.
        var reply: [UInt8] { Array(body.dropFirst(5)) }
    }

    private typealias Stream = NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>
    private typealias Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<Void>

    private let channel: any Channel
    private let streams: Streams
    /// The codes of what the server said when it wanted the connection to end.
    let goAways = GoAways()

    private init(_ channel: any Channel, _ streams: Streams) {
        self.channel = channel
        self.streams = streams
    }

    static func connect(port: Int, trusting certificate: URL? = nil) async throws -> GRPCClient {
        let tls = try certificate.map { certificate in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMFile(certificate.path()))
            tls.applicationProtocols = ["h2"]
            return try NIOSSLContext(configuration: tls)
        }
        let goAways = GoAwaysBox()
        let (channel, streams) = try await ClientBootstrap(
            group: MultiThreadedEventLoopGroup.singleton
        ).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls {
                    try pipeline.addHandler(
                        try NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                }
                let streams = try pipeline.configureAsyncHTTP2Pipeline(mode: .client) { stream in
                    stream.eventLoop.makeSucceededVoidFuture()
                }
                try pipeline.addHandler(goAways.handler())
                return (channel, streams)
            }
        }
        let client = GRPCClient(channel, streams)
        goAways.forward(to: client.goAways)
        return client
    }

    func close() async {
        try? await channel.close()
    }

    var isActive: Bool { channel.isActive }

    /// A ping, which the server must answer.
    func ping() async throws {
        try await channel.writeAndFlush(
            HTTP2Frame(streamID: .rootStream, payload: .ping(HTTP2PingData(), ack: false)))
    }

    /// One call; `pieces` are the data frames, the last of which ends the stream.
    ///
    /// `between` runs before the last piece.
    func call(
        _ path: String, _ pieces: [[UInt8]], headers: [(String, String)] = [],
        contentType: String = "application/grpc",
        between: @Sendable () async throws -> Void = {}
    ) async throws -> Answer {
        let stream = try await streams.openStream { channel in
            channel.eventLoop.makeCompletedFuture {
                try Stream(wrappingChannelSynchronously: channel)
            }
        }
        return try await stream.executeThenClose { inbound, outbound in
            var fields: HPACKHeaders = [
                ":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
                "content-type": contentType, "te": "trailers",
            ]
            for (name, value) in headers { fields.add(name: name, value: value) }
            try await outbound.write(
                .headers(.init(headers: fields, endStream: pieces.isEmpty)))
            do {
                for (index, piece) in pieces.enumerated() {
                    let isLast = index == pieces.count - 1
                    if isLast { try await between() }
                    try await outbound.write(
                        .data(
                            .init(
                                data: .byteBuffer(ByteBuffer(bytes: piece)), endStream: isLast)))
                }
            } catch is ChannelError {
                // Refused before all was sent; the answer counts.
            }
            var answer = Answer()
            do {
                for try await frame in inbound {
                    switch frame {
                    case .headers(let block):
                        answer.headers.add(contentsOf: block.headers)
                        if block.endStream { return answer }
                    case .data(let data):
                        if case .byteBuffer(let buffer) = data.data {
                            answer.body += buffer.readableBytesView
                        }
                    default: continue
                    }
                }
            } catch  where answer.httpStatus != nil {
                // Reset after the answer.
            }
            return answer
        }
    }

    /// A message with its head.
    static func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        let count = UInt32(message.count)
        return [flag] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + message
    }
}

/// The codes of GOAWAY frames.
actor GoAways {
    private(set) var codes: [HTTP2ErrorCode] = []

    func append(_ code: HTTP2ErrorCode) { codes.append(code) }
}

/// Hands GOAWAY frames on, in order.
private final class GoAwaysBox: Sendable {
    private let stream: AsyncStream<HTTP2ErrorCode>
    private let continuation: AsyncStream<HTTP2ErrorCode>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: HTTP2ErrorCode.self)
    }

    func handler() -> Handler { Handler(continuation) }

    func forward(to goAways: GoAways) {
        Task { [stream] in
            for await code in stream { await goAways.append(code) }
        }
    }

    final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame

        private let continuation: AsyncStream<HTTP2ErrorCode>.Continuation

        init(_ continuation: AsyncStream<HTTP2ErrorCode>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .goAway(_, let code, _) = unwrapInboundIn(data).payload {
                continuation.yield(code)
            }
            context.fireChannelRead(data)
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
