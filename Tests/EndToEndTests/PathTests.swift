import AsyncHTTPClient
import Foundation
import NIOHTTP1
import PerchAccess
import PerchServer
import Testing

/// No spelling of a path, method or header opens a door that the plain one does not.
@Suite struct PathTests {
    private static func keysMode(_ configuration: inout PerchConfiguration) {
        configuration.auth = .keys
    }

    /// What is closed stays closed however its path is written; the client sends it as it is.
    @Test(arguments: [
        "/keys", "//keys", "/keys/", "/keys//", "/./keys", "/assets/../keys", "/assets/%2e%2e/keys",
        "/%2e%2e/keys", "/assets/..%2fkeys", "/assets%2f..%2fkeys", "/%6beys", "/keys%2f",
        "/keys%00", "/keys;a=b", "/KEYS", "/login/../keys", "/-/healthy/../flush", "/metrics",
        "//metrics", "/metrics/", "/%6detrics", "/api/v1/events/logs", "/api//v1/events/logs",
        "/api/v1/events%2flogs", "http://localhost/metrics", "/v1/../metrics", "/v1/%2e%2e/metrics",
    ])
    func noSpellingOpensADoor(_ path: String) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keysMode) {
            (running, _) async throws in
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
                let answer = try await Self.send(method, path, running)
                #expect(
                    [400, 401, 403, 404, 405].contains(answer.status),
                    "\(method) \(path): \(answer.text)")
                #expect(!answer.text.contains("perch_build_info"), "\(method) \(path)")
                // Nothing that needs a right is told apart from what is not there.
                #expect(!answer.body.contains("NDJSON"), "\(method) \(path)")
            }
            // An ingest key opens the doors of senders and nothing behind another spelling of them.
            let key = "Authorization: Bearer \(InProcess.ingestSecret)\r\n"
            for method in ["GET", "POST"] {
                let answer = try await Self.send(method, path, running, headers: key)
                #expect(
                    [400, 403, 404, 405].contains(answer.status),
                    "\(method) \(path): \(answer.text)")
            }
        }
    }

    private static func send(
        _ method: String, _ path: String, _ running: Server.Running, headers: String = ""
    ) async throws -> RawClient.Answer {
        try await RawClient.exchange(
            port: running.address.port,
            send: [
                "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Length: 0\r\n\(headers)\r\n"
            ], until: { _ in false })
    }

    /// HEAD needs what GET needs, and OPTIONS tells nothing.
    @Test func headAndOptionsOpenNothing() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keysMode) {
            (running, address) async throws in
            for path in ["/", "/logs", "/metrics", "/keys", "/-/flush", "/v1/logs"] {
                for method in ["HEAD", "OPTIONS"] {
                    let status = try await Self.send(method, path, running).status
                    #expect(status == 401, "\(method) \(path)")
                }
            }
            let admin = "Authorization: Bearer \(InProcess.adminSecret)\r\n"
            for path in ["/-/flush", "/-/reload"] {
                for method in ["GET", "HEAD", "OPTIONS"] {
                    let status = try await Self.send(method, path, running, headers: admin).status
                    #expect([404, 405].contains(status), "\(method) \(path)")
                }
            }
        }
    }

    /// After the login only pages of this server are gone to.
    @Test(arguments: [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/%5cevil.example", "/\t/evil.example", "http:evil.example",
        "/logs\r\nSet-Cookie: a=b", "///evil.example", "evil.example",
    ])
    func theLoginLeadsNowhereElse(_ next: String) async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keysMode) {
            (running, address) async throws in
            let browser = try await Browser(running, address)
            let answer = try await browser.post(
                "/login", ["name": "ada", "password": "correct horse", "next": next])
            #expect(answer.status == 303, "\(answer.text)")
            let location = answer.headers.first(name: "Location") ?? ""
            #expect(location.hasPrefix("/"), "\(location)")
            #expect(!location.hasPrefix("//") && !location.hasPrefix("/\\"), "\(location)")
            #expect(!location.contains { "\\\r\n\t".contains($0) }, "\(location)")
            #expect(answer.headers["Set-Cookie"].count { $0.hasPrefix("a=") } == 0)
            // The login page does not offer it either.
            let encoded = next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let page = try await HTTP.get("\(address)/login?next=\(encoded)").text
            // An escaped backslash stays a part of a path of ours.
            if next != "/%5cevil.example" { #expect(!page.contains("evil.example"), "\(page)") }
        }
    }

    /// A page of this server, by contrast, is gone to.
    @Test func theLoginLeadsToThePageThatWasWanted() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keysMode) {
            (running, address) async throws in
            let browser = try await Browser(running, address)
            let answer = try await browser.post(
                "/login", ["name": "ada", "password": "correct horse", "next": "/logs?q=a"])
            #expect(answer.headers.first(name: "Location") == "/logs?q=a")
        }
    }

    /// A form without the token of its own browser changes nothing.
    @Test func formsNeedTheirToken() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.keysMode) {
            (running, address) async throws in
            let browser = try await Browser(running, address)
            let login = ["name": "ada", "password": "correct horse"]
            for token in ["", "wrong", String(repeating: "0", count: 64)] {
                let answer = try await browser.post("/login", login, token: token)
                #expect(answer.status == 403)
                #expect(answer.headers["Set-Cookie"].allSatisfy { !$0.hasPrefix("perch_session=") })
            }
            let other = try await Browser(running, address, makesUser: false)
            let stolen = try await browser.post("/login", login, token: other.token)
            #expect(stolen.status == 403, "a token of another browser was taken")
            let session = try #require(
                try await running.access.login(
                    name: "ada", password: "correct horse", peer: "127.0.0.1"))
            let cookie = "perch_session=\(session)"
            for path in ["/keys", "/keys/revoke", "/logout"] {
                let answer = try await HTTP.post(
                    address + path, Array("name=a&kind=read&csrf=wrong".utf8),
                    headers: [("Cookie", cookie)])
                #expect(answer.status == 403, "\(path)")
            }
            #expect(try await running.access.keys().isEmpty)
        }
    }

    /// Wrong passwords count against the client that a trusted proxy tells of, not the proxy.
    @Test func theLoginLimitsClientsBehindATrustedProxy() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.auth = .keys
                $0.trustedProxies = ["127.0.0.1"]
            }
        ) { (running, address) async throws in
            let browser = try await Browser(running, address)
            func attempt(_ name: String, from client: String) async throws -> HTTP.Answer {
                let password = name == "ada" ? "correct horse" : "wrong horse"
                return try await browser.post(
                    "/login", ["name": name, "password": password],
                    headers: [("X-Forwarded-For", client)])
            }
            // Attempts are counted by the minute, which may end while this runs.
            var isStopped = false
            for round in 0..<5 where !isStopped {
                let client = "192.0.2.\(round + 10)"
                for number in 0..<11 { _ = try await attempt("nobody \(number)", from: client) }
                isStopped = try await attempt("ada", from: client).status == 401
            }
            #expect(isStopped)
            #expect(try await attempt("ada", from: "192.0.2.1").status == 303)
        }
    }

    /// In loopback mode the last address of a trusted proxy decides who is local.
    @Test func aTrustedProxyTellsWhoIsLocal() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.auth = .loopback
                $0.trustedProxies = ["127.0.0.1"]
            }
        ) { (_, address) async throws in
            func expect(_ status: Int, _ headers: (String, String)...) async throws {
                let answer = try await HTTP.get("\(address)/metrics", headers: headers)
                #expect(answer.status == status, "\(headers)")
            }
            try await expect(200, ("X-Forwarded-For", "127.0.0.1"))
            try await expect(200, ("X-Forwarded-For", "192.0.2.1, 127.0.0.1"))
            try await expect(401, ("X-Forwarded-For", "127.0.0.1, 192.0.2.1"))
            try await expect(401, ("Forwarded", "for=127.0.0.1, for=\"[2001:db8::1]:80\""))
            try await expect(200, ("Forwarded", "for=\"[::1]:80\""))
            try await expect(401, ("X-Forwarded-For", ""))
            try await expect(401, ("X-Forwarded-For", "127.0.0.1.evil.example"))
            // Two headers at once may contradict each other.
            try await expect(401, ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"))
        }
    }
}

