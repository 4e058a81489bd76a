import Foundation
import NIOHTTP1
import PerchIngest
import PerchServer
import Testing

/// Sampling on the whole way: what is kept, and that every count says what was sent (SMP-1, SMP-2,
/// SMP-5).
@Suite struct SamplingTests {
    private static let second: Int64 = 1_000_000_000

    private static func ask(_ address: String, _ path: String, _ query: String) async throws
        -> String
    {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await HTTP.get("\(address)/\(path)query=\(text)")
        #expect(answer.status == 200, "\(path) \(query): \(answer.text)")
        return answer.text
    }

    // MARK: Traces

    private static func id(_ trace: Int) -> String {
        String(format: "%016llx%016llx", UInt64(trace + 1) &* 0x9e37_79b9_7f4a_7c15, UInt64(trace))
    }

    private static func isError(_ trace: Int) -> Bool { trace % 40 == 7 }
    private static func isSlow(_ trace: Int) -> Bool { trace % 60 == 3 }

    /// Three spans of each trace: a request, the call of another service, and its answer.
    private static func spans(_ traces: Range<Int>, at start: Int64) -> [UInt8] {
        func span(_ trace: Int, _ number: Int) -> String {
            let names = ["GET /cart", "POST /pay", "POST /pay"]
            let nanos = isSlow(trace) && number == 0 ? 700_000_000 : 5_000_000
            let begin = start + Int64(trace) * 1_000_000 + Int64(number)
            let parent = number == 0 ? "" : #""parentSpanId":"000000000000000\#(number)","#
            let status = isError(trace) && number == 2 ? #","status":{"code":2}"# : ""
            return
                #"{"traceId":"\#(id(trace))","spanId":"000000000000000\#(number + 1)",\#(parent)"#
                + #""name":"\#(names[number])","kind":\#([2, 3, 2][number]),"#
                + #""startTimeUnixNano":"\#(begin)","endTimeUnixNano":"\#(begin + Int64(nanos))""#
                + "\(status)}"
        }
        func sender(_ name: String, _ numbers: [Int]) -> String {
            let spans = traces.flatMap { trace in numbers.map { span(trace, $0) } }
            return
                #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(name)"}}]},"#
                + #""scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}"#
        }
        return Array(#"{"resourceSpans":[\#(sender("shop", [0, 1])),\#(sender("pay", [2]))]}"#.utf8)
    }

    /// Half of the traces before a restart, half after it; then the files become segments.
    @Test(arguments: [false, true])
    func tracesAreSampledOnceTheyAreComplete(_ isKilled: Bool) async throws {
        let folder = try TemporaryFolder()
        let environment = ["PERCH_SAMPLING_TRACES": "10%", "PERCH_SAMPLING_SLOW": "500ms"]
        let start = SystemClock.now() - 600 * Self.second
        for half in 0..<2 {
            let server = try await PerchProcess.start(
                dataPath: folder.path, environment: environment)
            defer { server.kill() }
            for part in 0..<4 {
                let first = half * 400 + part * 100
                let answer = try await HTTP.post(
                    "\(server.address)/v1/traces", Self.spans(first..<first + 100, at: start),
                    headers: [("Content-Type", "application/json")])
                #expect(answer.status == 200, "\(answer.text)")
            }
            if isKilled { server.kill() } else { #expect(try await server.stop() == 0) }
        }
        let server = try await PerchProcess.start(dataPath: folder.path, environment: environment)
        defer { server.kill() }
        let address = server.address
        func counts() async throws -> String {
            try await Self.ask(
                address, "api/v1/search?dataset=spans&",
                "| count by service, name, status_code | sort service, name, status_code")
        }
        let before = try await counts()
        #expect(try await HTTP.events(address, "spans").count == 2_400, "all are there until then")
        #expect(try await HTTP.post("\(address)/-/flush", []).status == 200)
        let rows = try await HTTP.events(address, "spans")
        // Counts say what they said, of a part of the rows.
        #expect(try await counts() == before)
        #expect(before.contains("800") && before.contains("20"), "\(before)")
        let kept = Dictionary(grouping: rows) { $0["trace_id"] as? String ?? "" }
        #expect(kept.values.allSatisfy { $0.count == 3 })
        let special = (0..<800).filter { Self.isError($0) || Self.isSlow($0) }
        for trace in special { #expect(kept[Self.id(trace)]?.count == 3, "trace \(trace)") }
        let others = kept.count - special.count
        #expect((40..<130).contains(others), "\(others) of \(800 - special.count)")
        for trace in special.prefix(5) {
            let found = try await HTTP.get("\(address)/api/traces/\(Self.id(trace))")
            #expect(found.status == 200)
        }
        let metrics = try await HTTP.get("\(address)/metrics").text
        #expect(metrics.contains("perch_sampled_spans_total \(2_400 - rows.count)\n"))
        // What is counted of all spans is written every 15 seconds and when the server stops, so
        // this has it from a start that found the spans in the log.
        #expect(try await server.stop() == 0)
        let again = try await PerchProcess.start(dataPath: folder.path, environment: environment)
        defer { again.kill() }
        let calls = try await Self.ask(
            again.address, "api/v1/query?",
            "sum by (status_code) (traces_span_metrics_calls_total)")
        #expect(calls.contains(#""2380""#) && calls.contains(#""20""#), "\(calls)")
        let edges = try await Self.ask(
            again.address, "api/v1/query?",
            #"traces_service_graph_request_total{client="shop",server="pay"}"#)
        #expect(edges.contains(#""800""#), "\(edges)")
    }

    // MARK: Logs

    /// Of a thousand records one in ten is kept, the first among them; nine wait for the next one.
    @Test func everyCountRespectsTheWeights() async throws {
        let data = try TemporaryFolder()
        let rule = try #require(EventPolicySettings.RouteRule("/search* 10%"))
        try await InProcess.run(dataPath: data.path, change: { $0.policy.routes = [rule] }) {
            (_, address) async throws in
            let time = SystemClock.now() / Self.second - 300
            func line(_ level: String, _ route: String, _ number: Int) -> String {
                #"{"time":\#(time).5,"level":"\#(level)","msg":"took","http.route":"\#(route)","#
                    + #""ms":\#(number % 2),"service":"api"}"#
            }
            let lines =
                (0..<1_000).map { line("info", "/search?q=\($0)", $0) }
                + (0..<40).map { line("error", "/search", $0) }
                + (0..<30).map { line("info", "/other", $0) }
            let answer = try await HTTP.post(
                "\(address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
            #expect(answer.text.contains(#""accepted":1070"#), "\(answer.text)")
            for place in ["memory", "a segment"] {
                #expect(try await HTTP.events(address, "logs").count == 100 + 40 + 30)
                try await Self.expectSearchCounts(address, place)
                try await Self.expectLokiCounts(address, Int(time), place)
                let deleted = try await HTTP.post(
                    "\(address)/api/v1/events/delete",
                    Array("dataset=logs&query=level:info&start=0&end=now&dry_run=true".utf8),
                    headers: [("Content-Type", "application/x-www-form-urlencoded")])
                #expect(deleted.text.contains(#"{"matched":1021}"#), "\(deleted.text)")
                #expect(try await HTTP.post("\(address)/-/flush", []).status == 200)
            }
        }
    }

    private static func expectSearchCounts(_ address: String, _ place: String) async throws {
        for (query, part) in [
            ("level:info http.route:/search* | count", "[[991]]"),
            ("| count by level | sort level", #"[["error",40],["info",1021]]"#),
            ("| stats count, count(ms), sum(ms) by service", #"[["api",1061,1061,"#),
            ("| top 2 level", #"[["info",1021],["error",40]]"#),
            ("| timechart span=1d count", "1061]"),
            ("| patterns", #"[[1061,"took","took"]]"#),
        ] {
            let text = try await ask(address, "api/v1/search?", query)
            #expect(text.contains(part), "\(query) in \(place): \(text)")
        }
        let fields = try await ask(address, "api/v1/search/fields?", "")
        #expect(
            fields.contains(#""name":"ms","space":"attribute","kinds":["int"],"count":1061"#),
            "\(fields)")
        let values = try await ask(address, "api/v1/search/values?field=level&", "")
        #expect(values.contains(#"[["info",1021],["error",40]]"#), "\(values)")
    }

    private static func expectLokiCounts(
        _ address: String, _ time: Int, _ place: String
    ) async throws {
        let info = #"{service_name="api"} | detected_level="info""#
        for (query, value) in [
            ("sum(count_over_time(\(info) [10m]))", "1021"),
            ("sum(rate(\(info) [1000s]))", "1.021"),
            ("sum(bytes_over_time(\(info) [10m]))", "4084"),
            ("sum(count_over_time(\(info) | line_format `x` |= `x` [10m]))", "1021"),
            ("sum(count_over_time(\(info) | http_route=~`/search.*` [10m]))", "991"),
        ] {
            let text = try await ask(address, "loki/api/v1/query?time=\(time + 200)&", query)
            #expect(text.contains("\"\(value)\"]"), "\(query) in \(place): \(text)")
        }
        let span = "start=\(time - 100)&end=\(time + 100)"
        let stats = try await ask(
            address, "loki/api/v1/index/stats?\(span)&", #"{service_name="api"}"#)
        #expect(stats.contains(#""bytes":4244,"entries":1061"#), "\(stats)")
        for path in ["index/volume?\(span)&", "index/volume_range?\(span)&step=1000&"] {
            let volume = try await ask(address, "loki/api/v1/\(path)", #"{service_name="api"}"#)
            #expect(volume.contains(#""4244"]"#), "\(path): \(volume)")
        }
        let patterns = try await ask(
            address, "loki/api/v1/patterns?\(span)&step=1000s&",
            #"{service_name="api"} | detected_level="info""#)
        #expect(patterns.contains(",1021]"), "\(patterns)")
    }
}
