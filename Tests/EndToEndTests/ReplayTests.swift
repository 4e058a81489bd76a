import Foundation
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Recorded requests of real clients, sent over HTTP and counted behind the query side.
@Suite struct ReplayTests {
    /// What a dataset or the metrics of a folder come to.
    private struct Counts: Equatable, Sendable {
        var spans: [String: Int] = [:]
        var logs: [String: Int] = [:]
        var metrics: Set<String> = []
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
        let traces = expected["traces"] as? [String: Any] ?? [:]
        let logs = expected["logs"] as? [String: Any] ?? [:]
        let spanNames = traces["spans_by_service_and_name"] as? [String: Int] ?? [:]
        #expect(rows.spans == spanNames)
        #expect(rows.spans.values.reduce(0, +) == traces["span_count"] as? Int ?? 0)
        #expect(rows.logs == logs["by_service"] as? [String: Int] ?? [:])
        let metrics = (expected["metrics"] as? [String: Any])?["metrics"] as? [[String: Any]] ?? []
        for metric in metrics {
            let name = metric["name"] as? String ?? ""
            let words = name.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
            #expect(
                rows.metrics.contains { $0.hasPrefix(words) },
                "\(name) is missing from \(rows.metrics.sorted())")
        }
    }

    /// Each request by hand gets the status that its folder describes, and what is kept is right.
    @Test func handMadeRequestsGetTheirStatus() async throws {
        let expected = try TestData.object("otlp/hand-made/expected.json")
        let rows = expected["requests"] as? [[String: Any]] ?? []
        let statuses = Dictionary(
            uniqueKeysWithValues: rows.compactMap { row -> (String, Int)? in
                guard let file = row["file"] as? String,
                    let status = row["expected_http_status"] as? Int
                else { return nil }
                return (file, status)
            })
        #expect(statuses.count == 30)
        let requests = try TestData.otlpRequests("hand-made")
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (_, address) async throws in
            for request in requests {
                let answer = try await Self.send(request, to: address)
                #expect(
                    answer.status == statuses[request.file], "\(request.file): \(answer.text)")
            }
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

    private static func keepForAges(_ configuration: inout PerchConfiguration) {
        // Some recordings have spans of 1970.
        configuration.retention.logsSeconds = 36_500 * 86_400
        configuration.retention.tracesSeconds = 36_500 * 86_400
        configuration.retention.metricsSeconds = 36_500 * 86_400
    }

    private static func send(
        _ request: TestData.Request, to address: String
    ) async throws -> HTTP.Answer {
        let own: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]
        return try await HTTP.send(
            request.method, address + request.path,
            headers: request.headers.filter { !own.contains($0.name.lowercased()) },
            body: request.method == "GET" ? nil : request.body)
    }

    private static func everything(_ running: Server.Running) async throws -> Counts {
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
        let samples = try await running.samples.all(
            SampleQuery(matchers: [], times: .min ... .max))
        counts.metrics = Set(samples.map(\.labels.metricName))
        return counts
    }
}
