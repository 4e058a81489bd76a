import Foundation
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Recorded requests of real clients, sent over HTTP and counted behind the query side.
@Suite struct ReplayTests {
    /// What a dataset or the metrics of a folder come to.
    struct Counts: Equatable, Sendable {
        var spans: [String: Int] = [:]
        var logs: [String: Int] = [:]
        var chunks: [SeriesChunk] = []
    }

    static let folders = [
        "edge-logs", "edge-logs-json", "edge-metrics", "edge-metrics-delta", "edge-metrics-json",
        "edge-traces", "edge-traces-json", "shop-http-json-gzip", "shop-http-json-plain",
        "shop-http-protobuf-delta", "shop-http-protobuf-gzip", "shop-http-protobuf-plain",
    ]

    @Test(arguments: folders)
    func everythingRecordedComesBack(_ folder: String) async throws {
        let expected = try TestData.object("otlp/\(folder)/expected.json")
        let data = try TemporaryFolder()
        let rows = try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (running, address) async throws in
            for request in try TestData.otlpRequests(folder) {
                let answer = try await Self.send(request, to: address)
                #expect(answer.status == 200, "\(request.file): \(answer.text)")
            }
            return try await Self.everything(running)
        }
        Self.expect(rows, expected)
    }

    /// Compares with what a folder's `expected.json` says.
    static func expect(_ rows: Counts, _ expected: [String: Any]) {
        let traces = expected["traces"] as? [String: Any] ?? [:]
        let logs = expected["logs"] as? [String: Any] ?? [:]
        let spanNames = traces["spans_by_service_and_name"] as? [String: Int] ?? [:]
        #expect(rows.spans == spanNames)
        #expect(rows.spans.values.reduce(0, +) == traces["span_count"] as? Int ?? 0)
        #expect(rows.logs == logs["by_service"] as? [String: Int] ?? [:])
        let metrics = (expected["metrics"] as? [String: Any])?["metrics"] as? [[String: Any]] ?? []
        MetricFacts(rows.chunks).expectAll(metrics)
        MetricFacts(rows.chunks).expectExemplars(metrics)
    }

    /// The same records come back however their bodies are encoded on the way.
    @Test(arguments: ["identity", "gzip", "deflate", "zstd"])
    func everyEncodingIsTaken(_ encoding: String) async throws {
        let folder = "shop-http-protobuf-plain"
        let expected = try TestData.object("otlp/\(folder)/expected.json")
        let data = try TemporaryFolder()
        let rows = try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (running, address) async throws in
            for request in try TestData.otlpRequests(folder) {
                let answer = try await HTTP.post(
                    address + request.path, StoredEncodings.encode(request.body, encoding),
                    headers: [
                        ("Content-Type", "application/x-protobuf"), ("Content-Encoding", encoding),
                    ])
                #expect(answer.status == 200, "\(request.file): \(answer.text)")
                #expect(answer.body.isEmpty)
            }
            return try await Self.everything(running)
        }
        let traces = expected["traces"] as? [String: Any] ?? [:]
        #expect(rows.spans == traces["spans_by_service_and_name"] as? [String: Int] ?? ["": -1])
        let logs = expected["logs"] as? [String: Any] ?? [:]
        #expect(rows.logs == logs["by_service"] as? [String: Int] ?? ["": -1])
        let metrics = (expected["metrics"] as? [String: Any])?["metrics"] as? [[String: Any]] ?? []
        #expect(!metrics.isEmpty)
        MetricFacts(rows.chunks).expectAll(metrics)
    }

    /// The SDK for Python with its HTTP exporters, as its environment variables configure it.
    @Test(
        .enabled(if: Python.has("opentelemetry.exporter.otlp.proto.http")),
        arguments: [nil, "gzip", "deflate"])
    func thePythonSDKIsTaken(_ compression: String?) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            var environment = [
                "OTEL_EXPORTER_OTLP_ENDPOINT": address,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_SERVICE_NAME": "till-backend",
            ]
            environment["OTEL_EXPORTER_OTLP_COMPRESSION"] = compression
            let output = try await Python.run("otel_client.py", environment: environment)
            let sent =
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
            let counts = try await Self.everything(running)
            #expect(counts.spans.values.reduce(0, +) == sent["spans"] as? Int)
            #expect(counts.logs == ["till-backend": sent["logs"] as? Int ?? -1])
            #expect(counts.chunks.contains { $0.labels.metricName == "till_orders_total" })
        }
    }

    /// Each request by hand gets the status that its folder describes, and what is kept is right.
    @Test func handMadeRequestsGetTheirStatusAndFacts() async throws {
        let expected = try TestData.object("otlp/hand-made/expected.json")
        let wanted = try (expected["requests"] as? [[String: Any]] ?? []).map {
            try HandMade($0)
        }
        #expect(wanted.count == 30)
        let requests = Dictionary(
            uniqueKeysWithValues: try TestData.otlpRequests("hand-made").map { ($0.file, $0) })
        // One server for each, so that what one request left is all there is.
        for wanted in wanted {
            let request = try #require(requests[wanted.file])
            let data = try TemporaryFolder()
            let (answer, found) = try await InProcess.run(
                dataPath: data.path, change: Self.keepForAges
            ) { (running, address) async throws in
                let answer = try await Self.send(request, to: address)
                return (answer, try await HandMade.Found(running))
            }
            #expect(answer.status == wanted.status, "\(request.file): \(answer.text)")
            wanted.expect(found, answer)
        }
    }

    /// Lines of real loggers: each is kept, and broken ones are counted and named.
    @Test(arguments: [
        "structlog.jsonl", "loguru.jsonl", "bunyan.jsonl", "pino-handmade.jsonl",
        "winston.jsonl", "python-json-logger.jsonl", "broken-handmade.log",
    ])
    func logLinesAreKept(_ file: String) async throws {
        let expected = try TestData.object("logs/expected.json")[file] as? [String: Any] ?? [:]
        let objects = try #require(expected["json_objects"] as? Int)
        let others = try #require(expected["other_lines"] as? Int)
        let kinds =
            expected.first { $0.key.hasPrefix("line_kinds") }?.value as? [String] ?? []
        let blank = kinds.count { $0 == "blank" }
        let body = try TestData.bytes("logs/\(file)")
        let data = try TemporaryFolder()
        let (answer, rowCount) = try await InProcess.run(
            dataPath: data.path, change: Self.keepForAges
        ) { (running, address) async throws in
            let answer = try await HTTP.post("\(address)/ingest/json", body)
            #expect(answer.status == 200, "\(answer.text)")
            let query = EventQuery(dataset: .logs, times: .min ..< .max)
            let batches = try await running.events.all(query)
            return (answer, batches.reduce(0) { $0 + $1.rowCount })
        }
        let told =
            try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
        let accepted = told["accepted"] as? Int ?? 0
        let plain = told["plain"] as? Int ?? 0
        #expect(rowCount == objects + others - blank)
        #expect(accepted + plain == rowCount)
        if others == 0 { #expect(accepted == objects) }
        let errors = told["errors"] as? [[String: Any]] ?? []
        #expect(errors.isEmpty == (plain == 0))
    }

    static func keepForAges(_ configuration: inout PerchConfiguration) {
        // Some recordings have spans of 1970.
        configuration.retention.logsSeconds = 36_500 * 86_400
        configuration.retention.tracesSeconds = 36_500 * 86_400
        configuration.retention.metricsSeconds = 36_500 * 86_400
    }

    static func send(
        _ request: TestData.Request, to address: String
    ) async throws -> HTTP.Answer {
        let own: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]
        return try await HTTP.send(
            request.method, address + request.path,
            headers: request.headers.filter { !own.contains($0.name.lowercased()) },
            body: request.method == "GET" ? nil : request.body)
    }

    static func everything(_ running: Server.Running) async throws -> Counts {
        var counts = Counts()
        let name = FieldReference(RecordField.name, space: .record)
        for batch in try await running.events.all(
            EventQuery(dataset: .spans, times: .min ..< .max))
        {
            for row in 0..<batch.rowCount {
                let service = batch.resource(ofRow: row).service
                let name = batch.value(of: name, row: row)?.text ?? ""
                counts.spans["\(service) | \(name)", default: 0] += 1
            }
        }
        for batch in try await running.events.all(EventQuery(dataset: .logs, times: .min ..< .max))
        {
            for row in 0..<batch.rowCount {
                counts.logs[batch.resource(ofRow: row).service, default: 0] += 1
            }
        }
        counts.chunks = try await running.samples.all(
            SampleQuery(matchers: [], times: .min ... .max))
        return counts
    }
}
