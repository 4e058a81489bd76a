import Logging
import PerchTesting
import Testing
import Tracing

@testable import Perch

/// Security, compliance, and what an application stands on.
struct AuditTests {
    private let told = TelemetryRecorder()
    private var perch: PerchService { told.perch }

    @Test("CM-8, CM-19, SEC-1: logins by code; too many failures are brute force, told once")
    func bruteForce() throws {
        let recorder = perch.domain.with { 0 }
        let security = SecurityAudit(
            recorder: recorder, windows: FailureWindows(limit: 3), places: KnownPlaces())
        security.loginSucceeded(user: "ann")
        for _ in 0..<4 { security.loginFailed(code: "bad_password", user: "bob") }
        try told.expectMetric("auth_login_success_total", equals: 1)
        try told.expectMetric("auth_login_failure_total", ["code": "bad_password"], equals: 4)
        try told.expectMetric("security_events_total", ["kind": "brute_force"], equals: 1)
        let line = try told.expectLog("security", level: .error, fields: ["user_id": "bob"])
        #expect(line.fields["attempts"] == "3.0")
        #expect(line.fields["security_event"] == "brute_force")
    }

    @Test("SEC-1: failures count within their window, and are forgotten after a success")
    func windows() {
        let windows = FailureWindows(limit: 3, window: .seconds(10), subjectsMax: 4)
        let second: Int64 = 1_000_000_000
        #expect(windows.failed("a", at: 0) == nil)
        #expect(windows.failed("a", at: 6 * second) == nil)
        #expect(windows.failed("a", at: 12 * second) == nil)
        #expect(windows.failed("a", at: 13 * second) == 3)
        #expect(windows.failed("a", at: 14 * second) == nil)
        windows.forget("a")
        #expect(windows.failed("a", at: 14 * second) == nil)
        #expect(windows.failed("a", at: 14 * second) == nil)
        // Many names do not grow it.
        for number in 0..<100 { #expect(windows.failed("n\(number)", at: 15 * second) == nil) }
    }

    @Test("SEC-1, SEC-3: escalation and unusual access stay whatever is sampled")
    func unusual() throws {
        let told = TelemetryRecorder { $0.logs.sampling.droppedRoutes = ["/login"] }
        let security = told.perch.security
        security.loginSucceeded(user: "ann", place: "DE")
        security.loginSucceeded(user: "ann", place: "DE")
        security.loginSucceeded(user: "ann", place: "BR")
        security.privilegeEscalation(user: "ann", resource: "admin")
        try told.expectMetric("security_events_total", ["kind": "unusual_access"], equals: 1)
        try told.expectMetric("security_events_total", ["kind": "privilege_escalation"], equals: 1)
        try told.expectLog("security", fields: ["kind": "privilege_escalation"])
        told.perch.domain.record(.login, ["route": "/login"], values: ["success": 1])
        try told.expectLog("login", fields: ["route": "/login"])
    }

    @Test("SEC-6: age verifications by method and result")
    func compliance() throws {
        perch.security.ageVerification(method: "id_card", isVerified: true, user: "u")
        perch.security.ageVerification(method: "id_card", isVerified: false)
        for result in ["verified", "refused"] {
            try told.expectMetric(
                "age_verifications_total", ["method": "id_card", "result": result], equals: 1)
        }
        try told.expectLog("age_verification", fields: ["user_id": "u"])
    }

    @Test("CM-13, CM-14, CM-16: caches and pools")
    func state() throws {
        let operations = perch.operations
        operations.cache("redis", hit: true)
        operations.cache("redis", hit: false)
        operations.cache("redis", entries: 5, memoryBytes: 1024)
        operations.pool("main", active: 8, idle: 2, waiting: 1, max: 10)
        try told.expectMetric(
            "cache_requests_total", ["cache": "redis", "result": "hit"], equals: 1)
        try told.expectMetric("cache_memory_bytes", ["cache": "redis"], equals: 1024)
        try told.expectMetric("db_pool_utilization_ratio", ["pool": "main"], equals: 0.8)
        try told.expectMetric("db_pool_waiting", ["pool": "main"], equals: 1)
        #expect(told.lines.isEmpty)
    }

    private struct Failure: Error {}

    @Test("CM-15, SMP-4, TRC-5: queries are measured all, and told when slow, failed or sampled")
    func queries() async throws {
        let told = TelemetryRecorder { $0.queries.sampledRatio = 0 }
        let operations = told.perch.operations
        for _ in 0..<20 {
            operations.query("SELECT", table: "orders", statement: "SELECT 1") {}
        }
        #expect(told.lines.isEmpty)
        try? await operations.query("UPDATE", table: "orders") {
            await Task.yield()
            throw Failure()
        }
        try told.expectMetric(
            "db_query_duration_seconds",
            ["operation": "SELECT", "table": "orders", "status": "success"], equals: 20)
        try told.expectLog("db_query", level: .warning, fields: ["status": "error"])
        try told.expectSpan("SELECT orders", attributes: ["db.query.text": "SELECT 1"])
        try told.expectSpan("UPDATE orders", isError: true)
        let slow = TelemetryRecorder {
            $0.queries.sampledRatio = 0
            $0.queries.slow = .zero
        }
        slow.perch.operations.query("SELECT", table: "t", statement: "SELECT ?") {}
        try slow.expectMetric(
            "db_slow_queries_total", ["operation": "SELECT", "table": "t"], equals: 1)
        try slow.expectLog("db_query", level: .warning, fields: ["statement": "SELECT ?"])
        let all = TelemetryRecorder { $0.queries.sampledRatio = 0.1 }
        for _ in 0..<1000 { all.perch.operations.query("SELECT", table: "t") {} }
        #expect((40...180).contains(all.lines.count))
    }

    @Test("CM-9, EXT-3: refusals carry the backend; a fallback is flagged")
    func limits() throws {
        perch.operations.rateLimited(backend: "redis", address: "10.0.0.1")
        perch.operations.degraded("rate_limit", to: "memory")
        try told.expectMetric(
            "rate_limit_denied_total", ["backend": "redis", "route": "none"], equals: 1)
        try told.expectMetric(
            "degraded", ["component": "rate_limit", "fallback": "memory"], equals: 1)
        try told.expectLog("rate_limit_denied", fields: ["client_address": "10.0.0.1"])
        perch.operations.degraded("rate_limit", to: "memory", false)
        try told.expectMetric(
            "degraded", ["component": "rate_limit", "fallback": "memory"], equals: 0)
    }

    @Test("OFF-1: offline queues with the age of the oldest item, and how syncs went")
    func offline() throws {
        perch.operations.offlineQueue("sales", depth: 3, oldestAge: .seconds(90))
        perch.operations.offlineSync("sales", isSuccess: true, item: "i1")
        perch.operations.offlineSync("sales", isSuccess: false, item: "i2")
        try told.expectMetric("offline_queue_depth", ["queue": "sales"], equals: 3)
        try told.expectMetric("offline_queue_oldest_age_seconds", ["queue": "sales"], equals: 90)
        try told.expectMetric(
            "offline_syncs_total", ["queue": "sales", "result": "failure"], equals: 1)
        try told.expectLog("offline_sync", fields: ["item_id": "i2"])
    }

    @Test("EXT-1, TRC-4: other services by outcome, with a span, and whether they are up")
    func external() async throws {
        try? await perch.operations.external("stripe", "charge") { _ in throw Failure() }
        await perch.operations.external("stripe", "charge") { _ in }
        perch.operations.external("stripe", isUp: false, detail: "503")
        for outcome in ["success", "failure"] {
            try told.expectMetric(
                "external_requests_total", ["target": "stripe", "outcome": outcome], equals: 1)
        }
        try told.expectMetric("external_service_up", ["target": "stripe"], equals: 0)
        try told.expectSpan("charge", attributes: ["peer.service": "stripe"], isError: true)
    }

    @Test("An address of a call is told without its secrets")
    func addresses() {
        #expect(PerchService.plain("http://u:p@h:1/a?token=x#y") == "http://h:1/a")
        #expect(PerchService.plain("http://h/a@b") == "http://h/a@b")
        #expect(PerchService.plain("nonsense") == "nonsense")
    }

    @Test("PerchTesting says what was told when it was something else")
    func expectations() {
        told.perch.logger("a").info("hello", metadata: ["password": "hunter2"])
        let failure = #expect(throws: ExpectationFailure.self) {
            try told.expectLog("good-bye")
        }
        #expect(failure?.description.contains("hello") == true)
        #expect(throws: ExpectationFailure.self) { try told.expectNothing(contains: "hello") }
        #expect(throws: Never.self) { try told.expectNothing(contains: "hunter2") }
        #expect(throws: ExpectationFailure.self) { try told.expectSpan("x") }
        #expect(throws: ExpectationFailure.self) { try told.expectMetric("x", equals: 1) }
        told.reset()
        #expect(told.lines.isEmpty)
    }
}
