import NIOCore
import Synchronization

/// The connections of all listeners, so that a stop can end those that do not end by themselves.
final class OpenConnections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// How many there are.
    var count: Int { channels.withLock { $0.count } }

    /// Remembers a connection until it closes; call it on its event loop, before other handlers
    /// are added.
    func add(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(CutHandler(), position: .first)
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { [self] _ in
            _ = channels.withLock { $0.removeValue(forKey: id) }
        }
    }

    /// Closes all connections at once, whatever they are doing.
    func cutAll() {
        for channel in channels.withLock({ Array($0.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(Cut())
        }
    }

    private struct Cut: Sendable {}

    /// Closes from the front of the pipeline, past TLS, which would wait for its peer's goodbye,
    /// and past bytes that nobody reads.
    private final class CutHandler: ChannelInboundHandler {
        typealias InboundIn = NIOAny

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard event is Cut else { return context.fireUserInboundEventTriggered(event) }
            context.close(mode: .all, promise: nil)
        }
    }
}
