import HTTPTypes
package import Hummingbird
import NIOCore
import NIOHTTP1

/// Ends the connection after an answer to a request that wished to leave HTTP and did not.
///
/// HTTP's decoder takes nothing for a request behind such a one, and would keep whatever comes.
/// Clients that only tried (Java's, for HTTP/2) open another connection.
package struct ForeignUpgrades: RouterMiddleware {
    package typealias Context = PerchRequestContext

    package init() {}

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard WebSocketUpgrade.isWished(request), response.status != .switchingProtocols else {
            return response
        }
        response.headers[.connection] = "close"
        let channel = context.channel
        // Waited for: what is written after this must find it there.
        try? await channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            // A body that is still to come ends by the middleware for unread ones.
            let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
            try pipeline.addHandler(EndAfterAnswer(), position: .after(encoder))
        }.get()
        return response
    }

    /// Closes when the last part of an answer is written.
    private final class EndAfterAnswer: ChannelOutboundHandler, RemovableChannelHandler {
        typealias OutboundIn = HTTPServerResponsePart
        typealias OutboundOut = HTTPServerResponsePart

        func write(
            context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
        ) {
            guard case .end = unwrapOutboundIn(data) else {
                return context.write(data, promise: promise)
            }
            let channel = context.channel
            let last = promise ?? context.eventLoop.makePromise()
            last.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.write(data, promise: last)
        }
    }
}
