import NIOCore
import NIOWebSocket

/// Takes what a reader of a WebSocket sends: answers pings, ends with its goodbye, drops the rest.
///
/// It stands before HTTP's decoder and hands nothing on, so nothing can pile up there.
final class WebSocketReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    private let onClose: @Sendable () -> Void

    init(onClose: @escaping @Sendable () -> Void) {
        self.onClose = onClose
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .ping:
            // A reader that takes nothing gets no answers either.
            if context.channel.isWritable {
                write(WebSocketFrames.pong(frame.unmaskedData), context)
            }
        case .connectionClose: end(.normal, context)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.protocolError, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        onClose()
        context.fireChannelInactive()
    }

    private func end(_ reason: WebSocketFrames.Goodbye, _ context: ChannelHandlerContext) {
        onClose()
        write(WebSocketFrames.close(reason), context)
        context.close(promise: nil)
    }

    private func write(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
