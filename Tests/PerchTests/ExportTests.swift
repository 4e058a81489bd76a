import Configuration
import CoreMetrics
import Instrumentation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import PerchModel
import PerchWire
import Synchronization
import Testing
import Tracing

@testable import Perch

/// What a collector was sent, and how it answers.
private final class Collector: Sendable {
    struct Received: Sendable {
        var path: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    private let list = Mutex<[Received]>([])
    /// Statuses of the first requests; then 200.
    private let statuses: Mutex<[HTTPResponseStatus]>

    init(_ statuses: [HTTPResponseStatus] = []) {
        self.statuses = Mutex(statuses)
    }

    var received: [Received] { list.withLock { $0 } }

    func take(_ received: Received) -> HTTPResponseStatus {
        list.withLock { $0.append(received) }
        return statuses.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let collector: Collector
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ collector: Collector) {
            self.collector = collector
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += Array(part.readableBytesView)
            case .end:
                guard let head else { return }
                let status = collector.take(
                    Received(path: head.uri, headers: head.headers, body: body))
                var answer = HTTPResponseHead(version: .http1_1, status: status)
                answer.headers = ["content-length": "0", "retry-after": "0"]
                context.write(wrapOutboundOut(.head(answer)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    /// Runs a body with the address at which the collector listens.
    func serve(_ body: (String) async throws -> Void) async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body("http://127.0.0.1:\(channel.localAddress?.port ?? 0)"))
        } catch {
            result = .failure(error)
        }
        try await channel.close().get()
        try result.get()
    }
}

/// What arrives at a collector (TRC-6, LOG-19, MET-10).
struct ExportTests {
    private func service(
        _ address: String, _ lines: Lines = Lines(),
        _ configure: (inout PerchOptions) -> Void = { _ in }
    ) -> PerchService {
        var options = PerchOptions()
        options.service = "shop"
        options.export = ExportOptions(endpoint: address)
        options.export.flushTimeout = .seconds(20)
        configure(&options)
        return PerchService(options, clock: { fixedTime }, write: lines.write)
    }

    /// Runs a service until the body is over, and then lets it send what is left.
    private func run(_ service: PerchService, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
        }
    }

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

    @Test("Options come from the environment by OpenTelemetry's and the seeds' names")
    func environment() throws {
        let config = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: [
                "SERVICE_NAME": "api", "LOG_LEVEL": "warn", "LOG_FORMAT": "text",
                "SENTRY_RELEASE": "abc123", "SENTRY_ENV": "prod",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/t",
                "OTEL_METRICS_EXPORTER": "none",
                "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20k, x=y",
                "OTEL_RESOURCE_ATTRIBUTES": "team=shop,region=eu%2Cwest",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
            ]))
        let options = try PerchOptions(config)
        #expect(options.service == "api")
        #expect(options.logs.level == .warning)
        #expect(options.logs.format == .text)
        #expect(options.version == "abc123")
        #expect(options.environment == "prod")
        #expect(
            options.export.addresses == [
                .logs: "http://127.0.0.1:4318/v1/logs", .traces: "http://127.0.0.1:9/t",
            ])
        #expect(options.export.headers.map(\.value) == ["Bearer k", "y"])
        #expect(options.resource == ["team": "shop", "region": "eu,west"])
        #expect(options.tracing.sampler == Sampler(ratio: 0.25))
        #expect(options.export.timeout == .milliseconds(2500))
    }

    @Test(
        "A value that means nothing is refused with what it may be",
        arguments: [
            ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("OTEL_TRACES_SAMPLER", "often"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "-1"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "many"),
        ])
    func invalidEnvironment(_ name: String, _ value: String) {
        let config = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: [name: value]))
        #expect(throws: PerchOptionsFailure.self) { try PerchOptions(config) }
    }
}
