import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PerchModel

/// Tells Perch once, at the start, which version of a service runs now: charts mark the moment.
///
/// Perch knows a restart by its version. Whoever else receives OTLP has no such address; what it
/// answers is nobody's concern.
struct DeployMarker: Sendable {
    let address: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    private let attemptsMax: Int
    private let timeout: Duration

    /// Nil when it is not wished, nothing is sent over OTLP, or the version is not known.
    init?(_ options: PerchOptions, time: Int64) {
        guard options.export.tellsDeploys, let version = options.version, !version.isEmpty,
            let (signal, base) = Self.base(options.export.addresses)
        else { return nil }
        address = base + "/api/v1/deploys"
        headers = options.export.overrides[signal]?.headers ?? options.export.headers
        attemptsMax = max(1, options.export.attemptsMax)
        timeout = options.export.timeout
        var body = Array("{".utf8)
        let members = [
            ("service", options.service), ("version", version),
            ("environment", options.environment), ("link", options.export.deployLink),
            ("time", "\(time)"),
        ]
        for (name, value) in members {
            guard let value, !value.isEmpty else { continue }
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            JSONText.appendString(name, to: &body)
            body.append(UInt8(ascii: ":"))
            JSONText.appendString(value, to: &body)
        }
        body.append(UInt8(ascii: "}"))
        self.body = body
    }

    /// What stands before `/v1/traces`, and before the prefixes that Perch has for OTLP too.
    private static func base(
        _ addresses: [ExportOptions.Signal: String]
    ) -> (ExportOptions.Signal, String)? {
        for signal in [ExportOptions.Signal.traces, .logs, .metrics] {
            let end = "/v1/\(signal.rawValue)"
            guard let address = addresses[signal], address.hasSuffix(end) else { continue }
            var base = address.dropLast(end.utf8.count)
            for prefix in ["/api/v1/otlp", "/otlp"] where base.hasSuffix(prefix) {
                base = base.dropLast(prefix.utf8.count)
                break
            }
            return (signal, String(base))
        }
        return nil
    }

    /// Tells it, a few times if need be.
    func tell(_ client: HTTPClient) async {
        var pause = Duration.milliseconds(500)
        for _ in 0..<attemptsMax {
            let status = try? await post(client)
            switch status {
            case nil, 429, 502, 503, 504: break
            default: return
            }
            do {
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
            } catch {
                return
            }
            pause = min(pause * 4, .seconds(30))
        }
    }

    private func post(_ client: HTTPClient) async throws -> UInt {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await client.execute(
            request, timeout: .nanoseconds(timeout.nanoseconds))
        _ = try? await response.body.collect(upTo: 64 * 1024)
        return response.status.code
    }
}
