import Foundation
import NIOHTTP1
import PerchModel
import PerchServer
import Testing

/// What senders are told before their records are looked at.
@Suite struct DoorTests {
    private static let logs = Array(
        #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}"#.utf8)

    /// OTLP is answered by a `google.rpc.Status` in the content type of the request, whoever
    /// refuses, and each refusal is counted by its reason.
    @Test func refusalsBeforeTheBodyAreOTLPs() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.auth = .keys
                $0.limits.bodyByteCountMax = 1_000
                $0.limits.bodyTimeoutSeconds = 1
            }
        ) { (running, address) async throws in
            let key = ("Authorization", "Bearer \(InProcess.ingestSecret)")
            let json = ("Content-Type", "application/json")
            func expect(
                _ status: Int, _ code: Int, body: [UInt8] = Self.logs,
                _ headers: (String, String)...
            ) async throws {
                let answer = try await HTTP.post("\(address)/v1/logs", body, headers: headers)
                #expect(answer.status == status, "\(headers): \(answer.text)")
                #expect(answer.headers.first(name: "Content-Type") == "application/json")
                let object =
                    try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
                #expect(object?["code"] as? Int == code, "\(headers): \(answer.text)")
                #expect((object?["message"] as? String)?.isEmpty == false)
            }
            try await expect(401, 16, json)
            try await expect(401, 16, json, ("Authorization", "Bearer wrong"))
            try await expect(403, 7, json, key, ("Host", "evil.example"))
            try await expect(403, 7, json, key, ("Sec-Fetch-Site", "cross-site"))
            try await expect(415, 3, key, ("Content-Type", "text/plain"))
            try await expect(415, 3, json, key, ("Content-Encoding", "br"))
            try await expect(
                413, 3, body: [UInt8](repeating: 0x20, count: 2_000), json, key)
            let binary = try await HTTP.post(
                "\(address)/v1/traces", [], headers: [("Content-Type", "application/x-protobuf")])
            #expect(binary.status == 401)
            #expect(binary.headers.first(name: "Content-Type") == "application/x-protobuf")
            #expect(binary.headers.first(name: "WWW-Authenticate") == "Bearer")
            #expect(binary.body.prefix(3) == [0x08, 16, 0x12])
            let slow = try await RawClient.exchange(
                port: running.address.port,
                send: [
                    """
                    POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r
                    Content-Type: application/json\r\nAuthorization: \(key.1)\r\n\r\n{
                    """
                ], until: { $0.contains("}") })
            #expect(slow.status == 408)
            #expect(slow.body.hasPrefix(#"{"code":4,"#), "\(slow.text)")
            #expect(slow.header("Connection") == "close")
            try await Self.expectCounts(
                address,
                [
                    "unauthorized": 2, "forbidden": 2, "unsupported_type": 2, "too_large": 1,
                    "timeout": 1,
                ])
        }
    }

    private static func expectCounts(
        _ address: String, _ expected: [String: Int]
    ) async throws {
        let text = try await HTTP.get(
            "\(address)/metrics",
            headers: [("Authorization", "Bearer \(InProcess.adminSecret)")]
        ).text
        for (reason, count) in expected {
            let line =
                #"perch_refused_records_total{source="otlp_logs",reason="\#(reason)"} \#(count)"#
            #expect(text.contains(line + "\n"), "no line \(line) in \(text)")
        }
    }

    /// A body that nobody reads does not keep the connection, and the answer arrives all the same.
    @Test func aRefusedBodyEndsTheConnection() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.bodyByteCountMax = 10_000 }
        ) { (running, _) async throws in
            let head =
                "POST /ingest/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
            let start = ContinuousClock.now
            let answer = try await RawClient.exchange(
                port: running.address.port,
                send: [head, String(repeating: " ", count: 100_000)], until: { _ in false })
            #expect(answer.status == 413, "\(answer.text)")
            #expect(answer.header("Connection") == "close")
            #expect(answer.isClosed)
            #expect(ContinuousClock.now - start < .seconds(12))
        }
    }

    /// Over the bound of all requests a sender is asked to come back, by a body that has not
    /// even arrived; when the room is free again it is taken.
    @Test func bodiesThatArriveAreBoundedTogether() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.headByteCountMax = 1 << 20 }
        ) { (running, address) async throws in
            let half = String(repeating: " ", count: 900_000)
            let head =
                "POST /ingest/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            async let slow = RawClient.exchange(
                port: running.address.port, send: [head, half], seconds: 2, until: { _ in false })
            try await Task.sleep(for: .milliseconds(700))
            let body = [UInt8](repeating: 0x20, count: 300_000)
            let refused = try await HTTP.post("\(address)/ingest/json", body)
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.headers.first(name: "Retry-After") != nil)
            _ = try await slow
            // The one that went away has given back what it took.
            var last = 0
            for _ in 0..<50 where last != 200 {
                last = try await HTTP.post("\(address)/ingest/json", body).status
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(last == 200)
        }
    }

    /// Forms of pages have a limit and a deadline too.
    @Test(arguments: ["/login", "/first-run", "/logout", "/nowhere"])
    func slowAndLargeFormsAreRefused(_ path: String) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.bodyTimeoutSeconds = 1 }
        ) { (running, address) async throws in
            let slow = try await RawClient.exchange(
                port: running.address.port,
                send: [
                    """
                    POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r
                    Content-Type: application/x-www-form-urlencoded\r\n\r\nname=
                    """
                ], seconds: 10, until: { $0.contains("\r\n\r\n") })
            #expect(slow.status == 408, "\(slow.text)")
            let large = try await HTTP.post(
                address + path, [UInt8](repeating: 0x61, count: 2 << 20))
            #expect(large.status == 413)
        }
    }
}
