import PerchLogQL
import PerchModel
import Testing

private func parse(_ text: String) throws -> EventPredicate { try SearchParser.parse(text) }

private func pattern(_ text: String) -> TextPattern { TextPattern(text) { _ in false } }

private let number = FieldReference("severity_number", space: .record)
private let service = FieldReference("service.name", space: .resource)
private let duration = FieldReference("duration", space: .record)

@Suite("The search language")
struct SearchParserTests {
    @Test(
        "LOG-22: texts mean predicates",
        arguments: [
            ("", .all),
            ("   ", .all),
            ("*", .all),
            ("timeout", .anyText("timeout")),
            ("time*", .anyText("time")),
            ("\"timed out\"", .anyText("timed out")),
            (#""say \"hi\" \\ back""#, .anyText(#"say "hi" \ back"#)),
            ("12:30:45", .anyText("12:30:45")),
            ("https://perch.test/a?b=1", .anyText("https://perch.test/a?b=1")),
            ("a - b", .and([.anyText("a"), .anyText("-"), .anyText("b")])),
            ("service:api", .equals(service, "api")),
            ("service=api", .equals(service, "api")),
            ("service:ap*", .hasPrefix(service, "ap")),
            (
                "service:unknown_service",
                .or([
                    .equals(service, "unknown_service"), .not(.exists(service)),
                    .equals(service, ""),
                ])
            ),
            ("http.route:\"/a b\"", .equals(FieldReference("http.route"), "/a b")),
            ("http.route:/users/:id", .equals(FieldReference("http.route"), "/users/:id")),
            ("path:*cart*", .contains(FieldReference("path"), "cart")),
            ("user:*", .exists(FieldReference("user"))),
            ("user:\"*\"", .equals(FieldReference("user"), "*")),
            ("body:timeout", .contains(FieldReference("body", space: .record), "timeout")),
            ("trace_id:ABCDEF", .equals(FieldReference("trace_id"), "abcdef")),
            ("trace_id:job-7A", .equals(FieldReference("trace_id"), "job-7A")),
            ("retries>=3", .compares(FieldReference("retries"), .greaterOrEqual, 3)),
            ("retries:>3", .compares(FieldReference("retries"), .greater, 3)),
            ("temperature<-3.5", .compares(FieldReference("temperature"), .less, -3.5)),
            (
                "duration>1.5s",
                .or([
                    .compares(duration, .greater, 1_500_000_000),
                    .matches(FieldReference("duration"), pattern("duration>1500000000.0")),
                ])
            ),
            ("duration>5", .compares(FieldReference("duration"), .greater, 5)),
            (
                "duration_ms>250",
                .or([
                    .compares(FieldReference("duration_ms"), .greater, 250),
                    .compares(duration, .greater, 250_000_000),
                ])
            ),
            ("latency_ms>1.5s", .compares(FieldReference("latency_ms"), .greater, 1500)),
            ("took>1s", .matches(FieldReference("took"), pattern("duration>1000000000.0"))),
            (
                "size>=10KB",
                .or([
                    .compares(FieldReference("size"), .greaterOrEqual, 10_000),
                    .matches(FieldReference("size"), pattern("size>=10000.0")),
                ])
            ),
            (
                "status:error",
                .or([
                    .equals(FieldReference("status_code", space: .record), "2"),
                    .equals(FieldReference("status"), "error"),
                ])
            ),
            ("-a", .not(.anyText("a"))),
            ("NOT a", .not(.anyText("a"))),
            ("not a", .and([.anyText("not"), .anyText("a")])),
            ("-x:y", .not(.equals(FieldReference("x"), "y"))),
            ("x!=y", .not(.equals(FieldReference("x"), "y"))),
            ("x:1", .or([.equals(FieldReference("x"), "1"), .equals(FieldReference("x"), "1.0")])),
            (
                "x:-1.0",
                .or([.equals(FieldReference("x"), "-1.0"), .equals(FieldReference("x"), "-1")])
            ),
            ("x:\"1\"", .equals(FieldReference("x"), "1")),
            ("zip:0042", .equals(FieldReference("zip"), "0042")),
            ("x~^a|b$", .matches(FieldReference("x"), pattern("~^a|b$"))),
            ("x=~\"a b\"", .matches(FieldReference("x"), pattern("~a b"))),
            ("x!~b", .not(.matches(FieldReference("x"), pattern("~b")))),
            ("x:/a*/b", .matches(FieldReference("x"), pattern("*/a*/b"))),
            ("x:*b", .matches(FieldReference("x"), pattern("**b"))),
            (
                "x:[1 TO 2}",
                .and([
                    .compares(FieldReference("x"), .greaterOrEqual, 1),
                    .compares(FieldReference("x"), .less, 2),
                ])
            ),
            ("x:[1 TO *]", .compares(FieldReference("x"), .greaterOrEqual, 1)),
            ("x:[* TO *]", .exists(FieldReference("x"))),
            ("x:[1]", .equals(FieldReference("x"), "[1]")),
            ("x:{\"a\":1}", .equals(FieldReference("x"), "{\"a\":1}")),
            (
                "x:1..2",
                .and([
                    .compares(FieldReference("x"), .greaterOrEqual, 1),
                    .compares(FieldReference("x"), .lessOrEqual, 2),
                ])
            ),
            ("x:..2", .compares(FieldReference("x"), .lessOrEqual, 2)),
            ("x:a..b", .equals(FieldReference("x"), "a..b")),
            (
                "x:(a OR b c)",
                .or([
                    .equals(FieldReference("x"), "a"),
                    .and([.equals(FieldReference("x"), "b"), .equals(FieldReference("x"), "c")]),
                ])
            ),
            ("\"a b\":c", .equals(FieldReference("a b"), "c")),
            ("a b", .and([.anyText("a"), .anyText("b")])),
            ("a AND b", .and([.anyText("a"), .anyText("b")])),
            ("a OR b c", .or([.anyText("a"), .and([.anyText("b"), .anyText("c")])])),
            ("(a OR b) c", .and([.or([.anyText("a"), .anyText("b")]), .anyText("c")])),
            ("(x:y)", .equals(FieldReference("x"), "y")),
            ("x:f(1)", .equals(FieldReference("x"), "f(1)")),
        ] as [(String, EventPredicate)])
    func meaning(_ text: String, _ expected: EventPredicate) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        "Mistakes name their place",
        arguments: [
            ("level:", 6, "a value after “level:”", "the end"),
            ("a AND", 5, "a word, “quoted text” or field:value", "the end"),
            ("OR a", 0, "a word, “quoted text” or field:value", "“OR”"),
            ("(a", 2, "a closing parenthesis for the one at character 1", "the end"),
            ("a)", 1, "a term, AND, OR or the end", "“)”"),
            ("x:\"open", 7, "a closing quote for the one at character 3", "the end"),
            (
                "status>=abc", 8, "a number, a duration such as 250ms or a size such as 10MB",
                "“abc”"
            ),
            (
                "a status>=inf", 10, "a number, a duration such as 250ms or a size such as 10MB",
                "“inf”"
            ),
            ("x:[1 TO 2", 9, "] or } after the range that begins at character 3", "the end"),
            ("x:[1 2]", 6, "two values with TO between them, such as [400 TO 499]", "“]”"),
            ("x:(a", 4, "a closing parenthesis for the one at character 3", "the end"),
            ("x:()", 3, "a value of “x:”", "“)”"),
            ("x~(", 2, "a regular expression (missing closing ): `(`)", "“(”"),
            ("time:-1h", 0, "no time in this place", "“time:”"),
            ("a | count", 2, "a term, AND, OR or the end", "“|”"),
            (
                "level>=loud", 7, "trace, debug, info, warn, error, fatal or a severity number",
                "“loud”"
            ),
            ("duration>5parsec", 9, "a duration such as 250ms, 1.5s or 2m", "“5parsec”"),
            (":x", 0, "a field's name before the operator, or quoted text", "“:”"),
            // A space before an operator leaves it without a field.
            ("retries < 3", 8, "a field's name before the operator, or quoted text", "“<”"),
            ("é (", 3, "a word, “quoted text” or field:value", "the end"),
        ])
    func mistakes(_ text: String, _ position: Int, _ expected: String, _ found: String) {
        let failure = #expect(throws: SearchFailure.self) { try SearchParser.parse(text) }
        #expect(failure?.position == position)
        #expect(failure?.expected == expected)
        #expect(failure?.found == found)
    }

