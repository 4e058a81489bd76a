import HTTPTypes
package import Hummingbird

/// Adds the headers that keep a page from loading or leaking anything elsewhere.
package struct PageHeaders: RouterMiddleware {
    package typealias Context = PerchRequestContext

    /// The policy of every answer: nothing from elsewhere, no inline script or style.
    package static let contentSecurityPolicy =
        "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"

    private let isTLS: Bool

    package init(isTLS: Bool) {
        self.isTLS = isTLS
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.xFrameOptions] = "DENY"
        response.headers[.referrerPolicy] = "same-origin"
        if isTLS {
            response.headers[.strictTransportSecurity] = "max-age=31536000"
        }
        return response
    }
}

extension HTTPField.Name {
    static let xFrameOptions = unwrap("X-Frame-Options")
    static let referrerPolicy = unwrap("Referrer-Policy")
    static let forwarded = unwrap("Forwarded")
    static let xForwardedFor = unwrap("X-Forwarded-For")
    static let secFetchSite = unwrap("Sec-Fetch-Site")

    /// The names above are constants of the HTTP grammar, so none can fail.
    private static func unwrap(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else {
            preconditionFailure("not a header name: \(name)")
        }
        return field
    }
}
