import Foundation
import NIOHTTP1
import PerchTestSupport
import Testing

/// The requests of Grafana's data sources for Loki and Jaeger, parameter by parameter, and what they
/// read of the answers.
///
/// Source: Grafana, `pkg/tsdb/loki` and `pkg/tsdb/jaeger`.
@Suite struct GrafanaTests {
    private static let base: Int64 = 1_795_226_400

    private static func fill(_ address: String) async throws {
        let values = (0..<20).map { number in
            let line = #"{\"status\":\#(number % 2 == 0 ? 200 : 500),\"took\":\"\#(number)ms\"}"#
            return #"["\#(base + Int64(number))000000000","\#(line)"]"#
        }
        let body =
            #"{"streams":[{"stream":{"app":"shop","level":"error"},"values":[\#(values.joined(separator: ","))]}]}"#
        let answer = try await HTTP.post(
            address + "/loki/api/v1/push", Array(body.utf8),
            headers: [("Content-Type", "application/json")])
        #expect(answer.status == 204, "\(answer.text)")
    }

    private static func ask(
        _ address: String, _ path: String, _ parameters: [(String, String)]
    ) async throws -> Any? {
        let form = parameters.map { name, value in
            [name, value].map {
                $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            }.joined(separator: "=")
        }.joined(separator: "&")
        let answer = try await HTTP.get(
            "\(address)\(path)?\(form)",
            headers: [
                ("X-Query-Tags", "Source=logvolhist"), ("X-Scope-OrgID", "1"),
                ("X-Loki-Response-Encoding-Flags", "categorize-labels"),
            ])
        #expect(answer.status == 200, "\(path): \(answer.text)")
        #expect(answer.headers.first(name: "Content-Type")?.contains("json") == true, "\(path)")
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return object?["data"] ?? object
    }

    private static func result(_ data: Any?) -> (type: String, rows: [[String: Any]]) {
        let object = data as? [String: Any]
        return (
            object?["resultType"] as? String ?? "", object?["result"] as? [[String: Any]] ?? []
        )
    }

