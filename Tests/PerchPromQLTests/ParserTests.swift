import PerchModel
import PerchPromQL
import Testing

@Suite struct ParserTests {
    /// Source: Prometheus' parser, whose messages people search for.
    @Test(arguments: [
        ("", "unknown position: parse error: no expression found in input"),
        ("1+", "1:3: parse error: unexpected end of input"),
        (".", "1:1: parse error: unexpected character: '.'"),
        ("2.5.", "1:1: parse error: bad number or duration syntax: \"2.5.\""),
        ("(1", "1:3: parse error: unclosed left parenthesis"),
        ("1)", "1:2: parse error: unexpected right parenthesis ')'"),
        ("*test", "1:1: parse error: unexpected <op:*>"),
        ("foo{", "1:5: parse error: unexpected end of input inside braces"),
        (
            "foo{a}",
            "1:6: parse error: unexpected \"}\" in label matching, expected label matching operator"
        ),
        ("foo{a=1}", "1:7: parse error: unexpected character inside braces: '1'"),
        (
            "foo{a='b' c='d'}",
            "1:11: parse error: unexpected identifier \"c\" in label matching, expected \",\" or \"}\""
        ),
        (
            "foo{__name__=\"bar\"}",
            "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\""
        ),
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        (
            "{x=~\".*\"}",
            "1:1: parse error: vector selector must contain at least one non-empty matcher"
        ),
        ("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier"),
        (
            "1 and 1",
            "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"
        ),
        (
            "foo or on(bar) group_left(baz) bar",
            "1:1: parse error: no grouping allowed for \"or\" operation"
        ),
        (
            "foo and 1",
            "1:1: parse error: set operator \"and\" not allowed in binary scalar expression"
        ),
        (
            "foo + bool bar",
            "1:5: parse error: bool modifier can only be used on comparison operators"
        ),
        (
            "foo + on(a) group_left(a) bar",
            "1:5: parse error: label \"a\" must not occur in ON and GROUP clause at once"
        ),
        (
            "rate(foo)",
            "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector"
        ),
        ("rate(foo[5m], 1)", "1:1: parse error: expected 1 argument(s) in call to \"rate\", got 2"),
        (
            "label_join(foo)",
            "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 1"
        ),
        (
            "round(foo, 1, 2)",
            "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3"
        ),
        ("nope(foo)", "1:1: parse error: unknown function with name \"nope\""),
        ("sum(foo,)", "1:8: parse error: trailing commas not allowed in function call args"),
        ("sum()", "1:1: parse error: no arguments for aggregate expression provided"),
        (
            "topk(foo)",
            "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"
        ),
        ("sum foo", "1:5: parse error: unexpected identifier \"foo\" in aggregation"),
        ("sum(foo) by (a) by (b)", "1:17: parse error: unexpected <by>"),
        ("foo[5m", "1:7: parse error: unclosed left bracket"),
        ("foo[0m]", "1:5: parse error: duration must be greater than 0"),
        ("foo[5m5m]", "1:5: parse error: not a valid duration string: \"5m5m\""),
        ("foo[5m] offset 1h[3m]", "1:18: parse error: ranges only allowed for vector selectors"),
        ("(foo + bar)[5m]", "1:12: parse error: ranges only allowed for vector selectors"),
        ("foo offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times"),
        ("foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times"),
        (
            "1 offset 1d",
            "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
        ),
        ("foo @ bar", "1:7: parse error: unexpected identifier \"bar\" in @, expected timestamp"),
        (
            "-\"a\"",
            "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\""
        ),
        (
            "foo[5m][5m:1m]",
            "1:1: parse error: subquery is only allowed on instant vector, got matrix instead"
        ),
        ("sum(\nfoo bar)", "2:5: parse error: unexpected identifier \"bar\""),
        ("\"a", "1:1: parse error: unterminated quoted string"),
    ])
    func mistakesAreNamed(_ query: String, _ message: String) {
        let failure = #expect(throws: ParseFailure.self) { try Parser.parse(query) }
        #expect(failure?.description == message)
    }

