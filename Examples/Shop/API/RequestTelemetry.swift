import HTTPTypes
import Hummingbird

/// Gives every request a server span, its metrics and a log line.
struct RequestTelemetry<Context: RequestContext>: RouterMiddleware {
    let telemetry: Telemetry
    let port: ListeningPort

    func handle(
        _ request: Request, context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let method = request.method.rawValue
        let active: Attributes = [
            "http.request.method": .string(method), "url.scheme": "http",
        ]
        let start = telemetry.now
        telemetry.counter(.serverActive, add: 1, attributes: active)
        defer { telemetry.counter(.serverActive, add: -1, attributes: active) }

        let caller = request.headers[.traceparent].flatMap(TraceContext.init(traceparent:))
        return try await telemetry.span(
            method, .server, parent: caller.map { .remote($0) } ?? .none,
            attributes: attributes(of: request)
        ) { span in
            var failure: (any Error)?
            var response: Response
            do {
                response = try await next(request, context)
            } catch let error as any HTTPResponseError {
                response = try error.response(from: request, context: context)
                failure = error
            } catch {
                let shown = ShopFailure(
                    "internal", "Something went wrong.", status: .internalServerError)
                response = try shown.response(from: request, context: context)
                failure = error
            }
            if let failure, response.status.code >= 500 {
                span.record(failure, at: telemetry.now)
            }
            response.headers[.traceparent] = span.context.traceparent
            finish(
                Exchange(
                    method: method, path: request.uri.path, route: context.route,
                    status: Int(response.status.code), seconds: telemetry.seconds(since: start),
                    failure: failure, requestID: span.context.spanIDText,
                    shopID: request.headers[.shopID]), in: span)
            return response
        }
    }

    private struct Exchange {
        let method: String
        let path: String
        let route: String?
        let status: Int
        let seconds: Double
        let failure: (any Error)?
        let requestID: String
        let shopID: String?
    }

    private func attributes(of request: Request) -> Attributes {
        var attributes: Attributes = [
            "http.request.method": .string(request.method.rawValue),
            "url.path": .string(request.uri.path), "url.scheme": "http",
            "network.protocol.version": "1.1", "client.address": "127.0.0.1",
            "server.address": "127.0.0.1",
        ]
        if let query = request.uri.query { attributes["url.query"] = .string(query) }
        if let port = port.current { attributes["server.port"] = .int(port) }
        if let agent = request.headers[.userAgent] {
            attributes["user_agent.original"] = .string(agent)
        }
        if let shop = request.headers[.shopID] { attributes["shop_id"] = .string(shop) }
        return attributes
    }

    /// Completes the span, then the metrics and the log line, which carry the span's ids.
    private func finish(_ exchange: Exchange, in span: Span) {
        var labels: Attributes = [
            "http.request.method": .string(exchange.method), "url.scheme": "http",
            "http.response.status_code": .int(exchange.status),
        ]
        if let route = exchange.route {
            span.rename("\(exchange.method) \(route)")
            span["http.route"] = .string(route)
            labels["http.route"] = .string(route)
        }
        span["http.response.status_code"] = .int(exchange.status)
        if exchange.status >= 500 {
            let type = exchange.failure.map { ErrorReport($0).type } ?? "\(exchange.status)"
            labels["error.type"] = .string(type)
            span["error.type"] = .string(type)
        }
        telemetry.histogram(.serverDuration, record: exchange.seconds, attributes: labels)

        var fields = labels
        fields["url.path"] = .string(exchange.path)
        fields["request_id"] = .string(exchange.requestID)
        fields["duration_ms"] = .double((exchange.seconds * 1e5).rounded() / 100)
        if let shop = exchange.shopID { fields["shop_id"] = .string(shop) }
        let line = "\(exchange.method) \(exchange.path) \(exchange.status)"
        if let failure = exchange.failure, exchange.status >= 500 {
            telemetry.log(.error, "\(line): \(failure)", error: failure, attributes: fields)
        } else if let failure = exchange.failure as? ShopFailure {
            telemetry.log(.warn, "\(line): \(failure)", attributes: fields)
        } else {
            telemetry.log(.info, line, attributes: fields)
        }
    }
}

extension RequestContext {
    /// The template of the matched route, nil when none matched.
    ///
    /// Hummingbird answers with an endpoint called "NotFound" then; a route begins with a slash.
    var route: String? { endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } }
}

extension HTTPField.Name {
    static var traceparent: Self { HTTPField.Name(parsed: "traceparent") ?? .via }
    static var shopID: Self { HTTPField.Name(parsed: "x-shop-id") ?? .via }
}

/// Failures answer with their code and message as JSON.
extension ShopFailure: HTTPResponseError {
    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Answer(error: code, message: description)
            .response(from: request, context: context)
        response.status = status
        return response
    }

    private struct Answer: ResponseEncodable {
        let error: String
        let message: String
    }
}
