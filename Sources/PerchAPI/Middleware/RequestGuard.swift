import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchAccess

/// What every request passes before a route sees it: Host, Origin, then rights.
package struct RequestGuard: RouterMiddleware {
    package typealias Context = PerchRequestContext

    /// The cookie of a session.
    package static let cookieName = "perch_session"

    private let authenticator: Authenticator
    private let hosts: @Sendable () -> HostCheck

    package init(authenticator: Authenticator, hosts: @escaping @Sendable () -> HostCheck) {
        self.authenticator = authenticator
        self.hosts = hosts
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let host = request.head.authority
        guard hosts().accepts(host) else {
            throw Problem(
                .forbidden,
                "host \"\(host ?? "")\" is not one of this server; add it to hosts in perch.yml")
        }
        let method = request.method.rawValue
        // A page elsewhere may open a WebSocket and, unlike other answers, read it.
        let weighed = WebSocketUpgrade.isWished(request) ? "CONNECT" : method
        guard
            OriginCheck.accepts(
                method: weighed, secFetchSite: request.headers[.secFetchSite],
                origin: request.headers[.origin], referer: request.headers[.referer], host: host)
        else {
            throw Problem(.forbidden, "a page of another site may not send this")
        }
        var context = context
        let door = Access.door(method: method, path: Access.normalized(request.uri.path))
        let presented = PresentedCredential(
            authorization: request.headers[.authorization],
            sessionToken: request.cookies[Self.cookieName]?.value,
            peer: context.remoteAddress?.ipAddress,
            forwardedFor: Self.forwarded(request))
        context.clientAddress = authenticator.client(of: presented)
        let decision = try await authenticator.decide(presented, door: door)
        switch decision {
        case .allowed(let principal):
            context.principal = principal
            return try await next(request, context)
        case .unauthorized(let message):
            return try Self.unauthorized(request, message)
        case .forbidden(let message):
            throw Problem(.forbidden, message)
        case .tooManyAttempts:
            var problem = Problem(.tooManyRequests, "too many wrong credentials; wait a minute")
            problem.headers[.retryAfter] = "60"
            throw problem
        }
    }

    /// What a proxy says of its client.
    ///
    /// Both headers at once are taken for none that can be believed: a proxy that writes one may
    /// pass through the other as its client sent it.
    private static func forwarded(_ request: Request) -> String? {
        let old = request.headers[.xForwardedFor]
        let new = request.headers[.forwarded]
        return old != nil && new != nil ? "contradicting" : old ?? new
    }

    /// A browser that wants a page goes to the login; a program gets 401.
    private static func unauthorized(_ request: Request, _ message: String) throws -> Response {
        if request.method == .get, request.headers[.accept]?.contains("text/html") == true {
            let target =
                request.uri.description
                .addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return Response(status: .seeOther, headers: [.location: "/login?next=\(target)"])
        }
        var problem = Problem(.unauthorized, message)
        problem.headers[.wwwAuthenticate] = "Bearer"
        throw problem
    }
}
