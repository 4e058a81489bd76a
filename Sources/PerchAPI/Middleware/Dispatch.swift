package import Hummingbird
import PerchAccess

/// Hands a request to its route: a query through the ``QueryRunner``, anything else directly.
///
/// It stands last and calls no next one: a query's work goes to a task of its own, which what a
/// middleware is given to call may not.
package struct Dispatch<Routes: HTTPResponder<PerchRequestContext>>: RouterMiddleware {
    package typealias Context = PerchRequestContext

    private let routes: Routes
    private let queries: QueryRunner

    package init(routes: Routes, queries: QueryRunner) {
        self.routes = routes
        self.queries = queries
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let path = Access.normalized(request.uri.path)
        guard Access.isQuery(method: request.method.rawValue, path: path) else {
            return try await routes.respond(to: request, context: context)
        }
        let routes = routes
        return try await queries.run(context) {
            try await routes.respond(to: request, context: context)
        }
    }
}
