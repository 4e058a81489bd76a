import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchIngest
import PerchModel
import PerchWire
import Synchronization

/// The doors: OTLP over HTTP, JSON lines and Prometheus' own.
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
            router.post(RouterPath(signal.path)) { request, context in
                await take(request, context, at: IngestDoor(signal)) {
                    await pipeline.otlp(signal, $0)
                }
            }
            for method in [HTTPRequest.Method.get, .put, .delete] {
                router.on(RouterPath(signal.path), method: method) { _, _ in Self.postOnly() }
            }
        }
    }

    /// JSON lines: `/ingest/json`, and the names by which other shippers know it.
    ///
    /// Parameters: `time_field`, `level_field`, `message_field`, `service`, `sender_fields`; and
    /// `_time_field`, `_msg_field`, `_stream_fields`, as VictoriaLogs' door of that path has them.
    package func addJSONLines(to router: some RouterMethods<PerchRequestContext>) {
        for path in IngestDoor.jsonLines.paths {
            router.post(RouterPath(path)) { request, context in
                let options = Self.options(request)
                return await take(request, context, at: .jsonLines) {
                    await pipeline.jsonLines($0, options: options)
                }
            }
        }
    }

    private static func options(_ request: Request) -> JSONLinesOptions {
        let parameters = request.uri.queryParameters
        func text(_ names: String...) -> String? {
            names.lazy.compactMap { parameters[$0[...]] }.first.map { String($0) }
        }
        return JSONLinesOptions(
            timeField: text("time_field", "_time_field"), levelField: text("level_field"),
            messageField: text("message_field", "_msg_field"),
            senderFields: (text("sender_fields", "_stream_fields") ?? "").split(separator: ",")
                .map { String($0) },
            defaultService: text("service"))
    }

    /// Elasticsearch's bulk format, with an index in the path or without, and what shippers ask
    /// before.
    package func addBulk(to router: some RouterMethods<PerchRequestContext>) {
        for path in [
            "/_bulk", "/:index/_bulk", "/elasticsearch/_bulk", "/elasticsearch/:index/_bulk",
            "/insert/elasticsearch/_bulk",
        ] {
            for method in [HTTPRequest.Method.post, .put] {
                router.on(RouterPath(path), method: method) { request, context in
                    let options = Self.options(request)
                    return await take(request, context, at: .bulk) {
                        await pipeline.bulk($0, options: options)
                    }
                }
            }
        }
        for method in [HTTPRequest.Method.get, .head] {
            router.on("/elasticsearch", method: method) { _, _ in
                var response = Self.response(IngestPipeline.bulkProduct)
                if let name = HTTPField.Name("X-Elastic-Product") {
                    response.headers[name] = "Elasticsearch"
                }
                return response
            }
        }
    }

    /// Loki's push, at its present address and at the former one.
    package func addLoki(to router: some RouterMethods<PerchRequestContext>) {
        for path in IngestDoor.loki.paths {
            router.post(RouterPath(path)) { request, context in
                await take(request, context, at: .loki) { await pipeline.loki($0) }
            }
        }
    }

    /// Prometheus' remote write, and samples as text.
    ///
    /// Parameters of text: `extra_label` (`name=value`, repeatable) and `timestamp` (milliseconds),
    /// as VictoriaMetrics' door of the same path has them.
    package func addPrometheus(to router: some RouterMethods<PerchRequestContext>) {
        for path in IngestDoor.remoteWrite.paths {
            router.post(RouterPath(path)) { request, context in
                await take(request, context, at: .remoteWrite) { await pipeline.remoteWrite($0) }
            }
        }
        for path in IngestDoor.textImport.paths {
            router.post(RouterPath(path)) { request, context in
                let parameters = request.uri.queryParameters
                let labels = try parameters.getAll("extra_label").map {
                    try Self.extraLabel(String($0))
                }
                let time = try parameters["timestamp"].map {
                    try Parameters.integer($0, "timestamp", default: 0)
                }
                return await take(request, context, at: .textImport) {
                    await pipeline.importText($0, extraLabels: labels, timeMillis: time)
                }
            }
        }
    }

    private static func extraLabel(_ text: String) throws -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw Problem(.badRequest, "extra_label: expected name=value, got \"\(text)\"")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// Reads a body, bounded, and hands it to `door`'s work; what is refused before is told in the
    /// form of the door.
    private func take(
        _ request: Request, _ context: PerchRequestContext, at door: IngestDoor,
        _ work: (consuming IngestRequest) async -> IngestAnswer
    ) async -> Response {
        let reservation = pipeline.inFlight.begin()
        defer { reservation.release() }
        let body: [UInt8]
        do {
            body = try await BodyReader.read(
                request, context, byteCountMax: bodyByteCountMax(), timeout: bodyTimeout,
                reservation: reservation)
        } catch {
            // What is no refusal is a connection that broke; nobody reads this answer.
            let refusal =
                error as? Refusal
                ?? Refusal(status: 400, reason: .malformed, message: "the body did not arrive")
            return Self.response(
                pipeline.refuse(door, refusal, contentType: request.headers[.contentType]))
        }
        let taken = IngestRequest(
            body: consume body, contentType: request.headers[.contentType],
            contentEncoding: request.headers[.contentEncoding], reservation: reservation)
        if Self.isShort(taken) { return Self.response(await work(taken)) }
        return await withTaskExecutorPreference(globalConcurrentExecutor) {
            Self.response(await work(taken))
        }
    }

    /// Whether a request is done so soon that it may keep its event loop.
    ///
    /// Snappy makes at most some twenty times of its bytes; other encodings may hide much more.
    private static func isShort(_ request: borrowing IngestRequest) -> Bool {
        request.body.count <= Limits.bodyOnLoopByteCountMax
            && ["", "identity", "snappy"].contains(request.contentEncoding ?? "")
    }

    private static func postOnly() -> Response {
        var problem = Problem(.methodNotAllowed, "send telemetry with POST")
        problem.headers[.allow] = "POST"
        return problem.response()
    }

    static func response(_ answer: IngestAnswer) -> Response {
        var headers: HTTPFields = [:]
        if answer.status != 204 { headers[.contentType] = answer.contentType }
        if let seconds = answer.retryAfterSeconds { headers[.retryAfter] = String(seconds) }
        if let written = answer.written {
            for (kind, count) in [
                ("Samples", written.samples), ("Histograms", written.histograms),
                ("Exemplars", written.exemplars),
            ] {
                let name = HTTPField.Name("X-Prometheus-Remote-Write-\(kind)-Written")
                if let name { headers[name] = String(count) }
            }
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
