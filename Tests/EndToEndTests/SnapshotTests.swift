import Foundation
import Testing

/// Prometheus' snapshot of the samples: a server can be started on the copy and answers alike.
@Suite struct SnapshotTests {
    private static func query(_ address: String) async throws -> String {
        let answer = try await HTTP.get(
            "\(address)/api/v1/export/openmetrics?match%5B%5D=%7Bpart%3D%22p%22%7D")
        #expect(answer.status == 200, "\(answer.text)")
        return answer.text
    }

    @Test func aCopyAnswersAlike() async throws {
        let folder = try TemporaryFolder()
        let start = Int(Date().timeIntervalSince1970) * 1_000 - 3_600_000
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        for (name, time) in [("a", start), ("b", start + 1_000)] {
            let answer = try await HTTP.post(
                "\(server.address)/api/v1/import/prometheus",
                Array(
                    "\(name){part=\"p\"} 1 \(time)\n\(name){part=\"p\"} 2 \(time + 15_000)\n".utf8),
                headers: [("Content-Type", "text/plain")])
            #expect(answer.status == 204, "\(answer.text)")
        }
        let wrong = try await HTTP.post(
            "\(server.address)/api/v1/admin/tsdb/snapshot?skip_head=x", [])
        #expect(wrong.status == 400)
        let made = try await HTTP.post("\(server.address)/api/v1/admin/tsdb/snapshot", [])
        #expect(made.status == 200, "\(made.text)")
        let object = try JSONSerialization.jsonObject(with: Data(made.text.utf8)) as? [String: Any]
        let name = try #require((object?["data"] as? [String: String])?["name"])
        let before = try await Self.query(server.address)
        #expect(before.contains("a{part=\"p\"}"))
        let restored = try await PerchProcess.start(dataPath: "\(folder.path)/snapshots/\(name)")
        defer { restored.kill() }
        #expect(try await Self.query(restored.address) == before)
    }
}