    /// The normal form of a query is read back as the same query.
    @Test(arguments: [
        ("1+2*3", "1 + 2 * 3"),
        ("-foo^2", "-foo ^ 2"),
        ("-1^2", "-1 ^ 2"),
        ("2^3^2", "2 ^ 3 ^ 2"),
        ("a-b-c", "a - b - c"),
        ("sum by(job)(rate(x_total[5m]))", "sum by (job) (rate(x_total[5m]))"),
        ("sum(x) without (a,\"b.c\")", "sum without (a, \"b.c\") (x)"),
        ("topk(5,x)", "topk(5, x)"),
        ("{\"my.metric\",\"a.b\"=\"c\"}", "{\"a.b\"=\"c\",__name__=\"my.metric\"}"),
        ("x{b='2',a!~\"1\"}", "x{a!~\"1\",b=\"2\"}"),
        ("x offset -90m @ end()", "x @ end() offset -1h30m"),
        ("x[90s] @ 1.5", "x[1m30s] @ 1.500"),
        ("rate(x[5m])[1h:] offset 1d", "rate(x[5m])[1h:] offset 1d"),
        ("x[step()+5m]", "x[step() + 5m]"),
        ("a == bool on(x) group_left(y) b", "a == bool on (x) group_left (y) b"),
        ("a + ignoring(x) b", "a + ignoring (x) b"),
        ("a + fill_left(1) fill_right(2) b", "a + fill_left (1) fill_right (2) b"),
        ("h </ 5", "h </ 5"),
        ("1e3", "1000"),
        ("0x1F", "31"),
        ("1h30m", "1h30m"),
        ("Inf", "+Inf"),
        ("'a\\x41\\n'", "\"aA\\n\""),
        ("# note\nfoo # more", "foo"),
        ("sum", "sum"),
        ("by + offset", "by + offset"),
        ("info(x, {a=~\".+\"})", "info(x, {a=~\".+\"})"),
    ])
    func textIsNormal(_ query: String, _ text: String) throws {
        let expression = try Parser.parse(query)
        #expect(expression.text == text)
        #expect(try Parser.parse(expression.text).text == text)
    }

    @Test func longQueriesBecomeLines() throws {
        let name = String(repeating: "n", count: 60)
        let query =
            "sum by (job) (rate(\(name)_total[5m])) / sum by (job) (rate(\(name)_count[5m]))"
        #expect(
            try Parser.parse(query).prettyText == """
                  sum by (job) (rate(\(name)_total[5m]))
                /
                  sum by (job) (rate(\(name)_count[5m]))
                """)
    }

    /// Nothing that is typed may exhaust the stack.
    @Test(arguments: ["(", "-", "sum(", "a[1m:", "x + ", "foo or "])
    func depthIsBounded(_ part: String) {
        let query = String(repeating: part, count: 20_000) + "x"
        #expect(throws: ParseFailure.self) { try Parser.parse(query) }
    }

    /// Every prefix, and every byte changed, is read or refused, and never traps.
    @Test func damageIsRefused() {
        let query =
            "sum by (a, \"b\") (rate({\"x\", c=~\"d.*\"}[5m:1m] offset -1h @ 1.5)) >= bool on(a) "
            + "group_left(e) fill(0) topk(0x1F, 'y\\n\\u00e9') ^ -1e-3 unless f[step()*2:min_of(1,2m)]"
        let bytes = Array(query.utf8)
        for length in 0..<bytes.count {
            _ = try? Parser.parse(String(decoding: bytes[..<length], as: UTF8.self))
        }
        for index in bytes.indices {
            for byte in [0, 0x22, 0x28, 0x5b, 0x7b, 0x7d, 0xff] as [UInt8] {
                var damaged = bytes
                damaged[index] = byte
                _ = try? Parser.parse(String(decoding: damaged, as: UTF8.self))
            }
        }
    }

    @Test func selectorsOfTheAPI() throws {
        let matchers = try Parser.parseSelector("up{job!=\"a\"}")
        let name = LabelMatcher("__name__", .equal, "up")
        #expect(matchers == [LabelMatcher("job", .notEqual, "a"), name])
        #expect(throws: ParseFailure.self) { try Parser.parseSelector("up + up") }
        #expect(throws: ParseFailure.self) { try Parser.parseSelector("up[5m]") }
        #expect(throws: ParseFailure.self) { try Parser.parseSelector("{a=~\"(\"}") }
    }
}
