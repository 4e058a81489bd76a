import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import PerchAccess
import PerchServer
import Testing

/// Who may do what over HTTP, and what a hostile client gets.
///
/// Source: design, section 11.
@Suite struct SafetyTests {
    private static let admin = ("Authorization", "Bearer \(InProcess.adminSecret)")
    private static let ingest = ("Authorization", "Bearer \(InProcess.ingestSecret)")
    private static let line = Array("{\"level\":\"info\",\"msg\":\"hello\"}".utf8)

    @Test func loopbackModeNeedsACredentialForAdminOnly() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .loopback }) {
            (_, address) async throws in
            func expect(
                _ expected: Int, _ method: String, _ path: String,
                _ header: (String, String)? = nil
            ) async throws {
                let status = try await HTTP.send(
                    method, address + path, headers: header.map { [$0] } ?? [],
                    body: method == "POST" ? Self.line : nil
                ).status
                #expect(status == expected, "\(method) \(path) \(header?.0 ?? "")")
            }
            try await expect(200, "POST", "/ingest/json")
            try await expect(200, "GET", "/api/v1/events/logs")
            try await expect(200, "GET", "/metrics")
            try await expect(401, "POST", "/-/flush")
            try await expect(200, "POST", "/-/flush", Self.admin)
            try await expect(403, "POST", "/-/flush", Self.ingest)
            try await expect(401, "POST", "/-/flush", ("Authorization", "Bearer wrong"))
            // A wrong credential is refused even where none is needed.
            try await expect(401, "POST", "/ingest/json", ("Authorization", "Bearer wrong"))
            // Forwarded by somebody who is not a trusted proxy: not a loopback peer any more.
            try await expect(401, "GET", "/metrics", ("X-Forwarded-For", "127.0.0.1"))
            try await expect(401, "GET", "/metrics", ("Forwarded", "for=10.0.0.1"))
            try await expect(
                400, "GET", "/api/v1/events/logs?from=2&to=1")
            try await expect(400, "GET", "/api/v1/export?start=2&end=1")
            try await expect(401, "GET", "/keys")
            try await expect(401, "GET", "//keys/")
            try await expect(404, "GET", "/%6beys")
            try await expect(200, "GET", "/-/healthy", ("X-Forwarded-For", "1.1.1.1"))
        }
    }

    @Test func keysModeNeedsACredentialForEverything() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .keys }) {
            (running, address) async throws in
            #expect(try await HTTP.post("\(address)/ingest/json", Self.line).status == 401)
            #expect(try await HTTP.get("\(address)/metrics").status == 401)
            let key = try await running.access.createKey(.ingest, name: "till")
            let headers = [("Authorization", "Bearer \(key)")]
            #expect(
                try await HTTP.post("\(address)/ingest/json", Self.line, headers: headers).status
                    == 200)
            #expect(try await HTTP.get("\(address)/metrics", headers: headers).status == 403)
            let basic = Data("x:\(InProcess.adminSecret)".utf8).base64EncodedString()
            #expect(
                try await HTTP.get(
                    "\(address)/metrics", headers: [("Authorization", "Basic \(basic)")]
                ).status == 200)
        }
    }

    @Test func foreignHostsAndOriginsAreRefused() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.hosts = ["perch.example"] }
        ) { (_, address) async throws in
            func expectGet(_ expected: Int, _ host: String) async throws {
                let status = try await HTTP.get("\(address)/metrics", headers: [("Host", host)])
                    .status
                #expect(status == expected, "\(host)")
            }
            try await expectGet(403, "evil.example")
            try await expectGet(403, "127.0.0.1.evil.example")
            try await expectGet(200, "localhost:9700")
            try await expectGet(200, "perch.example")
            func expectPost(_ expected: Int, _ name: String, _ value: String) async throws {
                let status = try await HTTP.post(
                    "\(address)/ingest/json", Self.line, headers: [(name, value)]
                ).status
                #expect(status == expected, "\(name): \(value)")
            }
            try await expectPost(403, "Origin", "https://evil.example")
            try await expectPost(403, "Sec-Fetch-Site", "cross-site")
            try await expectPost(200, "Sec-Fetch-Site", "same-origin")
            try await expectPost(200, "Origin", address)
        }
    }

    @Test func everyAnswerCarriesThePageHeaders() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            for path in ["/", "/logs", "/traces", "/metrics", "/nowhere", "/assets/perch.css"] {
                let answer = try await HTTP.get(address + path)
                let policy = answer.headers.first(name: "Content-Security-Policy") ?? ""
                #expect(policy.contains("default-src 'self'"), "\(path)")
                #expect(answer.headers.first(name: "X-Content-Type-Options") == "nosniff")
            }
        }
    }

    @Test func largeBodiesAndHeadersAreRefused() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.bodyByteCountMax = 10_000 }
        ) { (_, address) async throws in
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: 10_001)
            #expect(try await HTTP.post("\(address)/ingest/json", body).status == 413)
            let header = String(repeating: "h", count: 40_000)
            let status = try? await HTTP.get("\(address)/metrics", headers: [("X-Long", header)])
                .status
            #expect(status == nil || status == 431 || status == 400)
            #expect(try await HTTP.get("\(address)/-/healthy").status == 200)
        }
    }

    /// A client that begins a body and never ends it gets 408, and others are served meanwhile.
    @Test func slowBodiesTimeOut() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.bodyTimeoutSeconds = 1 }
        ) { (running, address) async throws in
            let head =
                "POST /ingest/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
            async let slow = RawClient.exchange(port: running.address.port, send: head)
            #expect(try await HTTP.get("\(address)/-/healthy").status == 200)
            let answer = try await slow
            #expect(answer.hasPrefix("HTTP/1.1 408"), "\(answer)")
        }
    }

    @Test func silentConnectionsAreClosed() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.idleTimeoutSeconds = 1 }
        ) { (running, _) async throws in
            let answer = try await RawClient.exchange(
                port: running.address.port, send: "GET /metrics HTTP/1.1\r\nHost: loc")
            #expect(answer.isEmpty)
        }
    }

    /// One connection over the limit waits until another ends.
    @Test func connectionsAreLimited() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.limits.connectionsMax = 1
                $0.limits.idleTimeoutSeconds = 1
            }
        ) { (running, address) async throws in
            async let silent = RawClient.exchange(port: running.address.port, send: "GET / HT")
            try await Task.sleep(for: .milliseconds(200))
            let clock = ContinuousClock()
            let start = clock.now
            let status = try await HTTP.get("\(address)/-/healthy").status
            #expect(status == 200)
            #expect(clock.now - start > .milliseconds(300), "it did not wait")
            _ = try await silent
        }
    }

    /// Bytes that are no HTTP end the connection and nothing else.
    @Test func garbageHarmsNobody() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.limits.idleTimeoutSeconds = 1 }
        ) { (running, address) async throws in
            for garbage in [
                "\u{16}\u{3}\u{1}\0\0", "GET\r\n\r\n", "\r\n\r\n\r\n", "A\0B / HTTP/9\r\n\r\n",
            ] {
                _ = try? await RawClient.exchange(port: running.address.port, send: garbage)
            }
            #expect(try await HTTP.get("\(address)/-/healthy").status == 200)
        }
    }

    @Test func theFirstAdministratorLogsInByTheLink() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .loopback }) {
            (running, address) async throws in
            let path = try #require(running.firstRunPath)
            let token = try #require(path.split(separator: "=").last)
            #expect(running.access.isFirstRunToken(String(token)))
            try await running.access.createFirstUser(
                token: String(token), name: "ada", password: "correct horse")
            #expect(!running.access.isFirstRunToken(String(token)))
            let session = try #require(
                try await running.access.login(
                    name: "ada", password: "correct horse", peer: "127.0.0.1"))
            #expect(
                try await running.access.login(
                    name: "ada", password: "wrong horse", peer: "127.0.0.1") == nil)
            let cookie = [("Cookie", "perch_session=\(session)")]
            #expect(try await HTTP.get("\(address)/keys", headers: cookie).status == 200)
            #expect(
                try await HTTP.get("\(address)/keys", headers: [("Cookie", "perch_session=ff")])
                    .status == 401)
        }
    }
}
