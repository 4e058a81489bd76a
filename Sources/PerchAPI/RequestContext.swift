package import Hummingbird
package import NIOCore
package import PerchAccess

/// What a request carries through middleware and routes.
package struct PerchRequestContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The peer of the connection; nil for connections without one.
    package let remoteAddress: SocketAddress?
    /// Who asks, once authentication has run.
    package var principal: Principal?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
