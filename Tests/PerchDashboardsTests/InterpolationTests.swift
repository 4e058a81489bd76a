import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

/// The formats as Grafana's page "Variable syntax" shows them, one after the other.
@Suite struct InterpolationTests {
    private static func scope(_ values: [String], isList: Bool = true) -> VariableScope {
        var scope = VariableScope(range: DashboardFiles.range)
        scope.set(
            VariableScope.Value(
                name: "servers", values: values, isList: isList, isPattern: isList))
        scope.setBuiltIn("__from", "1594671549254")
        scope.setBuiltIn("__interval", "15s")
        scope.paths["__dashboard.uid"] = "abc"
        return scope
    }

    private static func text(
        _ template: String, _ values: [String], isList: Bool = true,
        policy: Interpolator.Policy = .text
    ) -> String {
        Interpolator(scope: scope(values, isList: isList), policy: policy).text(template)
    }

    @Test(arguments: [
        ("csv", ["test1", "test2"], "test1,test2"),
        ("distributed", ["test1", "test2"], "test1,servers=test2"),
        ("doublequote", ["test1", "test2"], #""test1","test2""#),
        ("doublequote", [#"te"st1"#], #""te\"st1""#),
        ("glob", ["test1", "test2"], "{test1,test2}"),
        ("glob", ["test1"], "test1"),
        ("json", ["test1", "test2"], #"["test1","test2"]"#),
        ("lucene", ["test1", "test2"], #"("test1" OR "test2")"#),
        ("lucene", ["a:b"], #"("a\:b")"#),
        ("lucene", [], "__empty__"),
        ("percentencode", ["foo()bar BAZ", "test2"], "%7Bfoo%28%29bar%20BAZ%2Ctest2%7D"),
        ("pipe", ["test1.", "test2"], "test1.|test2"),
        ("queryparam", ["test1", "test 2"], "var-servers=test1&var-servers=test%202"),
        ("customqueryparam:s:x", ["a", "b"], "s=xa&s=xb"),
        ("raw", ["test1", "test2"], "test1,test2"),
        ("regex", ["test1.", "test2"], #"(test1\.|test2)"#),
        ("regex", ["a/b"], #"a\/b"#),
        ("singlequote", ["test1", "test2"], "'test1','test2'"),
        ("singlequote", ["te'st"], #"'te\'st'"#),
        ("sqlstring", ["test'1", "test2"], "'test''1','test2'"),
        ("text", ["test1", "test2"], "test1 + test2"),
        ("join:-", ["a", "b"], "a-b"),
        ("html", ["<a>", "b"], "&lt;a&gt;, b"),
        ("unknown", ["a", "b"], "{a,b}"),
    ])
    func aFormat(_ format: String, _ values: [String], _ result: String) {
        #expect(Self.text("${servers:\(format)}", values) == result)
        #expect(Self.text("a[[servers:\(format)]]b", values) == "a\(result)b")
    }

    @Test(arguments: [
        ("percentencode", "foo()bar BAZ", "foo%28%29bar%20BAZ"), ("json", "a", "a"),
        ("lucene", "a b", #"a\ b"#), ("regex", "a.b", #"a\.b"#), ("csv", "a", "a"),
        ("sqlstring", "a'b", "'a''b'"), ("uriencode", "/a b?c", "/a%20b?c"),
    ])
    func aFormatOfASingleValue(_ format: String, _ value: String, _ result: String) {
        #expect(Self.text("${servers:\(format)}", [value], isList: false) == result)
    }

    @Test(arguments: [
        ("${__from}", "1594671549254"), ("${__from:date}", "2020-07-13T20:19:09.254Z"),
        ("${__from:date:iso}", "2020-07-13T20:19:09.254Z"),
        ("${__from:date:seconds}", "1594671549"), ("${__from:date:YYYY-MM}", "2020-07"),
        ("${__from:date:YYYY-MM-DD HH:mm:ss}", "2020-07-13 20:19:09"),
        ("${__dashboard.uid}", "abc"), ("$__interval", "15s"),
        ("${__url_time_range}", "from=1763755200000&to=1763758800000"),
        ("?${__all_variables}", "?var-servers=a&var-servers=b"),
    ])
    func aNameOfGrafanaItself(_ template: String, _ result: String) {
        #expect(Self.text(template, ["a", "b"]) == result)
    }

    @Test(arguments: [
        ("$unknown ${unknown} [[unknown]] $", "$unknown ${unknown} [[unknown]] $"),
        ("$serversx", "$serversx"), ("$servers-1", "a-1"), ("${servers", "${servers"),
        ("[[servers", "[[servers"), ("x[0]", "x[0]"), ("$$servers", "$a"), ("${}", "${}"),
    ])
    func whatIsNoReferenceStays(_ template: String, _ result: String) {
        #expect(Self.text(template, ["a"], isList: false) == result)
    }

    /// Several values are alternatives of a regular expression, escaped for it and for its string.
    @Test(arguments: [
        (["a.b", "c"], true, #"up{x=~"(a\\.b|c)"}"#), (["a.b"], true, #"up{x=~"a\\.b"}"#),
        ([#"a\b"#], true, #"up{x=~"a\\\\b"}"#), (["a.b"], false, #"up{x=~"a.b"}"#),
        ([#"a"b\c"#], false, #"up{x=~"a\"b\\c"}"#),
    ])
    func promQLEscapes(_ values: [String], _ isList: Bool, _ result: String) {
        #expect(
            Self.text(#"up{x=~"$servers"}"#, values, isList: isList, policy: .prometheus)
                == result)
    }

    @Test func logQLJoinsWithoutParentheses() {
        #expect(Self.text("$servers", ["a.b", "c"], policy: .loki) == #"a\\.b|c"#)
    }

    @Test func aMatcherOfATextBoxStaysOne() {
        #expect(
            Self.text("{$servers}", [#"job="api""#], isList: false, policy: .prometheus)
                == #"{job="api"}"#)
    }

    /// What is more than one matcher, or less, is escaped as any text.
    @Test(arguments: [
        #"x="} or secret{a=""#, #"x="a",y="b""#, #"x="a\""#, #"x="a" "#, #"="a""#, #"x"a""#,
        #"x="a"# + "\"\u{301}} or b{c=\"",
    ])
    func whatIsNoSingleMatcherIsEscaped(_ value: String) {
        let text = Self.text("$servers", [value], isList: false, policy: .prometheus)
        var isEscaped = false
        var quotes = 0
        for scalar in text.unicodeScalars {
            if scalar == "\"", !isEscaped { quotes += 1 }
            isEscaped = scalar == "\\" && !isEscaped
        }
        // `x="} or secret{a="` is one matcher with an odd value.
        #expect(quotes == (value.hasSuffix("{a=\"") ? 2 : 0), "\(text)")
    }

    @Test(arguments: [#"job=~"a\"b|c""#, #"a!="""#, #"a!~"x""#])
    func aMatcherMayHaveEscapes(_ value: String) {
        #expect(
            Self.text("{$servers}", [value], isList: false, policy: .prometheus)
                == "{\(value)}")
    }

    @Test func anAllOfTheFilesOwnIsPutInAsItIs() {
        var scope = Self.scope(["a"])
        scope.set(
            VariableScope.Value(
                name: "job", values: ["x.y", "z"], isList: true, isPattern: true, allValue: ".+",
                isAll: true))
        let interpolator = Interpolator(scope: scope, policy: .prometheus)
        #expect(interpolator.text("$job ${job:text} ${job:regex}") == ".+ All .+")
        #expect(interpolator.text("${job:queryparam}") == "var-job=%24__all")
    }

    @Test func anAllThatNamesItselfEnds() {
        var scope = Self.scope(["a"])
        scope.set(
            VariableScope.Value(
                name: "a", values: [], isList: true, isPattern: true,
                allValue: String(repeating: "$a", count: 1_000), isAll: true))
        let text = Interpolator(scope: scope, policy: .prometheus).text("$a")
        #expect(text.utf8.count <= 2 * Limits.interpolatedByteCountMax)
    }

    @Test func manyBracketsCostLittle() {
        let text = String(repeating: "[[${", count: 50_000)
        #expect(Self.text(text, ["a"]) == text)
    }
}
