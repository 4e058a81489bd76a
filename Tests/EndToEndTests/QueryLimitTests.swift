import Foundation
import NIOHTTP1
import PerchModel
import PerchServer
import Testing

/// Queries are bounded in number and time, and nobody keeps one open by not reading.
@Suite struct QueryLimitTests {
    /// Enough that its answer does not fit the buffers between server and reader.
    private static let rowCount = 60_000

    private static func fill(_ address: String) async throws {
        let text = String(repeating: "words ", count: 20)
        let lines = (0..<rowCount).map { #"{"level":"info","msg":"\#($0) \#(text)"}"# }
        let body = Array(lines.joined(separator: "\n").utf8)
        #expect(try await HTTP.post("\(address)/ingest/json", body).status == 200)
    }

    private static let export =
        "GET /api/v1/events/logs?limit=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// The wait for a turn counts too.
    @Test func aQueryHasATimeLimit() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.limits.queriesMax = 1
                $0.limits.queryTimeoutSeconds = 1
            }
        ) { (running, address) async throws in
            try await Self.fill(address)
            try await RawClient.holding(port: running.address.port, send: Self.export) {
                try await Task.sleep(for: .milliseconds(300))
                let answer = try await HTTP.get("\(address)/api/v1/events/logs?limit=1")
                #expect(answer.status == 503)
                #expect(answer.text.contains("took longer than"), "\(answer.text)")
                #expect(answer.headers.first(name: "X-Content-Type-Options") == "nosniff")
                // What is no query is not concerned.
                #expect(try await HTTP.get("\(address)/metrics").status == 200)
                #expect(try await HTTP.get("\(address)/-/healthy").status == 200)
                #expect(try await HTTP.get("\(address)/assets/perch.css").status == 200)
            }
        }
    }

    /// A reader that takes nothing keeps its turn only until it is cut; then the next gets it.
    @Test func aStalledReaderIsCutAndItsTurnIsFree() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.limits.queriesMax = 1
                $0.limits.idleTimeoutSeconds = 5
            }
        ) { (running, address) async throws in
            try await Self.fill(address)
            let port = running.address.port
            try await RawClient.holding(port: port, send: Self.export) {
                try await Task.sleep(for: .milliseconds(300))
                let start = ContinuousClock.now
                let answer = try await HTTP.get("\(address)/api/v1/events/logs?limit=1")
                #expect(answer.status == 200)
                #expect(answer.lines.count == 1)
                let waited = ContinuousClock.now - start
                #expect(waited > .milliseconds(500), "it did not wait: \(waited)")
            }
            // A reader that reads gets everything.
            let all = try await HTTP.get("\(address)/api/v1/events/logs?limit=0")
            #expect(all.lines.count == Self.rowCount)
        }
    }

    /// With all turns taken and the queue full, the next query is asked to come back.
    @Test func queriesOverTheQueueGet429() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.queriesMax = 1 }
        ) { (running, address) async throws in
            try await Self.fill(address)
            let port = running.address.port
            let statuses = try await RawClient.holding(port: port, send: Self.export) {
                try await Task.sleep(for: .milliseconds(300))
                return try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<70 {
                        group.addTask {
                            try await RawClient.exchange(
                                port: port,
                                send: [
                                    "GET /api/v1/events/logs?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                ],
                                seconds: 3, until: { $0.contains("\r\n\r\n") }
                            ).status
                        }
                    }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
            }
            #expect(statuses.count { $0 == 429 } == 6, "\(statuses)")
            #expect(statuses.count { $0 == 0 } == 64, "\(statuses)")
            // Those who waited and went away leave the queue.
            var last = 0
            for _ in 0..<100 where last != 200 {
                last = try await HTTP.get("\(address)/api/v1/events/logs?limit=1").status
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(last == 200)
        }
    }
}
