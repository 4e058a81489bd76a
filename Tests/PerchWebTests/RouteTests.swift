// These need a product of Hummingbird that only a test target that names it may import.
#if canImport(HummingbirdTesting)
    import HTTPTypes
    import Hummingbird
    import HummingbirdTesting
    import NIOCore
    import PerchWeb
    import Testing

    @Suite("Routes of pages")
    struct RouteTests {
        private typealias Context = BasicRequestContext

        /// Everyone is who their header says; the form token is always "good".
        private static func access() -> WebAccess<Context> {
            WebAccess(
                visitor: { request, _ in
                    let name = HTTPField.Name("X-Test-User").flatMap { request.headers[$0] }
                    return Visitor(
                        name: name, canRead: name != "nobody" && name != nil, isAdmin: name == "ada"
                    )
                },
                formGuard: { _, _ in FormGuard(token: "good", setCookie: "perch_form=good") },
                checkCSRF: { _, _, token in token == "good" },
                login: { _, _, name, password in
                    name == "ada" && password == "lovelace"
                        ? .done(setCookie: "perch_session=1")
                        : .refused("Name or password is wrong.")
                },
                logout: { _, _ in .done(setCookie: "perch_session=; Max-Age=0") },
                isFirstRunToken: { $0 == "once" },
                setFirstPassword: { _, _, _, _, password in
                    password.count < 10
                        ? .refused("Too short.") : .done(setCookie: "perch_session=1")
                },
                listKeys: { [] },
                createKey: { name, kind in .created(secret: "perch_\(kind.rawValue)_\(name)") },
                revokeKey: { $0 == "k1" ? .done(setCookie: nil) : .refused("No such key.") },
                makeSecret: { "secret" }, hash: { "hash of " + $0 })
        }

        private static func app() -> some ApplicationProtocol {
            let router = Router(context: Context.self)
            let documents = MemoryPages()
            WebRoutes(
                events: Fixture.events, samples: Fixture.samples, labels: Fixture.samples,
                documents: documents,
                dashboards: DashboardLibrary(
                    documents: documents, builtIn: [("minimal", Array(Fixture.dashboard.utf8))]
                ) { [] }, access: access(), version: "0",
                report: { _ in }, now: { Fixture.now }
            ).add(to: router)
            return Application(router: router)
        }

        private static func user(_ name: String) -> HTTPFields {
            guard let field = HTTPField.Name("X-Test-User") else { return [:] }
            return [field: name]
        }

        @Test(
            "Every page answers, with the policy of pages",
            arguments: [
                ("/", "Errors of the last hour"), ("/services/shop-api", "Operations"),
                ("/map", "payments"), ("/dashboards", "Starter"), ("/d/minimal", "hx-get"),
                ("/d/minimal?edit=1", "data-add-panel"),
                ("/cardinality", "Labels by values"),
                ("/logs?q=level:error", "records"),
                ("/logs?q=(", "cannot be read"), ("/logs?view=patterns", "Over time"),
                ("/logs?view=live", "data-tail"), ("/logs?q=%7C+count", "420"),
                ("/logs/context?service=worker&time=1795239900000000000", "each side"),
                ("/logs/saved?at=%2Flogs%3Fq%3Dx", "Save"),
                ("/traces?errors=1", "POST /orders"), ("/traces?order=slowest", "slowest first"),
                ("/traces/funnel?step=kind:server&step=status:error", "of all"),
                ("/traces/funnel?step=(&step=a", "cannot be read"),
                ("/explore?metric=queue_length", "data-chart"),
                ("/about", "Perch 0"), ("/about/licences", "Apache"), ("/login", "Sign in"),
                ("/first-run?token=once", "Welcome"), ("/first-run?token=no", "no longer works"),
                ("/keys", "New key"),
            ])
        func pages(_ path: String, _ words: String) async throws {
            try await Self.app().test(.router) { client in
                let response = try await client.execute(
                    uri: path, method: .get, headers: Self.user("ada"))
                #expect(response.status == .ok)
                #expect(String(buffer: response.body).contains(words))
                #expect(
                    response.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'self'")
                        == true)
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }

        @Test("A search is saved, listed for everyone, and deleted again")
        func savedSearches() async throws {
            try await Self.app().test(.router) { client in
                func post(_ path: String, _ body: String, _ user: String) async throws -> Int {
                    let response = try await client.execute(
                        uri: path, method: .post, headers: Self.user(user),
                        body: ByteBuffer(string: body))
                    return response.status.code
                }
                func page(_ path: String) async throws -> String {
                    let response = try await client.execute(
                        uri: path, method: .get, headers: Self.user("ada"))
                    return String(buffer: response.body)
                }
                let form = "csrf=good&name=Slow+ones&at=%2Flogs%3Fq%3Dslow"
                let deletion = "csrf=good&name=Slow+ones"
                let saved = try await post("/logs/saved", form, "ada")
                let after = try await page("/logs")
                #expect(saved == 303 && after.contains("Slow ones"))
                for (body, user, status) in [
                    ("name=x&at=%2Flogs", "ada", 403), ("csrf=good&name=&at=%2Flogs", "ada", 400),
                    ("csrf=good&name=x&at=%2Fkeys", "ada", 400), (form, "bob", 403),
                ] {
                    let answer = try await post("/logs/saved", body, user)
                    #expect(answer == status, "\(body) by \(user)")
                }
                let refused = try await post("/logs/saved/delete", deletion, "bob")
                let deleted = try await post("/logs/saved/delete", deletion, "ada")
                let end = try await page("/logs")
                #expect(refused == 403 && deleted == 303 && !end.contains("Slow ones"))
            }
        }

        @Test("A search box is answered with JSON")
        func completion() async throws {
            try await Self.app().test(.router) { client in
                let response = try await client.execute(
                    uri: "/logs/complete?q=level%3Aer", method: .get, headers: Self.user("ada"))
                #expect(
                    String(buffer: response.body)
                        == #"{"replaced":2,"options":[{"text":"error ","note":""}]}"#)
                let stranger = try await client.execute(
                    uri: "/logs/complete?q=l", method: .get, headers: Self.user("nobody"))
                #expect(stranger.status == .forbidden)
            }
        }

        @Test("DB-17, DB-18: a dashboard is saved unchanged, with a version, and shared read-only")
        func dashboardFiles() async throws {
            try await Self.app().test(.router) { client in
                var headers = Self.user("ada")
                headers[.contentType] = "application/json"
                let file = "{ \"title\": \"Till\",  \"panels\": [] }\n"
                let saved = try await client.execute(
                    uri: "/api/v1/dashboards?version=0", method: .post, headers: headers,
                    body: ByteBuffer(string: file))
                #expect(String(buffer: saved.body) == "{\"uid\":\"till\",\"version\":1}\n")
                let exported = try await client.execute(
                    uri: "/api/v1/dashboards/till", method: .get, headers: headers)
                #expect(String(buffer: exported.body) == file)
                let late = try await client.execute(
                    uri: "/api/v1/dashboards/till?version=0", method: .put, headers: headers,
                    body: ByteBuffer(string: file))
                #expect(late.status == .conflict)
                let wrong = try await client.execute(
                    uri: "/api/v1/dashboards", method: .post, headers: headers,
                    body: ByteBuffer(string: "{\"title\": "))
                #expect(wrong.status == .badRequest)
                let shared = try await client.execute(
                    uri: "/api/v1/dashboards/till/share", method: .post, headers: headers)
                #expect(shared.status == .created)
                #expect(String(buffer: shared.body).contains("/share/secret"))
                let stranger = try await client.execute(uri: "/share/secret", method: .get)
                #expect(stranger.status == .ok)
                #expect(!String(buffer: stranger.body).contains("Go to"))
                let guess = try await client.execute(uri: "/share/other", method: .get)
                #expect(guess.status == .notFound)
                let listed = try await client.execute(
                    uri: "/api/v1/dashboards/till/share", method: .get, headers: headers)
                let list = String(buffer: listed.body)
                #expect(list.contains(#""author":"ada""#) && !list.contains("/share/"))
                let id = try #require(list.firstMatch(of: /"id":"([^"]+)"/)?.1)
                for (other, status) in [("other", 404), ("till", 204), ("till", 404)] {
                    let revoked = try await client.execute(
                        uri: "/api/v1/dashboards/\(other)/share/\(id)", method: .delete,
                        headers: headers)
                    #expect(revoked.status.code == status)
                }
                let revoked = try await client.execute(uri: "/share/secret", method: .get)
                #expect(revoked.status == .notFound)
                let gone = try await client.execute(
                    uri: "/api/v1/dashboards/till", method: .delete, headers: headers)
                #expect(gone.status == .noContent)
            }
        }

        @Test("A trace has an address; an unknown one is not found")
        func traces() async throws {
            let id = Fixture.traceID(4).map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }.joined()
            try await Self.app().test(.router) { client in
                let headers = Self.user("ada")
                let found = try await client.execute(
                    uri: "/trace/\(id)", method: .get, headers: headers)
                #expect(found.status == .ok)
                #expect(String(buffer: found.body).contains("exception"))
                let missing = try await client.execute(
                    uri: "/trace/ff", method: .get, headers: headers)
                #expect(missing.status == .notFound)
            }
        }

        @Test("Without the right a page is refused, or leads to signing in and back")
        func rights() async throws {
            try await Self.app().test(.router) { client in
                let stranger = try await client.execute(uri: "/logs?q=a", method: .get)
                #expect(stranger.status == .seeOther)
                #expect(stranger.headers[.location] == "/login?next=%2Flogs%3Fq%3Da")
                let refused = try await client.execute(
                    uri: "/logs", method: .get, headers: Self.user("nobody"))
                #expect(refused.status == .forbidden)
                let reader = try await client.execute(
                    uri: "/keys", method: .get, headers: Self.user("bob"))
                #expect(reader.status == .forbidden)
            }
        }

        @Test(
            "Forms change something only with the token, and end in a redirect",
            arguments: [
                ("/login", "csrf=bad&name=ada&password=lovelace", 403, nil),
                ("/login", "csrf=good&name=ada&password=wrong", 401, nil),
                ("/login", "csrf=good&name=ada&password=lovelace", 303, "/"),
                ("/login", "csrf=good&name=ada&password=lovelace&next=%2Flogs", 303, "/logs"),
                ("/login", "csrf=good&name=ada&password=lovelace&next=%2F%2Fevil.test", 303, "/"),
                ("/logout", "csrf=good", 303, "/login"),
                (
                    "/first-run", "csrf=good&token=once&name=a&password=longenough1&again=x", 200,
                    nil
                ),
                ("/first-run", "csrf=good&token=once&name=a&password=short&again=short", 200, nil),
                (
                    "/first-run",
                    "csrf=good&token=once&name=a&password=longenough1&again=longenough1", 303, "/"
                ),
                ("/keys", "csrf=good&name=ci&kind=ingest", 200, nil),
                ("/keys", "name=ci&kind=ingest", 403, nil),
                ("/keys/revoke", "csrf=good&id=k1", 303, "/keys"),
                ("/keys/revoke", "csrf=good&id=k9", 200, nil),
            ] as [(String, String, Int, String?)])
        func forms(_ path: String, _ body: String, _ status: Int, _ location: String?) async throws
        {
            try await Self.app().test(.router) { client in
                let response = try await client.execute(
                    uri: path, method: .post, headers: Self.user("ada"),
                    body: ByteBuffer(string: body))
                #expect(response.status.code == status)
                #expect(response.headers[.location] == location)
                if path == "/keys", status == 200 {
                    #expect(String(buffer: response.body).contains("perch_ingest_ci"))
                }
            }
        }

        @Test("A form over the limit is refused")
        func largeForm() async throws {
            try await Self.app().test(.router) { client in
                let response = try await client.execute(
                    uri: "/login", method: .post,
                    body: ByteBuffer(
                        string: "csrf=good&name=" + String(repeating: "x", count: 70_000)))
                #expect(response.status == .contentTooLarge)
            }
        }

        @Test("Assets are kept for a year under their version only")
        func assets() async throws {
            let version = try #require(AssetTable.find("perch.css")).version
            try await Self.app().test(.router) { client in
                let kept = try await client.execute(
                    uri: "/assets/perch.css?v=\(version)", method: .get)
                #expect(kept.headers[.cacheControl]?.contains("immutable") == true)
                #expect(kept.headers[.contentType] == "text/css; charset=utf-8")
                let plain = try await client.execute(uri: "/assets/perch.css", method: .get)
                #expect(plain.headers[.cacheControl]?.contains("immutable") == false)
                let missing = try await client.execute(uri: "/assets/none.js", method: .get)
                #expect(missing.status == .notFound)
            }
        }
    }
#endif
