import Foundation
import NIOHTTP1
import PerchServer
import Testing

/// What browsers are told to open and to carry.
@Suite struct BrowserAddressTests {
    @Test(arguments: [
        ("127.0.0.1:9700", "{}", "http://127.0.0.1:9700"),
        ("0.0.0.0:9700", "tls: {cert: c, key: k}", "https://localhost:9700"),
        ("[::]:9700", "behind_proxy: true", "http://localhost:9700"),
        ("0.0.0.0:9700", "{behind_proxy: true, hosts: [perch.example]}", "https://perch.example"),
        (
            "0.0.0.0:443", "{tls: {cert: c, key: k}, hosts: [perch.example]}",
            "https://perch.example:443"
        ),
        ("127.0.0.1:9700", "hosts: ['perch.example:80']", "http://perch.example:80"),
        ("[::1]:9700", "hosts: ['fd00::1']", "http://[fd00::1]:9700"),
    ])
    func theFirstRunLinkCanBeOpened(_ listen: String, _ file: String, _ expected: String) throws {
        let configuration = try ConfigurationReader.read(
            text: file, file: "perch.yml", environment: ["PERCH_LISTEN": listen])
        let address = try #require(ListenAddress(listen))
        #expect(configuration.publicAddress(of: address) == expected)
    }

    /// Snippets on pages name the scheme by which the reader came.
    @Test func behindAProxyPagesShowTheProxysScheme() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                $0.auth = .loopback
                $0.behindProxy = true
                $0.trustedProxies = ["127.0.0.1"]
                $0.hosts = ["perch.example"]
            }
        ) { (_, address) async throws in
            let token = "Bearer \(InProcess.adminSecret)"
            var headers = [("Host", "perch.example"), ("Authorization", token)]
            #expect(try await HTTP.get(address, headers: headers).text.contains("=http://perch."))
            headers.append(("X-Forwarded-Proto", "https"))
            headers.append(("X-Forwarded-For", "192.0.2.1"))
            #expect(try await HTTP.get(address, headers: headers).text.contains("=https://perch."))
        }
    }

    /// The token in the sign-in form of one browser is worth nothing in another.
    @Test func formsBeforeSigningInBelongToOneBrowser() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: { $0.auth = .loopback }) {
            (_, address) async throws in
            func form() async throws -> (token: String, cookie: String) {
                let page = try await HTTP.get("\(address)/login")
                let cookie = try #require(page.headers.first(name: "Set-Cookie"))
                #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
                let token = try #require(
                    page.text.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/))
                return (
                    String(token.1), String(try #require(cookie.split(separator: ";").first))
                )
            }
            func signIn(_ token: String, _ cookie: String?) async throws -> Int {
                try await HTTP.post(
                    "\(address)/login",
                    Array("csrf=\(token)&name=ada&password=wrong-password".utf8),
                    headers: cookie.map { [("Cookie", $0)] } ?? []
                ).status
            }
            let mine = try await form()
            let theirs = try await form()
            #expect(mine.token != theirs.token)
            #expect(try await signIn(mine.token, mine.cookie) == 401, "wrong password only")
            #expect(try await signIn(theirs.token, mine.cookie) == 403)
            #expect(try await signIn(mine.token, nil) == 403)
            #expect(try await signIn(mine.token, "perch_form=") == 403)
            // With its cookie a browser gets the same token again, and no new cookie.
            let again = try await HTTP.get("\(address)/login", headers: [("Cookie", mine.cookie)])
            #expect(again.text.contains(mine.token))
            #expect(again.headers.first(name: "Set-Cookie") == nil)
        }
    }

    /// A browser sees a page with a way back; a program gets the status and no page.
    @Test func anUnknownAddressIsAnsweredWithAPage() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let page = try await HTTP.get(
                "\(address)/nowhere", headers: [("Accept", "text/html,*/*")])
            #expect(page.status == 404)
            #expect(page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
            #expect(page.text.contains("</html>"))
            let bare = try await HTTP.get("\(address)/nowhere")
            #expect(bare.status == 404)
            #expect(!bare.text.contains("</html>"))
        }
    }
}
