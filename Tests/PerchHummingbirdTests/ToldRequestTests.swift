import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Perch
import PerchHummingbird
import PerchTesting
import Testing

/// Requests as an adopter's test sees them, with `PerchTesting`.
struct ToldRequestTests {
    private struct Broken: Error {}

    private func app(_ told: TelemetryRecorder) -> some ApplicationProtocol {
        let router = Router()
        var options = RequestObserverOptions()
        options.fieldsByHeader = ["x-brand": "brand.id", "x-shop-id": "shop_id"]
        options.regionHeader = "CF-IPCountry"
        router.observe(with: told.perch, options: options)
        router.addMetrics(of: told.perch, path: "/api/metrics", access: .open)
        router.get("/brands/:name") { _, _ in "ok" }
        router.get("/broken") { _, _ -> String in throw Broken() }
        return Application(router: router)
    }

    private func header(_ name: String) throws -> HTTPField.Name {
        try #require(HTTPField.Name(name))
    }

    @Test("TRC-2, TRC-3, SEG-1, SEG-2, SEG-3: attributes of the domain, and who asked from where")
    func attributes() async throws {
        let told = TelemetryRecorder()
        let fields: HTTPFields = [
            try header("x-brand"): "acme", try header("x-shop-id"): "nord",
            try header("CF-IPCountry"): "de",
            .userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1",
        ]
        try await app(told).test(.router) { client in
            try await client.execute(uri: "/brands/x", method: .get, headers: fields) { _ in }
        }
        try told.expectSpan(
            "GET /brands/{name}", attributes: ["brand.id": "acme", "shop_id": "nord"])
        try told.expectMetric("client_requests_by_region_total", ["region": "DE"], equals: 1)
        try told.expectMetric(
            "client_requests_total",
            ["browser": "safari", "os": "ios", "device": "mobile", "outcome": "success"],
            equals: 1)
    }

    @Test("CM-3, CM-17, MET-2, MET-12, MET-13: timing and errors of handlers, at any path")
    func errors() async throws {
        let told = TelemetryRecorder()
        try await app(told).test(.router) { client in
            try await client.execute(uri: "/broken", method: .get) { response in
                #expect(response.status == .internalServerError)
            }
            try await client.execute(uri: "/api/metrics", method: .get) { response in
                #expect(String(buffer: response.body).contains("http_requests_total{"))
            }
        }
        let labels = ["method": "GET", "route": "/broken", "status": "500"]
        try told.expectMetric("http_requests_total", labels, equals: 1)
        try told.expectMetric("http_request_duration_seconds", labels, equals: 1)
        try told.expectMetric("http_active_connections", equals: 0)
        try told.expectMetric("metrics_exposed_total", equals: 1)
        try told.expectSpan("GET /broken", isError: true)
    }

    @Test("EXP-5, LOG-9: debug lines appear when a flag is set, without a restart")
    func level() throws {
        let told = TelemetryRecorder { $0.logs.level = .info }
        let logger = told.perch.logger("a")
        logger.debug("before")
        told.perch.logs.level = .debug
        logger.debug("after")
        #expect(told.lines.map(\.message) == ["after"])
    }
}
