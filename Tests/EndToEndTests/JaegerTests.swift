import Foundation
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Jaeger's query API with recorded traces and a real client.
@Suite struct JaegerTests {
    private static let python =
        ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
        ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()

    private static func script(_ name: String) -> String {
        Repository.root.appending(path: "Tests/EndToEndTests/Scripts/\(name)").path()
    }

    private static func keepForAges(_ configuration: inout PerchConfiguration) {
        configuration.retention.tracesSeconds = 36_500 * 86_400
        configuration.retention.logsSeconds = 36_500 * 86_400
        configuration.retention.metricsSeconds = 36_500 * 86_400
    }

    private static func replay(_ folder: String, to address: String) async throws {
        for request in try TestData.otlpRequests(folder) where request.path == "/v1/traces" {
            let own: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]
            let answer = try await HTTP.send(
                request.method, address + request.path,
                headers: request.headers.filter { !own.contains($0.name.lowercased()) },
                body: request.body)
            #expect(answer.status == 200, "\(request.file): \(answer.text)")
        }
    }

    private static func json(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// Every span of every recorded trace, value by value, with what the official classes and the
    /// collector's rules make of the same bytes.
    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: [
            "edge-traces", "edge-traces-json", "shop-http-protobuf-plain",
            "shop-http-protobuf-gzip", "shop-http-json-gzip", "edge-metrics",
        ])
    func recordedTracesReadAsJaegerHasThem(_ folder: String) async throws {
        let root = try #require(TestData.root)
        let data = try TemporaryFolder()
        let output = try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (_, address) async throws in
            try await Self.replay(folder, to: address)
            let recordings = root.appendingPathComponent("otlp/\(folder)").path
            let oracle = Self.script("jaeger_oracle.py")
            return try await Shell.run(
                "\"\(Self.python)\" \"\(oracle)\" \"\(address)\" \"\(recordings)\" 2>&1",
                environment: [:])
        }
        #expect(output.contains(", 0 differences"), "\(output)")
    }

    @Test(.enabled(if: TestData.isAvailable))
    func servicesOperationsAndSearch() async throws {
        let folder = "shop-http-protobuf-plain"
        let facts = try TestData.object("otlp/\(folder)/expected.json")["traces"] as? [String: Any]
        let names = facts?["spans_by_service_and_name"] as? [String: Int] ?? [:]
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (_, address) async throws in
            try await Self.replay(folder, to: address)
            let services = try Self.json(try await HTTP.get("\(address)/api/services").text)
            let wanted = Set(names.keys.map { $0.components(separatedBy: " | ")[0] }).sorted()
            #expect(services["data"] as? [String] == wanted)
            #expect(services["total"] as? Int == wanted.count)
            #expect(services["errors"] is NSNull)
            for service in wanted {
                let mine = names.keys.filter { $0.hasPrefix("\(service) | ") }
                    .map { String($0.dropFirst(service.count + 3)) }.sorted()
                let operations = try Self.json(
                    try await HTTP.get("\(address)/api/services/\(service)/operations").text)
                #expect(operations["data"] as? [String] == mine)
                let kinds = try Self.json(
                    try await HTTP.get("\(address)/api/operations?service=\(service)").text)
                let list = kinds["data"] as? [[String: String]] ?? []
                #expect(Set(list.compactMap { $0["name"] }) == Set(mine))
                // The recordings are of a fixed time.
                let found = try Self.json(
                    try await HTTP.get(
                        "\(address)/api/traces?service=\(service)&start=0&limit=1000"
                    ).text)
                let traces = found["data"] as? [[String: Any]] ?? []
                #expect(!traces.isEmpty)
                for trace in traces {
                    let processes = trace["processes"] as? [String: [String: Any]] ?? [:]
                    #expect(processes.values.contains { $0["serviceName"] as? String == service })
                }
            }
        }
    }

    /// Metrics from spans are written when a server stops, and calls are known before.
    @Test(.enabled(if: TestData.isAvailable))
    func spansBecomeMetricsAndDependencies() async throws {
        let folder = "shop-http-protobuf-plain"
        let facts = try TestData.object("otlp/\(folder)/expected.json")["traces"] as? [String: Any]
        let count = try #require(facts?["span_count"] as? Int)
        let data = try TemporaryFolder()
        let links = try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (_, address) async throws in
            try await Self.replay(folder, to: address)
            return try await HTTP.get("\(address)/api/dependencies").text
        }
        let edges = try Self.json(links)["data"] as? [[String: Any]] ?? []
        #expect(
            edges.contains {
                $0["parent"] as? String == "frontend-api" && $0["child"] as? String == "payments"
                    && ($0["callCount"] as? Int ?? 0) > 0
            }, "\(links)")
        let total = try await InProcess.run(dataPath: data.path, change: Self.keepForAges) {
            (running, _) async throws in
            let name = LabelMatcher("__name__", .equal, "traces_span_metrics_calls_total")
            let query = SampleQuery(matchers: [name], times: .min ... .max)
            return try await running.samples.all(query).reduce(0) { $0 + ($1.values.last ?? 0) }
        }
        #expect(total == Double(count))
    }

    @Test(arguments: [
        ("api/traces", 400, "parameter 'service' is required"),
        ("api/traces?service=a&limit=x", 400, "limit"),
        ("api/traces?service=a&limit=0", 400, "limit"),
        ("api/traces?service=a&minDuration=1", 400, "minDuration"),
        ("api/traces?service=a&minDuration=2s&maxDuration=1s", 400, "maxDuration"),
        ("api/traces?service=a&tag=b", 400, "malformed 'tag'"),
        ("api/traces?service=a&tags=b", 400, "malformed 'tags'"),
        ("api/traces?service=a&tags=%7B%22a%22:%5B%5D%7D", 400, "malformed 'tags'"),
        ("api/traces?service=a&start=b", 400, "start"),
        ("api/traces?service=a&start=9&end=1", 400, "after"),
        ("api/traces?traceID=xyz", 400, "traceID"),
        ("api/traces/xyz", 400, "trace id"),
        ("api/traces/0", 400, "trace id"),
        ("api/traces/0123456789abcdef", 404, "trace not found"),
        ("api/operations", 400, "parameter 'service' is required"),
    ])
    func mistakesAreToldAsJaegerTellsThem(
        _ path: String, _ status: Int, _ part: String
    ) async throws {
        let data = try TemporaryFolder()
        let answer = try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await HTTP.get("\(address)/\(path)")
        }
        #expect(answer.status == status)
        let body = try Self.json(answer.text)
        #expect(body["data"] is NSNull)
        let errors = try #require(body["errors"] as? [[String: Any]])
        #expect(errors.count == 1)
        #expect(errors[0]["code"] as? Int == status)
        #expect((errors[0]["msg"] as? String)?.contains(part) == true, "\(answer.text)")
    }

    /// TRC-6: the OpenTelemetry SDK sends, Jaeger's API gives back, also after a restart.
    @Test func theSDKsSpansComeBack() async throws {
        let data = try TemporaryFolder()
        let ids = try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let client = Self.script("otel_client.py")
            let output = try await Shell.run(
                "\"\(Self.python)\" \"\(client)\"",
                environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_SERVICE_NAME": "till-backend",
                ])
            let ids = try #require(try Self.json(output)["trace_ids"] as? [String])
            #expect(ids.count == 20)
            try await Self.expectSale(ids[0], ids, address)
            return ids
        }
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.expectSale(ids[0], ids, address)
        }
    }

    private static func expectSale(
        _ id: String, _ ids: [String], _ address: String
    ) async throws {
        let one = try json(try await HTTP.get("\(address)/api/traces/\(id)").text)
        let trace = try #require((one["data"] as? [[String: Any]])?.first)
        let spans = try #require(trace["spans"] as? [[String: Any]])
        #expect(
            Set(spans.compactMap { $0["operationName"] as? String })
                == ["POST /sale", "INSERT sales"])
        let child = try #require(spans.first { $0["operationName"] as? String == "INSERT sales" })
        let parent = try #require(spans.first { $0["operationName"] as? String == "POST /sale" })
        let references = child["references"] as? [[String: String]] ?? []
        #expect(
            references == [
                [
                    "refType": "CHILD_OF", "traceID": id,
                    "spanID": parent["spanID"] as? String ?? "",
                ]
            ])
        let missing = String(repeating: "9", count: 32)
        let several = try json(
            try await HTTP.get(
                "\(address)/api/traces?traceID=\(id)&traceID=\(ids[1])&traceID=\(missing)"
            ).text)
        let found = (several["data"] as? [[String: Any]] ?? []).compactMap {
            $0["traceID"] as? String
        }
        #expect(found == [id, ids[1]])
        #expect((several["errors"] as? [[String: String]])?.first?["traceID"] == missing)
        let failed = try json(
            try await HTTP.get(
                "\(address)/api/traces?service=till-backend&tags=%7B%22error%22:%22true%22%7D"
                    + "&tag=http.route:/sale&operation=POST%20/sale&lookback=1h"
            ).text)
        #expect((failed["data"] as? [Any])?.count == 4)
        let own = try json(
            try await HTTP.get(
                "\(address)/api/v1/traces?service=till-backend&status=error&root=true"
                    + "&order=slowest&limit=3&query=http.route:/sale"
            ).text)
        let list = try #require(own["traces"] as? [[String: Any]])
        #expect(list.count == 3)
        #expect(list.allSatisfy { $0["spans"] as? Int == 2 && $0["errors"] as? Int == 1 })
        #expect(
            list.allSatisfy {
                ($0["root"] as? [String: String])
                    == ["service": "till-backend", "name": "POST /sale"]
            })
        let whole = try json(try await HTTP.get("\(address)/api/v1/traces/\(id)").text)
        #expect((whole["spans"] as? [[String: Any]])?.count == 2)
        // The list of services is read from the store beside the start.
        var services: [String] = []
        for _ in 0..<100 where services.isEmpty {
            let answer = try json(try await HTTP.get("\(address)/api/services").text)
            services = answer["data"] as? [String] ?? []
            if services.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
        }
        #expect(services == ["till-backend"])
    }
}
