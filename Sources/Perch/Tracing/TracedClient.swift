public import AsyncHTTPClient
import Instrumentation
import NIOCore
import NIOHTTP1
import Tracing

extension PerchService {
    /// Sends a request to another service: a client span, `traceparent` for the callee (COR-9,
    /// TRC-4), its duration and outcome by target (EXT-1).
    ///
    /// `target` names the other service in metrics; the host when nil.
    public func execute(
        _ request: HTTPClientRequest, on client: HTTPClient = .shared, timeout: Duration,
        target: String? = nil
    ) async throws -> HTTPClientResponse {
        let method = request.method.rawValue
        let address = Self.plain(request.url)
        let name = target ?? Self.host(of: address)
        return try await operations.external(name, method) { span, outcome in
            span.updateAttributes { attributes in
                attributes["http.request.method"] = method
                attributes["url.full"] = address
                attributes["server.address"] = Self.host(of: address)
            }
            var request = request
            tracer.inject(span.context, into: &request.headers, using: HeaderWriter())
            let response = try await client.execute(
                request, timeout: .nanoseconds(timeout.nanoseconds))
            let status = Int(response.status.code)
            span.attributes["http.response.status_code"] = status
            // OpenTelemetry's conventions: for a client each 4xx is an error of the call as well.
            if status >= 400 {
                span.setStatus(SpanStatus(code: .error, message: "HTTP \(status)"))
                span.attributes["error.type"] = "\(status)"
            }
            if status >= 500 { outcome = .failure }
            return response
        }
    }

    /// An address without what may be secret: user, password, query.
    static func plain(_ url: String) -> String {
        let text = url.prefix { $0 != "?" && $0 != "#" }
        guard let scheme = text.firstRange(of: "://") else { return String(text) }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(text) }
        return String(text[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    private static func host(of address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return "none" }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" }
        guard authority.first != "[" else { return String(authority.prefix { $0 != "]" }) + "]" }
        return String(authority.prefix { $0 != ":" })
    }
}

/// Writes headers of propagation.
private struct HeaderWriter: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPHeaders) {
        carrier.replaceOrAdd(name: key, value: value)
    }
}
