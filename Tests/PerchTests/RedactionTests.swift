import Logging
import PerchModel
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
            ("to DE89 3704 0044 0532 0130 00 today", "to [redacted] today"),
            ("GB29NWBK60161331926819.", "[redacted]."),
            ("DE89370400440532013001", "DE89370400440532013001"),
            ("call +49 170 1234567 now", "call [redacted] now"),
            ("call (555) 123-4567x89", "call [redacted]x89"),
            ("001-555-123-4567", "[redacted]"), ("SSN 123-45-6789", "SSN [redacted]"),
            ("took 123 45 6789 ns", "took 123 45 6789 ns"),
            ("2026-01-31 23:59:59", "2026-01-31 23:59:59"),
            ("192.168.100.200", "192.168.100.200"), ("order 1234567890", "order 1234567890"),
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

    @Test("RED-4: a secret that begins like another, at the end, or alone, is found")
    func needles() {
        var redaction = Redaction()
        redaction.secrets = ["abcdefgh", "abcdefghij", "ärgerlich"]
        #expect(redaction.masked("xabcdefghij") == "x[redacted]")
        #expect(redaction.masked("abcdefghi") == "[redacted]i")
        #expect(redaction.masked("ärgerlich") == "[redacted]")
        #expect(redaction.masked("abcdefg") == nil)
        #expect(redaction.masked("") == nil)
    }

    @Test("RED-2, GDPR-2: with a key the same person leaves the same hash, and no name")
    func hashed() {
        let lines = Lines()
        let log = logger(logSystem(lines) { $0.redaction.hashKey = "k" })
        log.info("for ann@x.org", metadata: ["password": "hunter22"])
        log.info("again ann@x.org, not bob@x.org")
        let marks = lines.text.split(separator: "[hash:").dropFirst().map { $0.prefix(16) }
        #expect(marks.count == 4)
        #expect(lines.all.last?.contains("again [hash:") == true)
        #expect(Set(marks).count == 3)
        #expect(!lines.text.contains("@"))
        #expect(!lines.text.contains("hunter22"))
    }

    @Test("RED-2: the hash is HMAC with SHA-256, as RFC 4231 has it")
    func rfc4231() {
        let short = KeyedHash("Jefe").code(of: Array("what do ya want for nothing?".utf8))
        #expect(
            Hex.encode(short)
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let key = String(repeating: "\u{0b}", count: 20)
        #expect(
            Hex.encode(KeyedHash(key).code(of: Array("Hi There".utf8)))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            Hex.encode(SHA256.hash(Array(String(repeating: "a", count: 1000).utf8)))
                == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
    }

    @Test("RED-8: an event has its own rules: mail addresses for logins alone")
    func policy() {
        let lines = Lines()
        var mail = Redaction()
        mail.masksEmail = false
        let log = logger(logSystem(lines) { $0.redactionByEvent["login"] = mail })
        log.info("by ann@x.org", metadata: ["event": "login", "password": "hunter22"])
        log.info("by ann@x.org", metadata: ["event": "order"])
        #expect(lines.all.first?.contains("ann@x.org") == true)
        #expect(lines.all.last?.contains("ann@x.org") == false)
        #expect(!lines.text.contains("hunter22"))
    }

    @Test("RED-6: the application's own rule has the last word on all texts")
    func rewrite() {
        let lines = Lines()
        let log = logger(
            logSystem(lines) { options in
                options.redaction.rewrite = { text in
                    text.contains("Projekt X") ? "[internal]" : nil
                }
            })
        log.info("about Projekt X", metadata: ["note": "Projekt X", "mail": "ann@x.org"])
        #expect(!lines.text.contains("Projekt X"))
        #expect(lines.text.contains("[internal]"))
        #expect(lines.text.contains("\"mail\":\"[redacted]\""))
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
            "12", "=", "é", "DE89 3704 0044 0532 0130 00", "+49 170 1234567", "555-123-4567",
            "123-45-6789", "ghp_abcdefghijklmnopqrstu", "Basic dXNlcjpwYXNz", "xoxb-123456-abc",
        ]
        var quiet = 0
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            guard !Detector.isSuspicious(text.utf8.span) else { continue }
            quiet += 1
            var detector = Detector(text: Array(text.utf8))
            detector.maskEmail()
            detector.maskCards()
            detector.maskTokens()
            detector.maskAccounts()
            detector.maskPhones()
            #expect(!detector.isChanged, "\(text)")
        }
        #expect(quiet > 200)
    }
}
