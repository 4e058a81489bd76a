import HTTPTypes
package import Hummingbird

/// Answers a browser that asked for an address which does not exist with a page, not with nothing.
package struct MissingPage<Context: RequestContext>: RouterMiddleware {
    private let routes: WebRoutes<Context>

    package init(_ routes: WebRoutes<Context>) {
        self.routes = routes
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && isNavigation(request) {
            return await routes.error(.notFound, request, context)
        }
    }

    private func isNavigation(_ request: Request) -> Bool {
        request.method == .get && request.headers[.accept]?.contains("text/html") == true
    }
}
