import Foundation
import NIOHTTP1
import Testing

/// Loki's query API of a running server (LOG-22): what Grafana and scripts ask, in its JSON.
struct LokiQueryTests {
    private static let base: Int64 = 1_795_226_400

    /// Ten lines a second apart of one stream, one of another.
    private static func fill(_ address: String) async throws {
        let values = (0..<10).map { number in
            let status = number % 2 == 0 ? 200 : 500
            return "[\"\(base + Int64(number))000000000\","
                + "\"{\\\"status\\\":\(status),\\\"took\\\":\\\"\(number)ms\\\"}\"]"
        }
        let body =
            "{\"streams\":[{\"stream\":{\"app\":\"shop\",\"level\":\"error\"},\"values\":["
            + values.joined(separator: ",")
            + "]},{\"stream\":{\"app\":\"till\"},\"values\":[[\"\(base)500000000\",\"plain\","
            + "{\"user.id\":\"7\"}]]}]}"
        let answer = try await HTTP.post(
            address + "/loki/api/v1/push", Array(body.utf8),
            headers: [("Content-Type", "application/json")])
        #expect(answer.status == 204, "\(answer.text)")
    }

    private static func ask(
        _ address: String, _ path: String, _ parameters: [(String, String)], isPosted: Bool = false,
        headers: [(String, String)] = [("X-Scope-OrgID", "tenant")]
    ) async throws -> HTTP.Answer {
        let form = parameters.map { name, value in
            [name, value].map {
                $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            }
            .joined(separator: "=")
        }.joined(separator: "&")
        let url = "\(address)/loki/api/v1/\(path)"
        guard isPosted else { return try await HTTP.get("\(url)?\(form)", headers: headers) }
        return try await HTTP.post(
            url, Array(form.utf8),
            headers: headers + [("Content-Type", "application/x-www-form-urlencoded")])
    }

    /// The part of an answer before what it cost.
    private static func result(_ answer: HTTP.Answer) -> String {
        answer.text.components(separatedBy: ",\"stats\":")[0]
    }

    private static let times = [("start", "\(base - 10)"), ("end", "\(base + 60)")]

