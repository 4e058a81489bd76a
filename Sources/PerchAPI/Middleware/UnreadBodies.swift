import HTTPTypes
package import Hummingbird
import NIOCore

/// Closes a connection after an answer to a request whose body was not read.
///
/// The framework would otherwise go on to read and drop the body, however large it says it is,
/// before it takes the next request.
package struct UnreadBodies: RouterMiddleware {
    package typealias Context = PerchRequestContext

    package init() {}

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let hasBody =
            request.headers[.transferEncoding] != nil
            || request.headers[.contentLength].map { $0 != "0" } ?? false
        guard hasBody, !context.progress.isBodyRead, response.status.code >= 300 else {
            return response
        }
        response.headers[.connection] = "close"
        let channel = context.channel
        // Not at once: what is still unread makes the system reset the connection, and a reset
        // may overtake the answer. What arrives until then is dropped as it comes.
        channel.eventLoop.scheduleTask(in: .seconds(Limits.lingerSeconds)) {
            channel.close(promise: nil)
        }
        return response
    }
}
