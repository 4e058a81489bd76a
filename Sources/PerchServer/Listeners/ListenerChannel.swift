import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import PerchAPI

/// HTTP/1.1 of one connection, over TLS where there is a certificate.
///
/// The certificate is asked for anew at each connection; Hummingbird's own TLS channel keeps the
/// one it was made with. The connection is registered, so that a stop can end it.
struct ListenerChannel: ServerChildChannel, HTTPChannelHandler {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let certificates: CertificateSource?
    let connections: OpenConnections

    var responder: HTTPChannelHandler.Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try connections.add(channel)
            if let certificates {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: certificates.context))
            }
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let executor = LoopExecutors.of(value.channel.eventLoop)
        await ConnectionTask.$executor.withValue(executor) {
            await withTaskExecutorPreference(executor) {
                await base.handle(value: value, logger: logger)
            }
        }
    }
}
