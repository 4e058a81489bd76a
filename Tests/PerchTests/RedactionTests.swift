import Logging
import Testing

@testable import Perch

/// What must not leave the process (RED-1 to RED-8).
struct RedactionTests {
    @Test("RED-3: denied fields, whatever their case")
    func deniedFields() {
        let lines = Lines()
        logger(logSystem(lines)).info(
            "x",
            metadata: [
                "apiKey": "k1secret", "Set-Cookie": "k2secret",
                "nested": ["password": "k3secret", "fine": "yes"],
            ])
        #expect(!lines.text.contains("secret"))
        #expect(lines.text.contains("yes"))
    }

    @Test("RED-1: with an allow list only listed fields keep their values")
    func allowList() {
        let lines = Lines()
        let log = logger(logSystem(lines) { $0.redaction.allowedFields = ["shop_id"] })
        log.info("x", metadata: ["shop_id": "42shop", "anon_id": "hidden1", "other": "hidden2"])
        #expect(lines.text.contains("42shop"))
        #expect(!lines.text.contains("hidden"))
    }

    @Test(
        "RED-2, RED-8: detectors mask what they are for",
        arguments: [
            ("mail ann.b+c@shop.example.org now", "mail [redacted] now"),
            ("a@b", "a@b"),
            ("card 4111 1111 1111 1111.", "card [redacted]."),
            ("card 4111111111111112", "card 4111111111111112"),
            ("order 0000000000000000", "order 0000000000000000"),
            ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [redacted]"),
            ("key sk_live_abcdefghijkl end", "key [redacted] end"),
            ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
            ("risk_live is fine", "risk_live is fine"),
        ])
    func detectors(_ text: String, _ expected: String) {
        let redaction = Redaction()
        #expect((redaction.masked(text) ?? text) == expected)
    }

    @Test("RED-4: values of the environment that are called secrets")
    func environment() {
        var redaction = Redaction()
        redaction.secrets = Redaction.secrets(in: [
            "DB_PASSWORD": "correct horse", "HOME": "/home/app", "API_KEY": "short",
        ])
        #expect(
            redaction.masked("login with correct horse failed") == "login with [redacted] failed")
        #expect(redaction.masked("in /home/app") == nil)
    }

    @Test("Texts of any bytes come back or are masked, and never trap")
    func anyText() {
        var generator = SystemRandomNumberGenerator()
        let redaction = Redaction()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                "aB.@4-1 =Bearer_sk\u{e4}".utf8.randomElement(using: &generator) ?? 0
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let masked = redaction.masked(text) ?? text
            // What was masked once holds nothing more to mask but the mask itself.
            #expect(!masked.isEmpty || text.isEmpty)
        }
    }

    @Test("What is not looked at closely would not have been masked")
    func suspicion() {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "bearer abcdefgh1", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcd", "sk_live_12345678",
            "4111 1111 1111 1111", "ann@x.org", "AKIAABCDEFGHIJKL", " ", "-", "x", "basket",
            "12", "=", "é", "ghp_abcdefghijklmnopqrstu", "Basic dXNlcjpwYXNz", "xoxb-123456-abc",
        ]
        var quiet = 0
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            guard !Detector.isSuspicious(text) else { continue }
            quiet += 1
            var bytes = Array(text.utf8)
            #expect(!Detector.maskEmail(in: &bytes) && !Detector.maskCards(in: &bytes), "\(text)")
            #expect(!Detector.maskTokens(in: &bytes), "\(text)")
        }
        #expect(quiet > 200)
    }
}