    @Test func queriesAreAnswered() async throws {
        let folder = try TemporaryFolder()
        try await InProcess.run(dataPath: folder.path) { _, address in
            try await Self.fill(address)
            let count = try await Self.ask(
                address, "query",
                [
                    ("query", "sum by (app) (count_over_time({app=~\".+\"}[1m]))"),
                    ("time", "\(Self.base + 30)"),
                ])
            #expect(
                Self.result(count)
                    == "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
                    + "{\"metric\":{\"app\":\"shop\"},\"value\":[1795226430,\"10\"]},"
                    + "{\"metric\":{\"app\":\"till\"},\"value\":[1795226430,\"1\"]}]")
            for isPosted in [false, true] {
                let range = try await Self.ask(
                    address, "query_range",
                    [
                        ("query", "sum(rate({app=\"shop\"} | json | status=500 [10s]))"),
                        ("start", "\(Self.base + 9).0"), ("end", "2026-11-21T02:00:19Z"),
                        ("step", "10"),
                    ], isPosted: isPosted)
                #expect(
                    Self.result(range)
                        == "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
                        + "{\"metric\":{},\"values\":[[1795226409,\"0.5\"]]}]")
                #expect(range.text.contains("\"totalLinesProcessed\":"))
            }
            let scalar = try await Self.ask(address, "query", [("query", "1+1"), ("time", "5.5")])
            #expect(Self.result(scalar).hasSuffix("\"scalar\",\"result\":[5.5,\"2\"]"))
        }
    }

    @Test func linesComeInTheirOrder() async throws {
        let folder = try TemporaryFolder()
        try await InProcess.run(dataPath: folder.path) { _, address in
            try await Self.fill(address)
            func lines(_ direction: String) async throws -> String {
                Self.result(
                    try await Self.ask(
                        address, "query_range",
                        Self.times + [
                            (
                                "query",
                                "{app=\"shop\"} |= `500` | json | line_format `{{.took}}` | keep app"
                            ),
                            ("limit", "2"), ("direction", direction),
                        ]))
            }
            let head =
                "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":["
                + "{\"stream\":{\"app\":\"shop\"},\"values\":["
            #expect(
                try await lines("backward") == head
                    + "[\"\(Self.base + 9)000000000\",\"9ms\"],[\"\(Self.base + 7)000000000\",\"7ms\"]]}]"
            )
            #expect(
                try await lines("forward") == head
                    + "[\"\(Self.base + 1)000000000\",\"1ms\"],[\"\(Self.base + 3)000000000\",\"3ms\"]]}]"
            )
            let categories = try await Self.ask(
                address, "query_range", Self.times + [("query", "{app=\"till\"}")],
                headers: [("X-Loki-Response-Encoding-Flags", "categorize-labels")])
            #expect(
                categories.text.contains(
                    "\"plain\",{\"structuredMetadata\":{\"user_id\":\"7\"}}]"))
            #expect(categories.text.contains("\"encodingFlags\":[\"categorize-labels\"]"))
        }
    }

    @Test func streamsAndLabelsAreListed() async throws {
        let folder = try TemporaryFolder()
        try await InProcess.run(dataPath: folder.path) { _, address in
            try await Self.fill(address)
            let labels = try await Self.ask(address, "labels", Self.times)
            #expect(
                labels.text
                    == "{\"status\":\"success\",\"data\":[\"app\",\"detected_level\",\"level\",\"service_name\"]}"
            )
            let values = try await Self.ask(address, "label/app/values", Self.times)
            #expect(values.text == "{\"status\":\"success\",\"data\":[\"shop\",\"till\"]}")
            let series = try await Self.ask(
                address, "series", Self.times + [("match[]", "{app=\"shop\"}")])
            #expect(series.text.contains("{\"app\":\"shop\",\"detected_level\":\"error\""))
            #expect(!series.text.contains("till"))
            let stats = try await Self.ask(
                address, "index/stats", Self.times + [("query", "{app=\"till\"}")])
            #expect(stats.text == "{\"streams\":1,\"chunks\":1,\"bytes\":5,\"entries\":1}")
            let volume = try await Self.ask(
                address, "index/volume", Self.times + [("query", "{app=~\".+\"}"), ("limit", "1")])
            #expect(volume.text.contains("\"metric\":{\"app\":\"shop\"}"))
            #expect(!volume.text.contains("till"))
            // As in Loki, a limit may be more than any answer has.
            let all = try await Self.ask(
                address, "index/volume",
                Self.times + [("query", "{app=~\".+\"}"), ("limit", "20000")])
            #expect(all.text.contains("till"), "\(all.text)")
            let format = try await Self.ask(
                address, "format_query", [("query", "sum(rate({a=\"b\"}[5m]))by(c)")])
            #expect(
                format.text
                    == "{\"status\":\"success\",\"data\":\"sum by (c) (rate({a=\\\"b\\\"} [5m]))\"}"
            )
            #expect(
                try await Self.ask(address, "status/buildinfo", []).text.contains("\"version\""))
        }
    }

    /// What Grafana's Loki data source and Logs Drilldown ask.
    @Test func fieldsLabelsAndPatternsAreDetected() async throws {
        let folder = try TemporaryFolder()
        try await InProcess.run(dataPath: folder.path) { _, address in
            try await Self.fill(address)
            let shop = Self.times + [("query", "{app=\"shop\"}")]
            let fields = try await Self.ask(address, "detected_fields", shop + [("limit", "9")])
            #expect(
                fields.text.contains(
                    #"{"label":"status","type":"int","cardinality":2,"parsers":null}"#),
                "\(fields.text)")
            #expect(
                fields.text.contains(
                    #"{"label":"took","type":"duration","cardinality":10,"parsers":null}"#))
            #expect(fields.text.hasSuffix(#"],"limit":9}"#))
            let parsed = try await Self.ask(
                address, "detected_fields",
                Self.times + [("query", #"{app="shop"} | json t="took""#)], isPosted: true)
            #expect(
                parsed.text.contains(
                    #"{"label":"t","type":"duration","cardinality":10,"parsers":["json"]}"#))
            let values = try await Self.ask(address, "detected_field/status/values", shop)
            #expect(values.text == #"{"values":["200","500"],"limit":1000}"#)
            let labels = try await Self.ask(address, "detected_labels", Self.times)
            #expect(labels.text.contains(#"{"label":"app","cardinality":2}"#))
            let patterns = try await Self.ask(
                address, "patterns", shop + [("step", "60s")], isPosted: true)
            #expect(
                patterns.text
                    == #"{"status":"success","data":[{"pattern":"{\"status\":<_>,\"took\":\"<_>ms\"}","#
                    + #""level":"error","samples":[[1795226400,10]]}]}"#)
            let limits = try await Self.ask(address, "drilldown-limits", [])
            #expect(limits.text.contains(#""pattern_ingester_enabled":true"#))
            #expect((try? JSONSerialization.jsonObject(with: Data(limits.text.utf8))) != nil)
            for (path, query) in [
                ("detected_fields", "rate({a=\"b\"}[1m])"), ("detected_fields", "{"),
                ("patterns", ""), ("detected_labels", "x"),
            ] {
                let answer = try await Self.ask(address, path, Self.times + [("query", query)])
                #expect(answer.status == 400, "\(path) \(query)")
            }
        }
    }

    @Test(arguments: [
        ("query", "sum(rate({app=\"x\"}[5m])", "parse error at line 1, col 24"),
        ("query", "{app=\"x\"}", "log queries are not supported as an instant query type"),
        ("query_range", "{app=\"x\"} foo", "parse error at line 1, col 11"),
        ("query_range", "rate({app=\"x\"}[1s])", "exceeded maximum resolution"),
        ("query_range", "{app=\"x\"} |~ \"(\"", "error parsing regexp"),
    ])
    func refusalsAreLokis(path: String, query: String, words: String) async throws {
        let folder = try TemporaryFolder()
        try await InProcess.run(dataPath: folder.path) { _, address in
            let answer = try await Self.ask(
                address, path,
                [("query", query), ("start", "0"), ("end", "1000000000"), ("step", "1")])
            #expect(answer.status == 400)
            #expect(answer.text.contains(words), "\(answer.text)")
            #expect(answer.headers.first(name: "Content-Type")?.hasPrefix("text/plain") ?? false)
        }
    }
}
