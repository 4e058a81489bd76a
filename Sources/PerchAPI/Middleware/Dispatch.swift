package import Hummingbird
import PerchAccess
import PerchIngest

/// Hands a request to its route: a query through the ``QueryRunner``, telemetry directly, and
/// anything else on the shared pool, since until here it runs on its connection's event loop.
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
        if Access.isQuery(method: request.method.rawValue, path: path) {
            let routes = routes
            let leavesByItself = PrometheusQueryRoutes.leavesByItself(path)
            return try await queries.run(context, leavesByItself: leavesByItself) {
                try await routes.respond(to: request, context: context)
            }
        }
        // A door leaves the loop by itself, when it has the body.
        if IngestDoor(path: path) != nil {
            return try await routes.respond(to: request, context: context)
        }
        return try await respondOnPool(request, context)
    }

    private func respondOnPool(
        _ request: Request, _ context: Context
    ) async throws -> Response {
        let routes = routes
        return try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try await routes.respond(to: request, context: context)
        }
    }
}
