import Foundation
import Testing

/// Lines of the real structlog by HTTP, and what search and LogQL make of them (LOG-22, COR-5).
struct StructlogTests {
    @Test(.enabled(if: Python.has("structlog")))
    func linesAreFoundByTheirFields() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let output = try await Python.run("structlog_lines.py", [address])
            let sent = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String] ?? []
            #expect(sent.count == 5)
            for (search, messages) in [
                ("service:till", ["gone", "broke\ntwice", "slow", "paid für 5 €", "opened"]),
                ("level:error", ["gone", "broke\ntwice"]),
                ("level>=warn request_id:r-7", ["gone", "broke\ntwice", "slow"]),
                ("card.last4:4242 total>5 ok:true", ["paid für 5 €"]),
                ("trace_id:0af7651916cd43dd8448eb211c80319c", ["broke\ntwice"]),
                ("exception.stacktrace:*ZeroDivisionError*", ["broke\ntwice"]),
                ("duration_ms>800 user:ann", ["slow"]),
            ] {
                #expect(try await Self.search(address, search) == messages, "\(search)")
            }
            let query = "sum by (detected_level) (count_over_time({service_name=\"till\"}[1h]))"
            let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let answer = try await HTTP.get("\(address)/loki/api/v1/query?query=\(text)").text
            for level in ["debug", "info", "warn", "error"] {
                #expect(answer.contains("{\"detected_level\":\"\(level)\"}"), "\(answer)")
            }
        }
    }

    private static func search(_ address: String, _ search: String) async throws -> [String] {
        let text = search.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await HTTP.get("\(address)/api/v1/search?query=\(text)")
        let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8))
        let data = (object as? [String: Any])?["data"] as? [String: Any]
        let events = data?["events"] as? [[String: Any]] ?? []
        return events.map { $0["body"] as? String ?? "" }
    }
}
