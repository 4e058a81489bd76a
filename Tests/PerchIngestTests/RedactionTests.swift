import PerchModel
import PerchRegex
import Testing

@testable import PerchIngest

/// What detectors, names and patterns find, and what they leave alone (RED-1 to RED-8).
@Suite struct RedactionTests {
    static func redactor(
        _ change: (inout EventPolicySettings) -> Void
    ) throws -> Redactor {
        var settings = EventPolicySettings()
        change(&settings)
        return try #require(try Redactor(settings))
    }

    static func batch(_ texts: [String], kind: ColumnKind = .string) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for text in texts {
            builder.beginRow(timeNanos: 1, resource: resource)
            builder.set(.record, "body", kind == .json ? .json(text) : .string(text))
        }
        return builder.batch
    }

    static func redacted(_ text: String, _ redactor: Redactor, kind: ColumnKind = .string) -> String
    {
        var batch = batch([text], kind: kind)
        redactor.redact(&batch)
        return batch.value(of: FieldReference("body"), row: 0)?.text ?? ""
    }

    /// Texts in which what stands between the brackets must go and nothing else.
    static let corpus = [
        "login of ⟦anna.b+shop@example.co.uk⟧ failed", "mail <⟦a@b.de⟧>, ⟦x_y@sub.example.com⟧.",
        "cc=⟦jürgen@example.org⟧;", "{\"to\":\"⟦me@example.com⟧\"}", "smtp:⟦o'neil@example.ie⟧",
        "card ⟦4111 1111 1111 1111⟧ declined", "pan=⟦5500005555555559⟧", "⟦3782-822463-10005⟧ ok",
        "{\"pan\":\"⟦6011000990139424⟧\"}", "paid with ⟦2223003122003222⟧, thanks",
        "Authorization: Bearer ⟦abcdef0123456789.xyz⟧", "header bearer ⟦MTIzNDU2Nzg5MA==⟧ sent",
        "Basic ⟦dXNlcjpwYXNzd29yZA==⟧", "key ⟦AKIAIOSFODNN7EXAMPLE⟧ used",
        "⟦ghp_abcdefghijklmnopqrstuvwxyz0123456789⟧", "token=⟦glpat-abcdefghij0123456789⟧ x",
        "slack ⟦xoxb-123456789012-abcdefghij⟧", "stripe ⟦sk_live_abcdefghijklmnop⟧!",
        "jwt ⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r⟧ ok",
        "from ⟦10.1.12.120⟧", "⟦192.168.0.1⟧:8080 refused", "peer ⟦2001:db8::ff00:42:8329⟧ gone",
        "⟦::1⟧ and ⟦fe80::1⟧", "ip=⟦2001:0db8:0000:0000:0000:ff00:0042:8329⟧",
        "client ⟦203.0.113.7⟧, ⟦198.51.100.4⟧", "[⟦2001:db8::1⟧]:443", "at ⟦8.8.8.8⟧.",
    ]
    /// Texts that look a little like it and hold nothing.
    static let harmless = [
        "order 4111111111111112 shipped", "trace 4bf92f3577b34da6a3ce929d0e0e4736", "a @ b",
        "1795226366511604736 ns", "build 1.2.3", "version 10.0.19045.3693.1", "12:30:45 start",
        "2026-11-21T02:07:38.000000001Z", "std::vector<int>", "foo::bar::baz", "@Override",
        "ratio 1234567890123456.5", "user@host: no such file", "commit 3f2a9b81c0de",
        "GET /a/b?c=1 200 12ms", "basic auth is off", "the bearer of news", "300.1.2.3",
        "1.2.3.4.5",
        "00:1a:2b:3c:4d:5e", "sk-short", "eyJ", "req_9949977bd3f0a4e80eaa9a0a", "key=value",
        "12345678-1234-1234-1234-123456789012", "0000000000000000", "a::b", "10:20::", "v1.2.3.4a",
    ]

    /// Recall and precision over the corpus are both 1: 30 of 30 found, 0 false alarms.
    @Test func detectorsFindWhatTheyShould() throws {
        let redactor = try Self.redactor {
            $0.detectors = Set(EventPolicySettings.Detector.allCases)
        }
        var found = 0
        var wrong: [String] = []
        for text in Self.corpus {
            let plain = text.filter { $0 != "⟦" && $0 != "⟧" }
            var expected = ""
            var isInside = false
            for character in text {
                switch character {
                case "⟦":
                    isInside = true
                    expected += "[redacted]"
                    found += 1
                case "⟧": isInside = false
                default: if !isInside { expected.append(character) }
                }
            }
            let result = Self.redacted(plain, redactor)
            if result != expected { wrong.append("\(plain) -> \(result)") }
        }
        for text in Self.harmless where Self.redacted(text, redactor) != text {
            wrong.append("\(text) -> \(Self.redacted(text, redactor))")
        }
        #expect(found == 30)
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test func namedValuesGoFromTexts() throws {
        let redactor = try Self.redactor { $0.fields = ["password", "api_key", "authorization"] }
        for (text, expected) in [
            ("user=a password=hunter2 ok=1", "user=a password=[redacted] ok=1"),
            (#"{"Password":"a\"b","n":1}"#, #"{"Password":"[redacted]","n":1}"#),
            (#"{"user":{"apiKey" : "x"},"n":[1]}"#, #"{"user":{"apiKey" : "[redacted]"},"n":[1]}"#),
            (#"in {\"api-key\":\"x y\",\"b\":1}"#, #"in {\"api-key\":\"[redacted]\",\"b\":1}"#),
            ("GET /x?a=1&api_key=zz&b=2", "GET /x?a=1&api_key=[redacted]&b=2"),
            ("Authorization: Bearer abc def", "Authorization: [redacted] def"),
            ("user.password='a b' x", "user.password='[redacted]' x"),
            ("passwords are long: yes", "passwords are long: yes"),
            ("password", "password"), ("password=", "password="), ("password: ", "password: "),
        ] {
            #expect(Self.redacted(text, redactor) == expected)
        }
    }

    /// JSON stays JSON: a number becomes a string.
    @Test func jsonStaysJSON() throws {
        let redactor = try Self.redactor {
            $0.fields = ["pin"]
            $0.detectors = [.card]
        }
        for (text, expected) in [
            (#"{"pin":1234,"a":true}"#, #"{"pin":"[redacted]","a":true}"#),
            ("[4111111111111111,2]", #"["[redacted]",2]"#),
            (#"["see 4111111111111111, ok"]"#, #"["see [redacted], ok"]"#),
        ] {
            #expect(Self.redacted(text, redactor, kind: .json) == expected)
        }
    }

    @Test func fieldsByNameInAllPlaces() throws {
        var builder = EventBatchBuilder(dataset: .spans)
        let resource = builder.intern(
            Resource([
                .init(key: "db.password", value: .string("x")), .init(key: "a", value: .int(1)),
            ]))
        for row in 0..<3 {
            builder.beginRow(timeNanos: 1, resource: resource)
            builder.set(.attribute, "user.Token", row == 1 ? .int(42) : .string("t\(row)"))
            builder.set(.record, "events", .json(#"[{"name":"e","attributes":{"token":"q"}}]"#))
        }
        let names = ["token", "password"]
        var masked = builder.batch
        try Self.redactor { $0.fields = names }.redact(&masked)
        let token = FieldReference("user.Token")
        #expect((0..<3).allSatisfy { masked.value(of: token, row: $0) == .string("[redacted]") })
        #expect(masked.columns.count { $0.name == "user.Token" } == 1)
        #expect(masked.resources[0]["db.password"] == .string("[redacted]"))
        #expect(masked.resources[0]["a"] == .int(1))
        #expect(
            masked.value(of: FieldReference("events"), row: 0)
                == .json(#"[{"name":"e","attributes":{"token":"[redacted]"}}]"#))
        var dropped = builder.batch
        try Self.redactor {
            $0.fields = names
            $0.action = .drop
        }.redact(&dropped)
        #expect(dropped.value(of: token, row: 0) == nil)
        #expect(dropped.resources[0]["db.password"] == nil)
        var hashed = builder.batch
        try Self.redactor {
            $0.fields = names
            $0.action = .hash
            $0.hashKey = "0123456789abcdef"
        }.redact(&hashed)
        let values = (0..<3).map { hashed.value(of: token, row: $0)?.text ?? "" }
        #expect(Set(values).count == 3)
        #expect(values.allSatisfy { $0.hasPrefix("h:") && $0.utf8.count == 18 })
    }

    @Test func ownPatterns() throws {
        let redactor = try Self.redactor { $0.patterns = [#"anon-[0-9]+"#, #"\bSSN \d{3}"#] }
        #expect(
            Self.redacted("by anon-12, anon-7; SSN 123", redactor)
                == "by [redacted], [redacted]; [redacted]")
        #expect(throws: RegexFailure.self) { try Self.redactor { $0.patterns = ["("] } }
    }
}
