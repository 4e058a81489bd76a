import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that says something and then stays, for clients that are in no hurry.
final class HeldConnection: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let received = Mutex("")

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            received.withLock { $0 += text }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A reset is an end too.
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let collector: Collector

    private init(_ channel: any Channel, _ collector: Collector) {
        self.channel = channel
        self.collector = collector
    }

    /// Connects and sends; without `reads` nothing of the answer is ever taken.
    static func open(port: Int, send text: String, reads: Bool = true) async throws
        -> HeldConnection
    {
        let collector = Collector()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
        return HeldConnection(channel, collector)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// What was read so far.
    var received: String { collector.received.withLock { $0 } }

    func close() async {
        try? await channel.close().get()
    }
}
