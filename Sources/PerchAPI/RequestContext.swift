package import Hummingbird
package import NIOCore
package import PerchAccess
import Synchronization

/// What a request carries through middleware and routes.
package struct PerchRequestContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The peer of the connection; nil for connections without one.
    package let remoteAddress: SocketAddress?
    /// The connection.
    let channel: any Channel
    /// How far the request has come.
    let progress = RequestProgress()
    /// Who asks, once authentication has run.
    package var principal: Principal?
    /// Where the request comes from, as far as its proxies are believed; for limits of attempts.
    package var clientAddress: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress
    }
}

/// What the outer middleware learns from the inner.
final class RequestProgress: Sendable {
    private let isBodyReadState = Atomic(false)

    /// Whether the whole body has arrived.
    var isBodyRead: Bool { isBodyReadState.load(ordering: .relaxed) }

    func bodyWasRead() {
        isBodyReadState.store(true, ordering: .relaxed)
    }
}
