import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import PerchServer
import Testing

/// Loki's tail over a WebSocket (LOG-22): what was stored before, what comes, and readers that are
/// slow, hostile, or gone.
struct LokiTailTests {
    private static func push(
        _ address: String, _ lines: [String], app: String = "shop"
    ) async throws {
        let now = Int64(Date.now.timeIntervalSince1970 * 1e9)
        let values = lines.enumerated().map { #"["\#(now + Int64($0.offset))","\#($0.element)"]"# }
        let body =
            #"{"streams":[{"stream":{"app":"\#(app)"},"values":["#
            + values.joined(separator: ",") + "]}]}"
        let answer = try await HTTP.post(
            address + "/loki/api/v1/push", Array(body.utf8),
            headers: [("Content-Type", "application/json")])
        #expect(answer.status == 204, "\(answer.text)")
    }

    private static func path(_ query: String, _ rest: String = "") -> String {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "/loki/api/v1/tail?query=\(text)\(rest)"
    }

    /// The lines of all messages, in order.
    private static func lines(_ client: WebSocketClient) throws -> [String] {
        try client.texts.flatMap { text -> [String] in
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let streams = (object as? [String: Any])?["streams"] as? [[String: Any]] ?? []
            return streams.flatMap { stream in
                (stream["values"] as? [[String]] ?? []).map { $0[1] }
            }
        }
    }

    private static func wait(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<200 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(25))
        }
        return false
    }

    @Test("The past comes first, then what is stored, each line once, and a goodbye at the stop")
    func pastAndPresent() async throws {
        let data = try TemporaryFolder()
        let client = try await InProcess.run(dataPath: data.path) {
            (running, address) async throws in
            try await Self.push(address, ["old 1", "other", "old 2", "old 3"])
            try await Self.push(address, ["old of another"], app: "till")
            let client = try await WebSocketClient.open(
                port: running.address.port,
                path: Self.path(#"{app="shop"} |= "old" | label_format x=app"#, "&limit=2"))
            let hasPast = try await Self.wait { try Self.lines(client).count == 2 }
            #expect(hasPast)
            #expect(client.texts.first?.contains(#""x":"shop""#) ?? false)
            try await Self.push(address, ["new", "old 4"])
            try await Self.push(address, ["old 5"], app: "till")
            try await Self.push(address, ["old 6"])
            let hasAll = try await Self.wait { try Self.lines(client).count >= 4 }
            #expect(hasAll)
            try await client.send(.ping, ByteBuffer(string: "there?"))
            let isAnswered = try await Self.wait { client.pongs == ["there?"] }
            #expect(isAnswered)
            await running.stop()
            return client
        }
        #expect(try Self.lines(client) == ["old 2", "old 3", "old 4", "old 6"])
        #expect(client.closeCode == 1001)
        let isClosed = try await Self.wait { client.isClosed }
        #expect(isClosed)
    }

    @Test("A reader that takes nothing holds up no sender, and is told what it lost")
    func slowReader() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let client = try await WebSocketClient.open(
                port: running.address.port, path: Self.path(#"{app="shop"}"#), reads: false)
            let words = String(repeating: "word ", count: 200)
            // 40 MB: more than the sockets and the queue hold.
            for _ in 0..<20 {
                try await Self.push(address, (0..<2_000).map { "\($0) \(words)" })
            }
            try await client.read()
            let isTold = try await Self.wait {
                client.texts.contains { $0.contains(#""dropped_entries":[{"labels":{"dropped":""#) }
            }
            #expect(isTold)
            try await client.send(.connectionClose, ByteBuffer(bytes: [3, 232]))
            let isGone = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 0")
            }
            #expect(isGone)
        }
    }

    @Test("What is no WebSocket of ours, or a mistake, is answered by HTTP and takes no place")
    func refusals() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            let upgrade = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            for (path, fields, status) in [
                (Self.path(#"{app="a"}"#), "", 426),
                (Self.path(#"{app="a"}"#), upgrade, 426),
                (Self.path(#"{app="a"}"#), upgrade + "\(key)\r\nSec-WebSocket-Version: 8\r\n", 426),
                (Self.path("{app="), upgrade + "\(key)\r\nSec-WebSocket-Version: 13\r\n", 400),
                (Self.path("rate({a=\"b\"}[1m])"), upgrade, 400),
                (Self.path("{a=\"b\"}", "&delay_for=9"), upgrade, 400),
                // A page of another site could read it.
                (
                    Self.path(#"{app="a"}"#),
                    upgrade
                        + "\(key)\r\nSec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n",
                    403
                ),
                (
                    Self.path(#"{app="a"}"#),
                    upgrade + "\(key)\r\nSec-WebSocket-Version: 13\r\nHost: evil.example\r\n", 403
                ),
            ] {
                let host = fields.contains("Host:") ? "" : "Host: localhost\r\n"
                let text = try await RawClient.exchange(
                    port: running.address.port, send: "GET \(path) HTTP/1.1\r\n\(host)\(fields)\r\n"
                )
                #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(path) \(fields): \(text)")
            }
            #expect(try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 0"))
            let same = try await WebSocketClient.open(
                port: running.address.port, path: Self.path(#"{app="a"}"#),
                headers: [("Origin", "http://127.0.0.1:\(running.address.port)")])
            await same.close()
        }
    }

    @Test("A client that only tries another protocol gets its answer, and the connection ends")
    func foreignUpgrade() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, _) async throws in
            let answer = try await RawClient.exchange(
                port: running.address.port,
                send: [
                    "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\n"
                        + "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
                ], until: { _ in false })
            #expect(answer.status == 200)
            #expect(answer.header("Connection") == "close")
            #expect(answer.isClosed)
        }
    }

    @Test("Frames that break the protocol end the connection")
    func brokenFrames() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let client = try await WebSocketClient.open(
                port: running.address.port, path: Self.path(#"{app="shop"}"#))
            try await client.send(.text, ByteBuffer(repeating: 97, count: 100_000))
            let isClosed = try await Self.wait { client.isClosed }
            #expect(isClosed)
            let isGone = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 0")
            }
            #expect(isGone)
        }
    }

    @Test("The tail needs the right to read")
    func rights() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .keys }) {
            (running, _) async throws in
            let port = running.address.port
            await #expect(throws: WebSocketClient.Refused.self) { () async throws in
                _ = try await WebSocketClient.open(port: port, path: Self.path(#"{a="b"}"#))
            }
            await #expect(throws: WebSocketClient.Refused.self) { () async throws in
                _ = try await WebSocketClient.open(
                    port: port, path: Self.path(#"{a="b"}"#),
                    headers: [("Authorization", "Bearer \(InProcess.ingestSecret)")])
            }
            let client = try await WebSocketClient.open(
                port: port, path: Self.path(#"{a="b"}"#),
                headers: [("Authorization", "Bearer \(InProcess.adminSecret)")])
            await client.close()
        }
    }
}
