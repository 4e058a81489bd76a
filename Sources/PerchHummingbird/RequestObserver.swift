import HTTPTypes
public import Hummingbird
import Instrumentation
import Logging
import NIOCore
public import Perch
import Synchronization
import Tracing

extension RouterMethods {
    /// Gives each request an id, a span, metrics and log lines; call it before adding routes.
    ///
    /// The id is `X-Request-ID`, taken over or made (COR-1), and stands in the answer (COR-2) and
    /// in the JSON body of errors (COR-3).
    public func observe(
        with perch: PerchService, options: RequestObserverOptions = RequestObserverOptions()
    ) {
        _ = add(middleware: RequestObserver<Context>(perch: perch, options: options))
    }
}

/// Observes requests; see `observe(with:options:)`.
struct RequestObserver<Context: RequestContext>: RouterMiddleware {
    private let perch: PerchService
    private let options: RequestObserverOptions
    private let metrics: RequestMetrics
    private let logger: Logger
    private let clients: ClientMetrics
    private let headers: [(field: String, name: HTTPField.Name)]

    init(perch: PerchService, options: RequestObserverOptions) {
        self.perch = perch
        self.options = options
        metrics = RequestMetrics(registry: perch.metrics)
        clients = ClientMetrics(registry: perch.metrics, options: options)
        logger = Logger(label: "http", factory: { perch.logs.handler(label: $0) })
        headers = options.fieldsByHeader.sorted { $0.key < $1.key }.compactMap { header, field in
            HTTPField.Name(header).map { (field, $0) }
        }
    }

