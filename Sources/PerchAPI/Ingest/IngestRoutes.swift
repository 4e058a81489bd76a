import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchIngest
import PerchModel
import PerchWire
import Synchronization

/// The doors: OTLP over HTTP and JSON lines.
package struct IngestRoutes: Sendable {
    private let pipeline: IngestPipeline
    private let bodyByteCountMax: @Sendable () -> Int
    private let bodyTimeout: Duration

    package init(
        pipeline: IngestPipeline, bodyByteCountMax: @escaping @Sendable () -> Int,
        bodyTimeout: Duration
    ) {
        self.pipeline = pipeline
        self.bodyByteCountMax = bodyByteCountMax
        self.bodyTimeout = bodyTimeout
    }

    /// The three OTLP doors, on the main listener and on the one for OTLP.
    package func addOTLP(to router: some RouterMethods<PerchRequestContext>) {
        for signal in OTLPSignal.allCases {
            router.post(RouterPath(signal.path)) { request, _ in
                Self.response(await pipeline.otlp(signal, try await read(request)))
            }
            for method in [HTTPRequest.Method.get, .put, .delete] {
                router.on(RouterPath(signal.path), method: method) { _, _ in Self.postOnly() }
            }
        }
    }

    /// JSON lines: `/ingest/json`, and the names by which other shippers know it.
    ///
    /// Parameters: `time_field`, `level_field`, `message_field`, `service`.
    package func addJSONLines(to router: some RouterMethods<PerchRequestContext>) {
        for path in ["/ingest/json", "/insert/jsonline"] {
            router.post(RouterPath(path)) { request, _ in
                let parameters = request.uri.queryParameters
                let options = JSONLinesOptions(
                    timeField: parameters["time_field"].map { String($0) },
                    levelField: parameters["level_field"].map { String($0) },
                    messageField: parameters["message_field"].map { String($0) },
                    defaultService: parameters["service"].map { String($0) })
                return Self.response(
                    await pipeline.jsonLines(try await read(request), options: options))
            }
        }
    }

    private func read(_ request: Request) async throws -> IngestRequest {
        let body = try await BodyReader.read(
            request, byteCountMax: bodyByteCountMax(), timeout: bodyTimeout)
        return IngestRequest(
            body: body, contentType: request.headers[.contentType],
            contentEncoding: request.headers[.contentEncoding])
    }

    private static func postOnly() -> Response {
        var problem = Problem(.methodNotAllowed, "send telemetry with POST")
        problem.headers[.allow] = "POST"
        return problem.response()
    }

    private static func response(_ answer: IngestAnswer) -> Response {
        var headers: HTTPFields = [.contentType: answer.contentType]
        if let seconds = answer.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