    /// What "Save & test" asks: four seconds, which are read as such or as a far time.
    @Test func lokisHealthCheckIsTwo() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let found = Self.result(
                try await Self.ask(
                    address, "/loki/api/v1/query",
                    [
                        ("direction", "backward"), ("query", "vector(1)+vector(1)"),
                        ("time", "4000000000"),
                    ]))
            #expect(found.type == "vector")
            #expect(found.rows.count == 1)
            #expect((found.rows.first?["value"] as? [Any])?.last as? String == "2")
        }
    }

    @Test func lokisQueriesAreAnswered() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: ReplayTests.keepForAges) {
            (_, address) async throws in
            try await Self.fill(address)
            let times = [
                ("start", "\(Self.base - 60)000000000"), ("end", "\(Self.base + 60)000000000"),
            ]
            for (direction, first) in [("backward", 19), ("forward", 0), ("FORWARD", 0)] {
                let lines = Self.result(
                    try await Self.ask(
                        address, "/loki/api/v1/query_range",
                        times + [
                            ("query", #"{app="shop"} |= `took` | json"#), ("limit", "1000"),
                            ("direction", direction), ("step", "60000ms"),
                        ]))
                #expect(lines.type == "streams")
                let values = lines.rows.first?["values"] as? [[Any]] ?? []
                #expect(values.count == 20)
                #expect(values.first?.first as? String == "\(Self.base + Int64(first))000000000")
                let more = values.first?.last as? [String: [String: String]]
                #expect(more?["parsed"]?["took"] == "\(first)ms")
            }
            let histogram = Self.result(
                try await Self.ask(
                    address, "/loki/api/v1/query_range",
                    times + [
                        (
                            "query",
                            #"sum by (level, detected_level) (count_over_time({app="shop"} | drop __error__[60s]))"#
                        ), ("direction", "backward"), ("step", "60000ms"),
                    ]))
            #expect(histogram.type == "matrix")
            #expect(
                histogram.rows.first?["metric"] as? [String: String]
                    == ["level": "error", "detected_level": "error"])
            let labels = try await Self.ask(address, "/loki/api/v1/labels", times) as? [String]
            #expect(labels?.contains("app") == true)
            let values = try await Self.ask(
                address, "/loki/api/v1/label/app/values",
                times + [("query", #"{level="error"}"#)])
            #expect(values as? [String] == ["shop"])
            let series = try await Self.ask(
                address, "/loki/api/v1/series", times + [("match[]", #"{app="shop"}"#)])
            #expect((series as? [[String: String]])?.first?["app"] == "shop")
            let stats = try await Self.ask(
                address, "/loki/api/v1/index/stats", times + [("query", #"{app="shop"}"#)])
            #expect((stats as? [String: Int])?["entries"] == 20)
            let volume = Self.result(
                try await Self.ask(
                    address, "/loki/api/v1/index/volume",
                    times + [
                        ("query", #"{app=~".+"}"#), ("limit", "1000"),
                        ("targetLabels", "service_name"),
                    ]))
            #expect(volume.rows.first?["metric"] as? [String: String] == ["service_name": "shop"])
            let fields = try await Self.ask(
                address, "/loki/api/v1/detected_fields",
                times + [("query", #"{app="shop"}"#), ("line_limit", "1000"), ("limit", "1000")])
            let names = ((fields as? [String: Any])?["fields"] as? [[String: Any]] ?? [])
                .compactMap { $0["label"] as? String }
            #expect(Set(names).isSuperset(of: ["status", "took"]))
        }
    }

    /// Each object has the names that Jaeger's model has, and no others.
    @Test(.enabled(if: TestData.isAvailable))
    func jaegersRequestsAreAnsweredInItsShape() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: ReplayTests.keepForAges) {
            (_, address) async throws in
            for request in try TestData.otlpRequests("shop-http-protobuf-gzip") {
                #expect(try await ReplayTests.send(request, to: address).status == 200)
            }
            let services = try await Self.ask(address, "/api/services", []) as? [String] ?? []
            #expect(services.contains("payments"))
            let operations =
                try await Self.ask(
                    address, "/api/services/payments/operations", []) as? [String]
            #expect(operations?.isEmpty == false)
            let kinds = try await Self.ask(address, "/api/operations", [("service", "payments")])
            for kind in kinds as? [[String: Any]] ?? [] {
                #expect(Set(kind.keys) == ["name", "spanKind"])
            }
            let (start, end) = ("\(Self.base - 3_600)000000", "\(Self.base + 86_400)000000")
            let found =
                try await Self.ask(
                    address, "/api/traces",
                    [
                        ("service", "payments"), ("limit", "20"), ("start", start), ("end", end),
                        ("lookback", "custom"), ("tags", #"{"error":"true"}"#),
                        ("minDuration", "1us"), ("maxDuration", "1h"),
                    ]) as? [[String: Any]] ?? []
            #expect(!found.isEmpty)
            let id = try #require(found.first?["traceID"] as? String)
            let one = try await Self.ask(
                address, "/api/traces/\(id)", [("start", start), ("end", end)])
            for trace in found + (one as? [[String: Any]] ?? []) { Self.expectTrace(trace) }
            let links = try await Self.ask(
                address, "/api/dependencies",
                [("endTs", "\(Self.base + 86_400)000"), ("lookback", "172800000")])
            let edges = links as? [[String: Any]] ?? []
            #expect(!edges.isEmpty)
            for edge in edges { #expect(Set(edge.keys) == ["parent", "child", "callCount"]) }
        }
    }

    private static func expectTrace(_ trace: [String: Any]) {
        #expect(Set(trace.keys) == ["traceID", "spans", "processes", "warnings"])
        let processes = trace["processes"] as? [String: [String: Any]] ?? [:]
        for process in processes.values {
            #expect(Set(process.keys) == ["serviceName", "tags"])
            expectTags(process["tags"])
        }
        let spans = trace["spans"] as? [[String: Any]] ?? []
        #expect(!spans.isEmpty)
        for span in spans {
            #expect(
                Set(span.keys).subtracting(["flags"]) == [
                    "traceID", "spanID", "operationName", "references", "startTime", "duration",
                    "tags", "logs", "processID", "warnings",
                ])
            #expect(processes[span["processID"] as? String ?? ""] != nil)
            #expect((span["startTime"] as? Int ?? 0) > 1_795_000_000_000_000)
            #expect(span["duration"] is Int)
            expectTags(span["tags"])
            for reference in span["references"] as? [[String: String]] ?? [[:]] {
                #expect(Set(reference.keys) == ["refType", "traceID", "spanID"])
            }
            for log in span["logs"] as? [[String: Any]] ?? [[:]] {
                #expect(Set(log.keys) == ["timestamp", "fields"])
                expectTags(log["fields"])
            }
        }
    }

    private static func expectTags(_ tags: Any?) {
        let list = tags as? [[String: Any]]
        #expect(list != nil)
        for tag in list ?? [] {
            #expect(Set(tag.keys) == ["key", "type", "value"])
            let types = ["string", "bool", "int64", "float64", "binary"]
            #expect(types.contains(tag["type"] as? String ?? ""))
        }
    }
}
