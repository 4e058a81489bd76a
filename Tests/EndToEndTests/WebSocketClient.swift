import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// A WebSocket as a client sees it: what was said, in order.
final class WebSocketClient: Sendable {
    /// The server answered by HTTP.
    struct Refused: Error {}

    private struct State {
        var texts: [String] = []
        var closeCode: UInt16?
        var pongs: [String] = []
        var isClosed = false
    }

    private final class Box: Sendable {
        let state = Mutex(State())
    }

    private let channel: any Channel
    private let box: Box

    private init(_ channel: any Channel, _ box: Box) {
        self.channel = channel
        self.box = box
    }

    /// Opens one; with `reads` false nothing is taken after the handshake.
    static func open(
        port: Int, path: String, headers: [(String, String)] = [], reads: Bool = true
    ) async throws -> WebSocketClient {
        let box = Box()
        let upgrader = NIOTypedWebSocketClientUpgrader<Bool>(maxFrameSize: 64 << 20) {
            channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Reader(box: box))
                return true
            }
        }
        var fields = HTTPHeaders([("Host", "127.0.0.1:\(port)")])
        for (name, value) in headers { fields.replaceOrAdd(name: name, value: value) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: fields)
        let group = MultiThreadedEventLoopGroup.singleton
        let (channel, isOpen) = try await ClientBootstrap(group: group)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Bool>(
                        upgradeRequestHead: head, upgraders: [upgrader],
                        notUpgradingCompletionHandler: { channel in
                            channel.eventLoop.makeCompletedFuture { false }
                        })
                    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(
                        upgradeConfiguration: upgrade)
                    // The first frame may come with the answer.
                    pipeline.leftOverBytesStrategy = .forwardBytes
                    return (
                        channel,
                        try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                            configuration: pipeline)
                    )
                }
            }
        guard try await isOpen.get() else {
            try? await channel.close().get()
            throw Refused()
        }
        if !reads { try await channel.setOption(.autoRead, value: false).get() }
        return WebSocketClient(channel, box)
    }

    var texts: [String] { box.state.withLock { $0.texts } }
    var closeCode: UInt16? { box.state.withLock { $0.closeCode } }
    var pongs: [String] { box.state.withLock { $0.pongs } }
    var isClosed: Bool { box.state.withLock { $0.isClosed } }

    func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer) async throws {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        try await channel.writeAndFlush(frame).get()
    }

    func read() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    func close() async {
        try? await channel.close().get()
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame

        private let box: Box
        private var text = ""

        init(box: Box) {
            self.box = box
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            var bytes = frame.unmaskedData
            box.state.withLock { state in
                switch frame.opcode {
                case .text: state.texts.append(String(buffer: bytes))
                case .pong: state.pongs.append(String(buffer: bytes))
                case .connectionClose: state.closeCode = bytes.readInteger() ?? 0
                default: break
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            box.state.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
