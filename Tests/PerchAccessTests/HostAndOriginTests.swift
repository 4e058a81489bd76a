import PerchAccess
import Testing

@Suite struct HostAndOriginTests {
    /// DNS rebinding: a page's own name must not reach a loopback listener.
    @Test(
        arguments: [
            ("localhost", true), ("localhost:9700", true), ("LocalHost:9700", true),
            ("localhost.", true), ("127.0.0.1:9700", true), ("127.1.2.3", true),
            ("[::1]:9700", true),
            ("[::1]", true), ("[::ffff:127.0.0.1]:9700", true), ("perch.example", true),
            ("PERCH.example:443", true), ("perch.example.", true), ("[2001:db8::1]:9700", true),
            ("192.0.2.9:9700", true),
            (nil, false), ("", false), (":9700", false), ("evil.example", false),
            ("localhost.evil.example", false), ("evil.example:9700", false),
            ("127.0.0.1.evil.example", false), ("[::1]evil.example", false), ("[::1", false),
            ("localhost:evil", false), ("localhost@evil.example", false), ("0.0.0.0:9700", false),
            ("[::]:9700", false), ("127.0.0.1:9700:1", false), ("127.1", false),
            ("2130706433", false),
            ("0x7f.0.0.1", false), ("127.0.0.256", false), ("127.+0.0.1", false),
            ("perch.example.evil", false), ("notperch.example", false), ("192.0.2.10", false),
        ] as [(String?, Bool)])
    func hosts(_ header: String?, _ expected: Bool) {
        let check = HostCheck(hosts: [
            "Perch.example", "2001:db8::1", "0.0.0.0", "::", "192.0.2.9:9700",
        ])
        #expect(check.accepts(header) == expected)
    }

    struct Row: Sendable {
        var method = "POST"
        var site: String?
        var origin: String?
        var referer: String?
        var host: String? = "perch.example:9700"
        var expected: Bool
    }

    @Test(arguments: [
        // A program says nothing of itself.
        Row(expected: true),
        Row(site: "same-origin", expected: true),
        Row(site: "none", expected: true),
        Row(site: "same-site", expected: false),
        Row(site: "cross-site", expected: false),
        Row(site: "", expected: false),
        // The site wins: a browser that sends it cannot be made to lie.
        Row(site: "cross-site", origin: "http://perch.example:9700", expected: false),
        Row(origin: "http://perch.example:9700", expected: true),
        Row(origin: "https://PERCH.example:9700", expected: true),
        Row(origin: "http://evil.example", expected: false),
        Row(origin: "http://perch.example", expected: false),
        Row(origin: "http://evil.example/perch.example:9700", expected: false),
        Row(origin: "null", expected: false),
        Row(origin: "", expected: false),
        Row(origin: "http://perch.example:9700", host: nil, expected: false),
        Row(referer: "http://perch.example:9700/keys?x=1", expected: true),
        Row(referer: "http://evil.example/perch.example:9700", expected: false),
        Row(referer: "http://perch.example:9700@evil.example/", expected: false),
        Row(method: "PUT", site: "cross-site", expected: false),
        Row(method: "DELETE", origin: "http://evil.example", expected: false),
        Row(method: "PATCH", site: "cross-site", expected: false),
        // What changes nothing may come from anywhere: links must work.
        Row(method: "GET", site: "cross-site", expected: true),
        Row(method: "HEAD", origin: "http://evil.example", expected: true),
        Row(method: "get", site: "cross-site", expected: false),
    ])
    func origins(_ row: Row) {
        #expect(
            OriginCheck.accepts(
                method: row.method, secFetchSite: row.site, origin: row.origin,
                referer: row.referer, host: row.host) == row.expected)
    }
}
