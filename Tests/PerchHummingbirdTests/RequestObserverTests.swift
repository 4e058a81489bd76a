import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Perch
@testable import PerchHummingbird

/// Requests of a Hummingbird application as logs, metrics, spans and answers tell of them.
struct RequestObserverTests {
    private final class Lines: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        var write: @Sendable ([UInt8]) -> Void { { [self] line in bytes.withLock { $0 += line } } }
        var all: [[String: Any]] {
            bytes.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
                .compactMap {
                    try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }
        }
    }

    private struct Unexpected: Error, CustomStringConvertible {
        var description: String { "password of db is hunter2" }
    }

    private func app(_ lines: Lines) -> (some ApplicationProtocol, PerchService) {
        var options = PerchOptions()
        options.service = "api"
        let perch = PerchService(options, clock: { 1_769_903_999_123_000_000 }, write: lines.write)
        let router = Router()
        var observed = RequestObserverOptions()
        observed.logsStart = true
        observed.fieldsByHeader = ["x-shop-id": "shop_id"]
        router.observe(with: perch, options: observed)
        router.addMetrics(of: perch, access: .token("s3cret"))
        router.get("/orders/:id") { _, _ in
            Logger(label: "orders", factory: { perch.logs.handler(label: $0) }).info("found")
            return "ok"
        }
        router.get("/gone") { _, _ -> String in throw HTTPError(.gone, message: "sold \"out\"") }
        router.get("/broken") { _, _ -> String in throw Unexpected() }
        router.get("/health") { _, _ in "ok" }
        return (Application(router: router), perch)
    }

    private var requestID: HTTPField.Name { .requestID }

    @Test("COR-1, COR-2, LOG-12, LOG-13: one id in the answer and in every line of the request")
    func identifier() async throws {
        let lines = Lines()
        let (app, _) = app(lines)
        try await app.test(.router) { client in
            try await client.execute(
                uri: "/orders/981273", method: .get,
                headers: [requestID: "abc-1", HTTPField.Name("x-shop-id") ?? .via: "7"]
            ) { response in
                #expect(response.headers[requestID] == "abc-1")
            }
        }
        #expect(
            lines.all.compactMap { $0["request_id"] as? String } == ["abc-1", "abc-1", "abc-1"])
        #expect(
            lines.all.compactMap { $0["message"] as? String }
                == ["Request started", "found", "Request completed"])
        let last = try #require(lines.all.last)
        #expect(last["status"] as? Int == 200)
        #expect(last["route"] as? String == "/orders/{id}")
        #expect(last["shop_id"] as? String == "7")
        #expect(last["duration_ms"] is Double || last["duration_ms"] is Int)
    }

    @Test("COR-1: an id that is too long or not printable is replaced by a UUID")
    func badIdentifier() async throws {
        let (app, _) = app(Lines())
        try await app.test(.router) { client in
            for sent in [String(repeating: "x", count: 129), "a b", ""] {
                try await client.execute(
                    uri: "/health", method: .get, headers: [requestID: sent]
                ) { response in
                    let id = response.headers[requestID] ?? ""
                    #expect(UUID(uuidString: id) != nil, "\(id)")
                }
            }
        }
    }

    @Test("COR-3: errors tell the id, known ones their message, unexpected ones nothing more")
    func errors() async throws {
        let lines = Lines()
        let (app, _) = app(lines)
        try await app.test(.router) { client in
            try await client.execute(
                uri: "/gone", method: .get, headers: [requestID: "g1"]
            ) { response in
                #expect(response.status == .gone)
                #expect(
                    String(buffer: response.body)
                        == #"{"error":{"message":"sold \"out\"","requestId":"g1"}}"#)
            }
            try await client.execute(
                uri: "/broken", method: .get, headers: [requestID: "b1"]
            ) { response in
                #expect(response.status == .internalServerError)
                #expect(
                    String(buffer: response.body)
                        == #"{"error":{"message":"Internal Server Error","requestId":"b1"}}"#)
            }
            try await client.execute(uri: "/nothing", method: .get) { response in
                #expect(response.status == .notFound)
            }
        }
        let broken = try #require(lines.all.last { $0["level"] as? String == "error" })
        let error = try #require(broken["error"] as? [String: Any])
        #expect((error["message"] as? String)?.contains("password of db") == true)
    }

    @Test("CM-1, CM-2, CAR-4, SEC-2: metrics by route pattern, for those who may read them")
    func metrics() async throws {
        let (app, _) = app(Lines())
        try await app.test(.router) { client in
            for id in ["981273", "981274"] {
                try await client.execute(uri: "/orders/\(id)", method: .get) { _ in }
            }
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.status == .unauthorized)
            }
            try await client.execute(
                uri: "/metrics", method: .get, headers: [.authorization: "Bearer s3creT"]
            ) { response in
                #expect(response.status == .unauthorized)
            }
            try await client.execute(
                uri: "/metrics", method: .get, headers: [.authorization: "Bearer s3cret"]
            ) { response in
                let text = String(buffer: response.body)
                #expect(
                    text.contains(
                        #"http_requests_total{method="GET",route="/orders/{id}",status="200"} 2"#))
                #expect(text.contains("metrics_exposed_total 1"))
                #expect(text.contains("http_request_duration_seconds_count"))
                #expect(!text.contains("98127"))
            }
        }
    }

    @Test("SMP-5: health checks are counted but leave no lines")
    func quiet() async throws {
        let lines = Lines()
        let (app, perch) = app(lines)
        try await app.test(.router) { client in
            try await client.execute(uri: "/health", method: .get) { _ in }
        }
        #expect(lines.all.isEmpty)
        let text = ExpositionText.prometheus.text(of: perch.metrics.snapshot())
        #expect(text.contains(#"route="/health",status="200"} 1"#))
    }

    @Test(arguments: [
        ("YTpi", "a:b"), ("YTpiYw==", "a:bc"), ("YTpiYw=", nil), ("Y===", nil), ("****", nil),
        ("", ""),
    ])
    func base64(_ text: String, _ expected: String?) {
        let decoded = Base64.decode(Array(text.utf8))
        #expect(decoded.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
