import Configuration
import CoreMetrics
import Foundation
import Instrumentation
import Logging
import PerchModel
import PerchTesting
import Testing

@testable import Perch

/// Rows of the requirements that no other suite is about.
struct RowTests {
    private struct Broken: Error {}

    private func object(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        return try #require(value as? [String: Any])
    }

    @Test(
        "LOG-2, LOG-3, LOG-4, LOG-5: the field sets of the seeds, by a preset and the call's fields",
        arguments: [
            (
                LogFields.snakeCase,
                [
                    "timestamp", "level", "message", "service", "shop_id", "request_id", "job_id",
                    "duration_ms", "error",
                ]
            ),
            (
                .camelCase,
                [
                    "timestamp", "level", "message", "service", "version", "requestId", "jobId",
                    "userId", "brandId", "action", "correlationId", "error",
                ]
            ),
        ])
    func fieldSets(_ fields: LogFields, _ expected: [String]) throws {
        let lines = Lines()
        var log = logger(
            logSystem(lines) { options in
                options.fields = fields
                options.base = ["version": "1.2"]
            })
        log[metadataKey: "brand_id"] = "b"
        var context = ServiceContext.topLevel
        context.work = WorkContext(requestID: "r", jobID: "j", userID: "u")
        ServiceContext.withValue(context) {
            log.error(
                "failed", error: Broken(),
                metadata: [
                    "shop_id": "7", "duration_ms": .stringConvertible(5), "action": "pay",
                    "correlation_id": "c",
                ])
        }
        let line = try object(try #require(lines.all.first))
        #expect(Set(expected).subtracting(line.keys) == [])
        let nothing = Lines()
        logger(logSystem(nothing) { $0.fields = fields }).info("fine")
        // No error, no field of one.
        let plain = try object(try #require(nothing.all.first))
        #expect(plain["error"] == nil)
    }

    @Test("LOG-5: metadata may stand in a map of their own")
    func metadataMap() throws {
        let lines = Lines()
        let log = logger(
            logSystem(lines) { options in
                options.fields = .camelCase
                options.fields.metadata = "metadata"
            })
        log.info("x", metadata: ["shop_id": "7"])
        let line = try object(try #require(lines.all.first))
        #expect((line["metadata"] as? [String: Any])?["shopId"] as? String == "7")
    }

    @Test("LOG-18: the backend is swift-log's, so any framework's logger writes by it")
    func backend() {
        let lines = Lines()
        let system = logSystem(lines)
        var framework = Logger(label: "hummingbird", factory: { system.handler(label: $0) })
        framework.logLevel = .debug
        framework.debug("server started")
        #expect(lines.text.contains("\"logger\":\"hummingbird\""))
        framework.logLevel = .critical
        framework.error("nothing")
        #expect(!lines.text.contains("nothing"))
    }

    @Test("RED-5: a refused password leaves the reason, whatever the call is given by mistake")
    func passwordCheck() throws {
        let told = TelemetryRecorder()
        told.perch.security.loginFailed(code: "password_too_short", user: "u-7")
        told.perch.logger("auth").info(
            "Password refused",
            metadata: ["reason": "too_short", "length_min": "12", "password": "hunter2"])
        try told.expectLog("login", fields: ["code": "password_too_short", "user_id": "u-7"])
        try told.expectLog("Password refused", fields: ["reason": "too_short"])
        try told.expectNothing(contains: "hunter2")
    }

    @Test("ERR-10, SMP-3: the share of the error SDK is the tracer's")
    func sampleRate() throws {
        let options = try PerchOptions(
            ConfigReader(
                provider: EnvironmentVariablesProvider(
                    environmentVariables: ["SENTRY_TRACES_SAMPLE_RATE": "0.1"])))
        #expect(options.tracing.sampler == Sampler(ratio: 0.1))
        // Errors are kept whatever the share is.
        #expect(options.tracing.keepsErrors)
        #expect(options.errors.sampleRate == 1)
    }

    @Test("ERR-6, ERR-8, ERR-9: a job that fails is reported with whose it is")
    func jobReport() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn)
            try await running(service) {
                await #expect(throws: Broken.self) {
                    try await Perch.withScope {
                        $0.user = "shop-9"
                    } _: {
                        try await service.jobs.run("scan") { _ in throw Broken() }
                    }
                }
                service.errors.requestEnded(Broken(), context: .topLevel)
            }
        }
        let events = server.items("event")
        let kinds = events.map {
            $0["exception"]?["values"]?.elements.last?["mechanism"]?["type"]?.text
        }
        #expect(kinds == ["job", "http"])
        #expect(events.first?["user"]?["id"]?.text == "shop-9")
    }

    @Test("JOB-6, CM-10: runs are counted by outcome, and timers have sum and buckets for a p95")
    func timers() async throws {
        let told = TelemetryRecorder()
        try await told.perch.jobs.run("render") { _ in }
        try? await told.perch.jobs.run("render") { _ in throw Broken() }
        for status in ["success", "error"] {
            try told.expectMetric(
                "jobs_total", ["job_name": "render", "status": status], equals: 1)
            try told.expectMetric(
                "job_duration_seconds", ["job_name": "render", "status": status], equals: 1)
        }
        let timer = told.perch.metrics.makeTimer(
            label: "image.variant.ms", dimensions: [("variant", "thumb")])
        for millis in 1...100 { timer.recordNanoseconds(Int64(millis) * 1_000_000) }
        #expect(told.sum(of: "image_variant_ms", ["variant": "thumb"]) == 5050)
        let text = ExpositionText.prometheus.text(of: told.perch.metrics.snapshot())
        #expect(text.contains(#"image_variant_ms_bucket{variant="thumb",le="100.0"} 100"#))
        #expect(text.contains(#"image_variant_ms_bucket{variant="thumb",le="50.0"} 50"#))
    }

    @Test("TH-1: visits and orders are counted under one convention, so their ratio is a query")
    func ratio() throws {
        let told = TelemetryRecorder()
        for _ in 0..<4 { told.perch.products.viewed(sku: "s-1", category: "tea") }
        told.perch.business.order(id: "A7", amount: 12.5, currency: "EUR")
        try told.expectMetric(
            "product_views_total", ["category": "tea", "channel": "web"], equals: 4)
        try told.expectMetric(
            "orders_total", ["status": "completed", "channel": "web"], equals: 1)
    }

    @Test("HLT-3, HLT-9: memory, disk and migrations are looked at, and say why they fail")
    func machine() async throws {
        let fine = try await HealthCheck.memory(byteCountMax: 1 << 42).run()
        guard case .number(let used) = fine["used_bytes"] else {
            Issue.record("no figure")
            return
        }
        #expect(used > 1_000_000)
        await #expect(throws: HealthFailure.self) {
            try await HealthCheck.memory(byteCountMax: 1024).run()
        }
        _ = try await HealthCheck.disk(path: "/", freeByteCountMin: 1).run()
        await #expect(throws: HealthFailure.self) {
            try await HealthCheck.disk(path: "/", freeByteCountMin: 1 << 60).run()
        }
        _ = try await HealthCheck.migrations(expected: 3) { 3 }.run()
        await #expect(throws: HealthFailure.self) {
            try await HealthCheck.migrations(expected: 3) { 2 }.run()
        }
    }
}