    func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        let sent = options.acceptsRequestID ? request.headers[.requestID] : nil
        let id = RequestID.accepted(sent) ?? RequestID.new(perch.tracer.newWords())
        var service = ServiceContext.current ?? .topLevel
        if HeaderReader.mayCarry(request.headers) {
            perch.tracer.extract(request.headers, into: &service, using: HeaderReader())
        }
        service.work = WorkContext(requestID: id)
        let span = perch.tracer.startSpan(
            request.method.rawValue, context: service, ofKind: .server)
        // Made once: a context that changes is made anew.
        let inner = span.context
        metrics.began()
        let isQuiet = options.quietRoutes.contains(request.uri.path)
        if options.logsStart, !isQuiet {
            ServiceContext.withValue(inner) {
                logger.info("Request started", metadata: fields(of: request))
            }
        }
        var failure: (any Error)?
        var response: Response
        do {
            response = try await ServiceContext.withValue(inner) {
                try await next(request, context)
            }
        } catch {
            failure = error
            response = ErrorAnswer.response(to: error, request: request, context: context, id: id)
        }
        perch.errors.requestEnded(
            response.status.code >= 500 ? failure : nil, context: inner)
        response.headers[.requestID] = id
        if let trace = span.isRecording || request.headers[.traceID] != nil ? span.ids.traceID : nil
        {
            response.headers[.traceID] = trace.description
        }
        let end = RequestEnd(
            request: request, route: context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil },
            status: Int(response.status.code), failure: failure, span: span, inner: inner,
            isQuiet: isQuiet)
        // The request is over when its answer is written, which for a stream is later.
        let completion = Completion { finish(end, nanoseconds: nanoseconds(clock.now - start)) }
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            defer { completion.run() }
            try await body.write(writer)
        }
        return response
    }

    /// What is known when the answer is ready.
    private struct RequestEnd: Sendable {
        var request: Request
        var route: String?
        var status: Int
        var failure: (any Error)?
        var span: PerchSpan
        var inner: ServiceContext
        var isQuiet: Bool
    }

    private func finish(_ end: RequestEnd, nanoseconds: Int64) {
        let method = end.request.method.rawValue
        metrics.ended(
            method: method, route: end.route, status: end.status, nanoseconds: nanoseconds)
        let isFailed = end.status >= 500
        clients.count(end.request, isQuiet: end.isQuiet, status: end.status)
        if !end.isQuiet || isFailed {
            complete(end)
            if options.logsEnd { log(end, nanoseconds: nanoseconds) }
            end.span.end()
        }
    }

    /// Attributes by OpenTelemetry's HTTP conventions.
    private func complete(_ end: RequestEnd) {
        guard end.span.isRecording else { return }
        let span = end.span
        if let route = end.route { span.operationName = "\(end.request.method.rawValue) \(route)" }
        // Made at once: a dictionary that grows is made anew.
        var known = [String: SpanAttribute](minimumCapacity: 5 + headers.count)
        known["http.request.method"] = .string(end.request.method.rawValue)
        known["url.path"] = .string(end.request.uri.path)
        known["http.response.status_code"] = .int64(Int64(end.status))
        if let route = end.route { known["http.route"] = .string(route) }
        if let agent = end.request.headers[.userAgent] {
            known["user_agent.original"] = .string(agent)
        }
        for (field, name) in headers {
            if let value = end.request.headers[name] { known[field] = .string(value) }
        }
        span.updateAttributes { attributes in
            if attributes.isEmpty {
                attributes = SpanAttributes(known)
            } else {
                attributes.merge(SpanAttributes(known))
            }
        }
        if end.status >= 500 {
            span.setStatus(SpanStatus(code: .error))
            if let failure = end.failure { span.recordError(failure) }
        }
    }

    private func log(_ end: RequestEnd, nanoseconds: Int64) {
        var metadata = fields(of: end.request)
        metadata["status"] = .stringConvertible(end.status)
        metadata["duration_ms"] = .stringConvertible(Double(nanoseconds / 10_000) / 100)
        if let route = end.route { metadata["route"] = .string(route) }
        ServiceContext.withValue(end.inner) {
            if end.status >= 500 {
                logger.error("Request failed", error: end.failure, metadata: metadata)
            } else if end.status >= 400 {
                logger.warning("Request refused", metadata: metadata)
            } else {
                logger.info("Request completed", metadata: metadata)
            }
        }
    }

    private func fields(of request: Request) -> Logger.Metadata {
        var fields = Logger.Metadata(minimumCapacity: 5 + headers.count)
        fields["method"] = .string(request.method.rawValue)
        fields["path"] = .string(request.uri.path)
        for (field, name) in headers {
            if let value = request.headers[name] { fields[field] = .string(value) }
        }
        return fields
    }

    private func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}

/// Runs once: when asked to, or when nobody can ask any more, as for an answer that is not written.
private final class Completion: Sendable {
    private let body: @Sendable () -> Void
    private let isDone = Atomic(false)

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func run() {
        if !isDone.exchange(true, ordering: .acquiringAndReleasing) { body() }
    }

    deinit { run() }
}

/// Reads headers for propagation.
private struct HeaderReader: Extractor {
    /// Made once: a name is checked when it is made.
    private static let names: [String: HTTPField.Name] = {
        let keys = [
            "baggage", "traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid",
            "x-b3-sampled", "x-b3-flags", "x-trace-id",
        ]
        let names = keys.compactMap { key in HTTPField.Name(key).map { (key, $0) } }
        return Dictionary(names) { first, _ in first }
    }()

    /// Whether any header may carry a context: most requests have none.
    static func mayCarry(_ headers: HTTPFields) -> Bool {
        headers.contains { field in
            let name = field.name.canonicalName.utf8
            switch name.first {
            case UInt8(ascii: "t"): return name.starts(with: "trace".utf8)
            case UInt8(ascii: "b"): return name.count == 2 || name.count == 7
            case UInt8(ascii: "x"): return name.count >= 10
            default: return false
            }
        }
    }

    func extract(key: String, from carrier: HTTPFields) -> String? {
        (Self.names[key] ?? HTTPField.Name(key)).flatMap { carrier[$0] }
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-ID") ?? .via
    static let traceID = HTTPField.Name("x-trace-id") ?? .via
}
