import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchIngest

/// Tells a sender of telemetry in the words of its protocol why it was refused before its route,
/// and counts that.
package struct DoorRefusals: RouterMiddleware {
    package typealias Context = PerchRequestContext

    private let pipeline: IngestPipeline

    package init(pipeline: IngestPipeline) {
        self.pipeline = pipeline
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            guard let door = IngestDoor(path: Access.normalized(request.uri.path)),
                let reason = Self.reason(problem.status)
            else { throw problem }
            let refusal = Refusal(
                status: problem.status.code, reason: reason, message: problem.message)
            var response = IngestRoutes.response(
                pipeline.refuse(door, refusal, contentType: request.headers[.contentType]))
            for field in problem.headers { response.headers[field.name] = field.value }
            return response
        }
    }

    private static func reason(_ status: HTTPResponse.Status) -> RefusalReason? {
        switch status.code {
        case 401: .unauthorized
        case 403: .forbidden
        case 429: .tooManyAttempts
        default: nil
        }
    }
}
