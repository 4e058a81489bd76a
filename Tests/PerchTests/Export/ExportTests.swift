import CoreMetrics
import Instrumentation
import Logging
import NIOHTTP1
import PerchModel
import PerchWire
import Testing
import Tracing

@testable import Perch

/// What arrives at a collector (TRC-6, LOG-19, MET-10).
struct ExportTests: Exporting {
    @Test("What was logged, counted and traced arrives once, at the end of the process")
    func allSignals() async throws {
        let collector = Collector()
        try await collector.serve { address in
            let service = service(address) { $0.export.headers = [("x-key", "k")] }
            try await run(service) {
                service.tracer.withSpan("checkout", context: .topLevel, ofKind: .server) { span in
                    span.attributes["email"] = "ann@shop.example.org"
                    let log = Logger(label: "api", factory: { service.logs.handler(label: $0) })
                    log.error("card of ann@shop.example.org declined", metadata: ["order": "A7"])
                }
                service.metrics.makeCounter(label: "orders", dimensions: [("kind", "web")])
                    .increment(by: 3)
            }
        }
        let bodies = Dictionary(grouping: collector.received, by: \.path)
        #expect(bodies.mapValues(\.count) == ["/v1/logs": 1, "/v1/traces": 1, "/v1/metrics": 1])
        #expect(collector.received.allSatisfy { $0.headers.first(name: "x-key") == "k" })
        let logs = try OTLPLogs.decode(
            try #require(bodies["/v1/logs"]?.first?.body), receivedNanos: 0
        ).batch
        let spans = try OTLPTraces.decode(
            try #require(bodies["/v1/traces"]?.first?.body), receivedNanos: 0
        ).batch
        #expect(logs.rowCount == 1)
        #expect(logs.resources.first?.service == "shop")
        let text = { (batch: EventBatch, name: String) in
            batch.value(of: FieldReference(name), row: 0)?.text
        }
        #expect(text(logs, "body") == "card of [redacted] declined")
        #expect(text(logs, "order") == "A7")
        #expect(text(logs, "scope_name") == "api")
        #expect(text(spans, "name") == "checkout")
        #expect(text(spans, "email") == "[redacted]")
        #expect(text(logs, "trace_id") == text(spans, "trace_id"))
        #expect(text(logs, "span_id") == text(spans, "span_id"))
        #expect(try #require(bodies["/v1/metrics"]?.first?.body).count > 50)
        // RED: nothing of it stands anywhere in what was sent.
        for part in collector.received {
            #expect(!String(decoding: part.body, as: UTF8.self).contains("ann@"))
        }
    }

    @Test("A refusal that says so is tried again, others are not, and what is lost is counted")
    func retries() async throws {
        let busy = Collector([.serviceUnavailable, .tooManyRequests])
        try await busy.serve { address in
            let service = service(address) { $0.export.addresses = [.logs: address + "/v1/logs"] }
            try await run(service) {
                Logger(label: "a", factory: { service.logs.handler(label: $0) }).info("x")
            }
            #expect(service.droppedCount == 0)
        }
        #expect(busy.received.count == 3)
        let final = Collector([.badRequest])
        let lines = Lines()
        try await final.serve { address in
            let service = service(address, lines) {
                $0.export.addresses = [.logs: address + "/v1/logs"]
            }
            try await run(service) {
                Logger(label: "a", factory: { service.logs.handler(label: $0) }).info("x")
            }
            #expect(service.droppedCount == 1)
        }
        #expect(final.received.count == 1)
        #expect(lines.text.contains("telemetry could not be sent"))
    }

    @Test(
        "A dead collector costs bounded memory and does not hold up the end",
        .timeLimit(.minutes(5)))
    func deadCollector() async throws {
        let service = service("http://127.0.0.1:1") { options in
            options.export.waitingByteCountMax = 10_000
            options.export.flushTimeout = .milliseconds(200)
            options.export.batchCount = 1_000_000
        }
        try await run(service) {
            let log = Logger(label: "a", factory: { service.logs.handler(label: $0) })
            for _ in 0..<1000 { log.info("a line that will not be sent anywhere") }
            #expect(service.droppedCount > 800)
        }
    }
}
