import HTTPTypes
package import Hummingbird
import NIOCore
import PerchIngest

/// Reads the bodies of all requests that are no telemetry, with a limit and a deadline, so that the
/// routes behind find them complete.
package struct Forms: RouterMiddleware {
    package typealias Context = PerchRequestContext

    private let timeout: @Sendable () -> Duration

    package init(timeout: @escaping @Sendable () -> Duration) {
        self.timeout = timeout
    }

    package func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let hasBody =
            request.headers[.transferEncoding] != nil || request.headers[.contentLength] != nil
        guard hasBody, ![.get, .head].contains(request.method),
            IngestDoor(path: Access.normalized(request.uri.path)) == nil
        else { return try await next(request, context) }
        var request = request
        do {
            let isDashboard = Access.normalized(request.uri.path).hasPrefix("/api/v1/dashboards")
            let bytes = try await BodyReader.read(
                request, context,
                byteCountMax: isDashboard
                    ? Limits.dashboardByteCountMax : Limits.formByteCountMax, timeout: timeout())
            request.body = RequestBody(buffer: ByteBuffer(bytes: bytes))
        } catch let refusal as Refusal {
            throw Problem(refusal)
        }
        return try await next(request, context)
    }
}
