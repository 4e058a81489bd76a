import Foundation
import Testing

/// A line as Loki's API gives it.
struct LokiLine: Sendable {
    var nanos: Int64
    var text: String
    var stream: [String: String]
    /// Structured metadata and what parsers found.
    var fields: [String: String]

    /// All lines of a query, the oldest first; those of one time in the order of the answer.
    static func all(_ address: String, _ query: String) async throws -> [LokiLine] {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await HTTP.get(
            "\(address)/loki/api/v1/query_range?query=\(text)&start=1&end=2000000000"
                + "&direction=forward&limit=5000",
            headers: [("X-Loki-Response-Encoding-Flags", "categorize-labels")])
        #expect(answer.status == 200, "\(answer.text.prefix(500))")
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let data = object?["data"] as? [String: Any]
        var lines: [LokiLine] = []
        for stream in data?["result"] as? [[String: Any]] ?? [] {
            let labels = stream["stream"] as? [String: String] ?? [:]
            for value in stream["values"] as? [[Any]] ?? [] {
                let more = value.count > 2 ? value[2] as? [String: [String: String]] : nil
                let fields = (more?["structuredMetadata"] ?? [:])
                    .merging(more?["parsed"] ?? [:]) { $1 }
                lines.append(
                    LokiLine(
                        nanos: (value[0] as? String).flatMap { Int64($0) } ?? 0,
                        text: value[1] as? String ?? "", stream: labels, fields: fields))
            }
        }
        let order = lines.indices.sorted {
            (lines[$0].nanos, $0) < (lines[$1].nanos, $1)
        }
        return order.map { lines[$0] }
    }
}
