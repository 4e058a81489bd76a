import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOSSL
import PerchAPI

/// HTTP/2 of one connection, for gRPC; over TLS where there is a certificate.
///
/// A stop sends GOAWAY and lets calls in progress end. A client that is silent is asked whether it
/// is still there; one that asks us too often, resets stream after stream or sends nothing but
/// control frames loses its connection.
struct GRPCChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let streams: NIOHTTP2Handler.AsyncStreamMultiplexer<GRPCService.Stream>
    }

    let service: GRPCService
    let certificates: CertificateSource?
    let connections: OpenConnections
    let limits: PerchConfiguration.Limits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try connections.add(channel)
            let pipeline = channel.pipeline.syncOperations
            if let certificates {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificates.grpcContext))
            }
            let management = NIOHTTP2ServerConnectionManagementHandler(
                eventLoop: channel.eventLoop, configuration: managementSettings)
            let streams = try pipeline.configureAsyncHTTP2Pipeline(
                mode: .server, streamDelegate: management.http2StreamDelegate,
                configuration: http2Settings
            ) { [service] stream in
                stream.eventLoop.makeCompletedFuture { try service.configure(stream) }
            }
            try pipeline.addHandlers(management, EndOnFailure())
            return Value(channel: channel, streams: streams)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await withDiscardingTaskGroup { group in
            do {
                for try await stream in value.streams.inbound {
                    group.addTask { [service] in await service.serve(stream) }
                }
            } catch {
                // The connection broke; its streams end by themselves.
            }
        }
        try? await value.channel.close()
    }

    private var http2Settings: NIOHTTP2Handler.Configuration {
        var settings = NIOHTTP2Handler.Configuration()
        settings.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Limits.grpcStreamsMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerByteCountMax),
            HTTP2Setting(parameter: .maxFrameSize, value: Limits.grpcFrameByteCountMax),
        ]
        settings.connection.targetWindowSize = Limits.grpcConnectionWindow
        settings.stream.targetWindowSize = Limits.grpcStreamWindow
        return settings
    }

    private var managementSettings: NIOHTTP2ServerConnectionManagementHandler.Configuration {
        let idle = TimeAmount.seconds(Int64(limits.idleTimeoutSeconds))
        return .init(
            maxIdleTime: Limits.grpcIdle, maxAge: nil, maxGraceTime: nil,
            keepalive: .init(pingInterval: idle, ackTimeout: Limits.grpcPingTimeout))
    }

    /// Closes a connection after an error that is not one of a stream alone, and one whose client
    /// has gone.
    private final class EndOnFailure: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A stream that the client reset meanwhile is no failure of the connection.
            if error is NIOHTTP2Errors.StreamError { return }
            context.close(promise: nil)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            // A client that says nothing more cannot take answers either: HTTP/2 needs both ways.
            if case ChannelEvent.inputClosed? = event as? ChannelEvent {
                context.close(promise: nil)
            }
            context.fireUserInboundEventTriggered(event)
        }
    }
}
