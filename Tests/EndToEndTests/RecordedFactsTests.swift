import Foundation
import NIOHTTP1
import PerchTestSupport
import Testing

/// Every count that the recordings' `expected.json` states of spans and logs, of a server that has
/// put them into segments and was started anew (LOG-22, COR-5, TRC-6).
@Suite(.enabled(if: TestData.isAvailable)) struct RecordedFactsTests {
    private typealias Rows = [[String: Any]]

    @Test(arguments: ReplayTests.folders)
    func statedCountsAreGivenBack(_ folder: String) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: ReplayTests.keepForAges) {
            (_, address) async throws in
            for request in try TestData.otlpRequests(folder) {
                let answer = try await ReplayTests.send(request, to: address)
                let type = request.header("content-type")
                #expect(answer.headers.first(name: "content-type") == type, "\(request.file)")
                // Of metrics, points may come twice with other values.
                if request.path == "/v1/metrics" { continue }
                #expect(answer.text == (type == "application/json" ? "{}" : ""), "\(request.file)")
            }
            #expect(try await HTTP.post("\(address)/-/flush", []).status < 300)
        }
        try await InProcess.run(dataPath: data.path, change: ReplayTests.keepForAges) {
            (_, address) async throws in
            let spans = try await HTTP.events(address, "spans")
            let logs = try await HTTP.events(address, "logs")
            let expected = try TestData.object("otlp/\(folder)/expected.json")
            try Self.expectSpans(spans, expected["traces"] as? [String: Any] ?? [:])
            Self.expectLogs(logs, spans, expected["logs"] as? [String: Any] ?? [:])
        }
    }

    private static func tally(_ words: some Sequence<String>) -> [String: Int] {
        words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func service(_ row: [String: Any]) -> String {
        let resource = row["resource"] as? [String: Any]
        return resource?["service.name"] as? String ?? "unknown_service"
    }

    private static func nanos(_ row: [String: Any]) -> Int64 {
        (row["time"] as? String).flatMap { Int64($0) } ?? 0
    }

    // MARK: Spans

    private static func expectSpans(_ spans: Rows, _ facts: [String: Any]) throws {
        func counts(_ name: String) -> [String: Int] { facts[name] as? [String: Int] ?? [:] }
        #expect(spans.count == facts["span_count"] as? Int ?? 0)
        let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
        #expect(tally(spans.map { kinds[$0["kind"] as? Int ?? 0] }) == counts("spans_by_kind"))
        let states = ["UNSET", "OK", "ERROR"]
        #expect(
            tally(spans.map { states[$0["status_code"] as? Int ?? 0] })
                == counts("spans_by_status"))
        #expect(
            tally(spans.map { $0["scope_name"] as? String ?? "" }) == counts("spans_by_scope"))
        let events = spans.flatMap { $0["events"] as? Rows ?? [] }
        #expect(tally(events.map { $0["name"] as? String ?? "" }) == counts("events_by_name"))
        let exceptions = events.filter { $0["name"] as? String == "exception" }.map { event in
            let fields = event["attributes"] as? [String: Any]
            let type = fields?["exception.type"] as? String ?? ""
            return "\(type): \(fields?["exception.message"] as? String ?? "")"
        }
        #expect(tally(exceptions) == counts("exceptions"))
        #expect(
            spans.reduce(0) { $0 + (($1["links"] as? [Any])?.count ?? 0) }
                == facts["links"] as? Int ?? 0)
        let traces = Dictionary(grouping: spans) { $0["trace_id"] as? String ?? "" }
        #expect(traces.count == facts["trace_count"] as? Int ?? 0)
        for row in facts["trace_list"] as? Rows ?? [] {
            let mine = try #require(traces[row["trace_id"] as? String ?? ""])
            #expect(mine.count == row["spans"] as? Int)
            #expect(Set(mine.map(service)) == Set(row["services"] as? [String] ?? []))
            #expect(
                mine.count { $0["status_code"] as? Int == 2 } == row["error_spans"] as? Int)
            let start = mine.map(nanos).min() ?? 0
            let end = mine.map { nanos($0) + Int64($0["duration"] as? Int ?? 0) }.max() ?? 0
            #expect("\(start)" == row["start_unix_nano"] as? String)
            #expect("\(end)" == row["end_unix_nano"] as? String)
        }
    }

    // MARK: Logs

    private static func expectLogs(_ logs: Rows, _ spans: Rows, _ facts: [String: Any]) {
        func counts(_ name: String) -> [String: Int] { facts[name] as? [String: Int] ?? [:] }
        #expect(logs.count == facts["record_count"] as? Int ?? 0)
        #expect(tally(logs.map(service)) == counts("by_service"))
        #expect(
            tally(logs.map { $0["severity_text"] as? String ?? "" }) == counts("by_severity_text"))
        #expect(
            tally(logs.map { "\($0["severity_number"] as? Int ?? 0)" })
                == counts("by_severity_number"))
        let ids = logs.compactMap { $0["trace_id"] as? String }
        #expect(ids.count == facts["with_trace_id"] as? Int ?? 0)
        let known = Set(spans.compactMap { $0["trace_id"] as? String })
        #expect(
            Set(ids).intersection(known).count == facts["trace_ids_also_in_traces"] as? Int ?? 0)
        let exceptions = logs.count {
            ($0["attributes"] as? [String: Any])?["exception.type"] != nil
        }
        #expect(exceptions == facts["with_exception"] as? Int ?? 0)
        let records = facts["records"] as? Rows ?? []
        let wanted = records.map { record in
            let time = record["time_unix_nano"] as? String ?? ""
            let observed = record["observed_time_unix_nano"] as? String ?? ""
            return [
                record["service"] as? String ?? "", record["severity"] as? String ?? "",
                record["body"] as? String ?? "", record["trace_id"] as? String ?? "",
                record["span_id"] as? String ?? "", time == "0" ? observed : time,
            ].joined(separator: "|")
        }
        let found = logs.map { row in
            [
                service(row), row["severity_text"] as? String ?? "", row["body"] as? String ?? "",
                row["trace_id"] as? String ?? "", row["span_id"] as? String ?? "", "\(nanos(row))",
            ].joined(separator: "|")
        }
        // Bodies that are no text are compared where they are decoded.
        let texts = Set(
            records.enumerated().filter { record in
                (record.element["body"] as? String).map { !$0.hasPrefix("base64:") } ?? false
            }.map { wanted[$0.offset] })
        for (record, count) in tally(wanted) where texts.contains(record) {
            #expect(found.count { $0 == record } == count, "\(record)")
        }
    }
}
