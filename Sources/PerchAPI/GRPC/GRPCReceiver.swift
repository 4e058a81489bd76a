import NIOCore
import NIOHTTP2
package import PerchIngest

/// What comes of a call: its headers, then its message or why there is none.
package enum GRPCEvent: Sendable {
    case call(GRPCCall)
    case message(GRPCMessage, InFlight.Reservation)
    case refused(Refusal)
}

/// Collects the message of a call on its event loop, within the limits on size and time.
///
/// Each frame is reserved before it is kept. A client that sends slowly is refused after the body's
/// timeout, or after its own deadline.
final class GRPCReceiver: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = GRPCEvent

    private let byteCountMax: Int
    private let timeout: Duration
    private let reservation: InFlight.Reservation
    /// Nil before the call, and when its message is complete or refused.
    private var message: GRPCMessage?
    private var isStarted = false
    private var timer: Scheduled<Void>?

    init(byteCountMax: Int, timeout: Duration, reservation: InFlight.Reservation) {
        self.byteCountMax = byteCountMax
        self.timeout = timeout
        self.reservation = reservation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let headers) where !isStarted:
            isStarted = true
            message = GRPCMessage(byteCountMax: byteCountMax)
            let call = GRPCCall(headers.headers, peer: context.channel.parent?.remoteAddress)
            context.fireChannelRead(wrapInboundOut(.call(call)))
            start(min(timeout, call.timeout ?? timeout), context)
            if headers.endStream { end(context) }
        case .headers(let trailers) where trailers.endStream:
            end(context)
        case .data(let data):
            guard message != nil, case .byteBuffer(let buffer) = data.data else { return }
            take(buffer, context)
            if data.endStream { end(context) }
        default:
            // Priorities and frames of extensions say nothing to us.
            return
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        message = nil
        context.fireChannelInactive()
    }

    private func take(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        do {
            try reservation.grow(by: buffer.readableBytes)
            try message?.append(buffer.readableBytesView)
        } catch let failure as GRPCMessage.Failure {
            refuse(failure.refusal(byteCountMax: byteCountMax), context)
        } catch let refusal as Refusal {
            refuse(refusal, context)
        } catch {
            preconditionFailure("no other error is thrown above")
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        guard let whole = message else { return }
        guard whole.isWhole else {
            return refuse(GRPCMessage.Failure.cut.refusal(byteCountMax: byteCountMax), context)
        }
        timer?.cancel()
        message = nil
        context.fireChannelRead(wrapInboundOut(.message(whole, reservation)))
    }

    private func start(_ timeout: Duration, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            let (receiver, context) = bound.value
            receiver.refuse(
                Refusal(
                    status: 408, reason: .timeout,
                    message: "the message did not arrive within \(timeout)"), context)
        }
    }

    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        guard message != nil else { return }
        timer?.cancel()
        message = nil
        reservation.release()
        context.fireChannelRead(wrapInboundOut(.refused(refusal)))
        context.fireChannelReadComplete()
    }
}

extension GRPCMessage.Failure {
    /// What the client is told.
    func refusal(byteCountMax: Int) -> Refusal {
        switch self {
        case .tooLarge:
            Refusal(
                status: 413, reason: .tooLarge,
                message: "the message is over the limit of \(byteCountMax) bytes")
        case .flag(let flag):
            Refusal(
                status: 400, reason: .malformed,
                message: "expected 0 or 1 as the first byte of a message, got \(flag)")
        case .cut:
            Refusal(
                status: 400, reason: .malformed,
                message: "the stream ended before a whole message had come")
        case .several:
            Refusal(
                status: 400, reason: .malformed, message: "expected one message, got more bytes")
        }
    }
}