    @Test(
        "What was meant is offered where it is near",
        arguments: [
            ("level>=wran", "warn"), ("level>=eror", "error"), ("retries < 3", "retries<3"),
            ("a && b", "AND"), ("a || b", "OR"),
        ])
    func hints(_ text: String, _ hint: String) {
        let failure = #expect(throws: SearchFailure.self) { try SearchParser.parse(text) }
        #expect(failure?.hint == hint)
        #expect(failure?.description.hasSuffix("; did you mean \(hint)?") == true)
    }

    @Test("Nothing is offered where nothing is near", arguments: ["level>=loud", "a level>=xyz"])
    func noHints(_ text: String) {
        let failure = #expect(throws: SearchFailure.self) { try SearchParser.parse(text) }
        #expect(failure.map { $0.hint == nil } == true)
    }

    @Test("A level is a range of numbers, or a word when there is no number")
    func levels() throws {
        guard case .or(let parts) = try parse("level:error"),
            case .and(let range) = parts.first, case .and(let words) = parts.last
        else {
            Issue.record("level:error has another shape")
            return
        }
        #expect(
            range == [.compares(number, .greaterOrEqual, 17), .compares(number, .lessOrEqual, 20)])
        #expect(words.first == .not(.compares(number, .greaterOrEqual, 1)))
        #expect(try parse("level:err") == parse("level:error"))
        #expect(try parse("level:ERROR") == parse("severity:error"))
        #expect(try parse("level>=17") == .compares(number, .greaterOrEqual, 17))
        guard case .or(let above) = try parse("level>=warn"), case .and(let wide) = above.first
        else {
            Issue.record("level>=warn has another shape")
            return
        }
        #expect(
            wide == [.compares(number, .greaterOrEqual, 13), .compares(number, .lessOrEqual, 24)])
        // Nothing is above fatal.
        #expect(try parse("level>fatal") == .not(.all))
    }

    @Test("Hostile texts throw or parse, and never trap")
    func hostile() {
        let texts = [
            String(repeating: "(", count: 4_000), String(repeating: "-", count: 4_000) + "a",
            String(repeating: "NOT ", count: 1_000), String(repeating: "a ", count: 2_000),
            String(repeating: "x", count: 100_000), "\"", "\\", "\"\\", "\u{0}", "a:\u{0}", "((((",
            "))))", ">>>>", "a>", "a>=", "a:<", "a:=", "-", "!", "- -", "-(", "*:*", "a:**", "**",
            "\u{202e}:x", "👩‍👩‍👧‍👦:👩‍👩‍👧‍👦", "e\u{301}:1", "a:1e999", "duration>1e308h", "level:\u{1F4A9}",
        ]
        for text in texts { _ = try? SearchParser.parse(text) }
        #expect(throws: SearchFailure.self) { try SearchParser.parse(texts[0]) }
        #expect(throws: SearchFailure.self) { try SearchParser.parse(texts[1]) }
        #expect(throws: SearchFailure.self) { try SearchParser.parse(texts[3]) }
        #expect(throws: SearchFailure.self) { try SearchParser.parse(texts[4]) }
    }

    @Test("Any mix of pieces either parses or fails inside the text")
    func mixes() {
        let pieces = [
            "a", "x:", "x>=", "1", "\"", "(", ")", "-", "AND", "OR", "NOT", " ", "*", "\\", ":",
            "é", "|", "~", "!=", "[", "]", " TO ", "time:", "..", "{",
        ]
        var state: UInt64 = 7
        for _ in 0..<5_000 {
            var text = ""
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            do {
                _ = try SearchParser.parse(text)
            } catch {
                #expect((0...text.count).contains(error.position), "\(text): \(error)")
            }
        }
    }

    @Test(
        "Terms written by us are read back as they were meant",
        arguments: ["api", "a b", "a\"b\\c", "x*", "", "(", "-a", "OR", "<script>", "a\nb", "5>3"])
    func terms(_ value: String) throws {
        let text = SearchText.term("field", value)
        #expect(try parse(text) == .equals(FieldReference("field"), value))
        #expect(
            try parse(SearchText.term(value + " f", value))
                == .equals(FieldReference(value + " f"), value))
    }
}