/// A browser's side of a form: its cookie and the token of the login page.
private struct Browser {
    /// Shows a redirect instead of following it; lives as long as the tests.
    private static let client = HTTPClient(
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))

    let address: String
    let cookies: String
    let token: String

    init(_ running: Server.Running, _ address: String, makesUser: Bool = true) async throws {
        self.address = address
        if makesUser, let path = running.firstRunPath, let link = path.split(separator: "=").last {
            try await running.access.createFirstUser(
                token: String(link), name: "ada", password: "correct horse")
        }
        let page = try await HTTP.get("\(address)/login")
        cookies = page.headers["Set-Cookie"]
            .compactMap { $0.split(separator: ";").first.map(String.init) }
            .joined(separator: "; ")
        let mark = #"name="csrf" value=""#
        let start = try #require(page.text.range(of: mark)?.upperBound, "\(page.text)")
        token = String(page.text[start...].prefix { $0 != "\"" })
    }

    func post(
        _ path: String, _ form: [String: String], token: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> HTTP.Answer {
        var fields = form
        fields["csrf"] = token ?? self.token
        let body = fields.map { name, value in
            let text = value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "\(name)=\(text)"
        }
        return try await HTTP.send(
            "POST", address + path,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookies),
            ] + headers, body: Array(body.joined(separator: "&").utf8), client: Self.client)
    }
}
