import Foundation
import NIOHTTP1
import PerchModel
import PerchServer
import Testing

/// The bulk door, as shippers use it.
@Suite struct BulkDoorTests {
    @Test func documentsAreKeptAndAnswered() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let body = #"""
                {"create":{"_index":"logs-a"}}
                {"message":"one","service":{"name":"api"}}
                {"delete":{"_id":"1"}}
                {"index":{}}
                {"@timestamp":"2001-01-01T00:00:00Z","message":"old"}

                """#
            for path in ["/_bulk", "/logs-x/_bulk", "/elasticsearch/_bulk"] {
                let answer = try await HTTP.post(
                    address + path, Array(body.utf8),
                    headers: [("Content-Type", "application/x-ndjson")])
                #expect(answer.status == 200, "\(path): \(answer.text)")
                let told =
                    try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
                #expect(told?["errors"] as? Bool == true)
                let items = told?["items"] as? [[String: [String: Any]]] ?? []
                #expect(items.compactMap { $0.values.first?["status"] as? Int } == [201, 400, 400])
                #expect(items.first?["create"]?["_index"] as? String == "logs-a")
            }
            let query = EventQuery(dataset: .logs, times: .min ..< .max)
            #expect(try await running.events.all(query).reduce(0) { $0 + $1.rowCount } == 3)
            let refused = try await HTTP.post("\(address)/_bulk", Array("what".utf8))
            #expect(refused.status == 400)
            #expect(refused.text.contains("illegal_argument_exception"))
            let product = try await HTTP.get("\(address)/elasticsearch/")
            #expect(product.headers.first(name: "X-Elastic-Product") == "Elasticsearch")
            #expect(product.text.contains(#""number":"8."#))
        }
    }

    /// Nobody sends through an index's name without the right to.
    @Test func credentialsAreNeeded() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .keys }) {
            (_, address) async throws in
            let body = Array("{\"create\":{}}\n{\"message\":\"x\"}\n".utf8)
            for path in ["/_bulk", "/some/_bulk", "/elasticsearch/some/_bulk"] {
                #expect(try await HTTP.post(address + path, body).status == 401)
                let key = ("Authorization", "Bearer \(InProcess.ingestSecret)")
                #expect(try await HTTP.post(address + path, body, headers: [key]).status == 200)
            }
            #expect(try await HTTP.get("\(address)/elasticsearch").status == 401)
        }
    }
}
