@testable import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

@Suite struct VariableTests {
    private static func dashboard(_ variables: String) throws -> Dashboard {
        try Dashboard(text: #"{"title": "t", "templating": {"list": [\#(variables)]}}"#)
    }

    private static func state(
        _ variables: String, address: String = "", values: [String] = ["a", "b", "c"]
    ) async throws -> VariableState {
        await VariableState.resolve(
            try dashboard(variables), address: FormParameters(address),
            range: DashboardFiles.range
        ) { _, _ in .values(values) }
    }

    private static func question(_ query: String, type: String = "prometheus") async throws
        -> VariableQuestion?
    {
        let asked = Asked()
        let list = """
            {"name": "cluster", "type": "constant", "query": "eu"},
            {"name": "v", "type": "query", "query": \(query), "datasource": {"type": "\(type)", "uid": "x"}}
            """
        _ = await VariableState.resolve(
            try dashboard(list), address: FormParameters(""), range: DashboardFiles.range
        ) { question, _ in
            await asked.add(question)
            return .values([])
        }
        return await asked.questions.last
    }

    private actor Asked {
        var questions: [VariableQuestion] = []
        func add(_ question: VariableQuestion) { questions.append(question) }
    }

    @Test(arguments: [
        (#""label_values(job)""#, VariableQuestion.labelValues(label: "job", selector: "")),
        (
            #""label_values(up{cluster=\"$cluster\", x=~\"a,b\"}, job)""#,
            .labelValues(label: "job", selector: #"up{cluster="eu", x=~"a,b"}"#)
        ),
        (#""label_names()""#, .labelNames(selector: "")),
        (#""metrics(node_.*)""#, .metricNames(pattern: "node_.*")),
        (#""query_result(topk(3, up))""#, .queryResult(expression: "topk(3, up)")),
        (#""up{a=\"b\"}""#, .series(selector: #"up{a="b"}"#)),
        (
            #"{"query": "label_values(up, job)", "refId": "A"}"#,
            .labelValues(label: "job", selector: "up")
        ),
    ])
    func aQuestionForPrometheus(_ query: String, _ question: VariableQuestion) async throws {
        #expect(try await Self.question(query) == question)
    }

    @Test(arguments: [
        (
            #"{"label": "app", "stream": "{cluster=\"$cluster\"}", "type": 1}"#,
            VariableQuestion.lokiLabelValues(label: "app", selector: #"{cluster="eu"}"#)
        ),
        (#"{"label": "", "stream": "", "type": 0}"#, .lokiLabelNames),
        (#""label_values({a=\"b\"}, app)""#, .lokiLabelValues(label: "app", selector: #"{a="b"}"#)),
        (#""label_names()""#, .lokiLabelNames),
    ])
    func aQuestionForLoki(_ query: String, _ question: VariableQuestion) async throws {
        #expect(try await Self.question(query, type: "loki") == question)
    }

    @Test func aVariableWaitsForThoseItAsksWith() async throws {
        let asked = Asked()
        let list = """
            {"name": "pod", "type": "query", "query": "label_values(up{ns=\\"$ns\\"}, pod)"},
            {"name": "ns", "type": "query", "query": "label_values(up{c=\\"$c\\"}, ns)"},
            {"name": "c", "type": "custom", "query": "one,two", "current": {"value": "two"}}
            """
        let state = await VariableState.resolve(
            try Self.dashboard(list), address: FormParameters("var-ns=b"),
            range: DashboardFiles.range
        ) { question, _ in
            await asked.add(question)
            return .values(["a", "b"])
        }
        #expect(
            await asked.questions == [
                .labelValues(label: "ns", selector: #"up{c="two"}"#),
                .labelValues(label: "pod", selector: #"up{ns="b"}"#),
            ])
        // They stand as in the file all the same.
        #expect(state.variables.map(\.variable.name) == ["pod", "ns", "c"])
    }

    @Test func variablesInARingAreAllResolved() async throws {
        let state = try await Self.state(
            """
            {"name": "a", "type": "query", "query": "label_values(x{b=\\"$b\\"}, a)"},
            {"name": "b", "type": "query", "query": "label_values(x{a=\\"$a\\"}, b)"}
            """)
        #expect(state.variables.map { $0.selected.map(\.value) } == [["a"], ["a"]])
    }

    /// The address first, then the file, then the first option.
    @Test(arguments: [
        ("", #""current": {"text": "b", "value": "b"}"#, ["b"], false),
        ("var-v=c", #""current": {"text": "b", "value": "b"}"#, ["c"], false),
        ("", #""current": {"text": "gone", "value": "gone"}"#, ["a"], false),
        ("var-v=linked", #""current": {}"#, ["linked"], false),
        ("", #""current": {}"#, ["a"], false),
        ("", #""includeAll": true"#, [], true),
        ("var-v=b&var-v=c", #""multi": true"#, ["b", "c"], false),
        ("var-v=b&var-v=c", #""multi": false"#, ["b"], false),
        ("var-v=$__all", #""includeAll": true, "multi": true"#, [], true),
        ("var-v=All", #""includeAll": true"#, [], true),
        ("", #""includeAll": true, "current": {"text": "All", "value": ["$__all"]}"#, [], true),
        ("", #""multi": true, "current": {"text": ["b"], "value": ["b", "gone"]}"#, ["b"], false),
    ])
    func whatIsChosen(
        _ address: String, _ json: String, _ selected: [String], _ isAll: Bool
    ) async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "query", "query": "label_values(v)", \#(json)}"#,
            address: address)
        let variable = try #require(state["v"])
        #expect(variable.selected.map(\.value) == selected)
        #expect(variable.isAll == isAll)
    }

    /// A read-only link chooses between options and brings nothing of its own.
    @Test(arguments: ["x=\"} or secret{a=\"", "other", "$__all"])
    func anAddressMayTakeOnlyOptions(_ value: String) async throws {
        let list = """
            {"name": "q", "type": "query", "query": "label_values(q)", "current": {"value": "b"}},
            {"name": "m", "type": "query", "query": "label_values(m)", "multi": true},
            {"name": "c", "type": "custom", "query": "one,two"},
            {"name": "i", "type": "interval", "query": "1m,5m"},
            {"name": "t", "type": "textbox", "query": "default"},
            {"name": "k", "type": "constant", "query": "fixed"},
            {"name": "d", "type": "datasource", "query": "prometheus"},
            {"name": "f", "type": "adhoc", "filters": [{"key": "a", "operator": "=", "value": "b"}]},
            {"name": "u", "type": "snapshot"}
            """
        let names = ["q", "m", "c", "i", "t", "k", "d", "u"]
        let encoded = ValueFormat.percentEncoded(value)
        let address =
            names.map { "var-\($0)=\(encoded)" }.joined(separator: "&")
            + "&var-m=c&var-f=secret|=|\(encoded)"
        let dashboard = try Self.dashboard(list)
        func state(_ takesOnlyOptions: Bool) async -> VariableState {
            await VariableState.resolve(
                dashboard, address: FormParameters(address), range: DashboardFiles.range,
                takesOnlyOptions: takesOnlyOptions
            ) { _, _ in .values(["a", "b", "c"]) }
        }
        let bound = await state(true)
        #expect(
            names.map { bound.scope.values[$0]?.values ?? [] } == [
                ["b"], ["c"], ["one"], ["1m"], ["default"], ["fixed"], ["perch"], [],
            ])
        #expect(bound.filters == [AdHocFilter(label: "a", comparison: .equal, value: "b")])
        // Without the bound it reaches the text box.
        #expect(await state(false).scope.values["t"]?.values == [value])
    }

    @Test func anAddressMayTakeAnOptionOrAll() async throws {
        let list = """
            {"name": "v", "type": "query", "query": "label_values(v)", "multi": true,
             "includeAll": true, "current": {"value": "b"}}
            """
        for (address, expected) in [("c", ["c"]), ("$__all", ["a", "b", "c"]), ("x", ["b"])] {
            let state = await VariableState.resolve(
                try Self.dashboard(list), address: FormParameters("var-v=" + address),
                range: DashboardFiles.range, takesOnlyOptions: true
            ) { _, _ in .values(["a", "b", "c"]) }
            #expect(state.scope.values["v"]?.values == expected)
        }
    }

    /// As Grafana has it: no group between `^` and `$`.
    @Test func withoutSlashesAlternativesHaveOneEndEach() async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "query", "query": "label_values(v)", "regex": "ab|cd"}"#,
            values: ["abx", "xcd", "xab", "cdx"])
        #expect(state["v"]?.options.map(\.value) == ["abx", "xcd"])
    }

    @Test(arguments: [
        ("/^b/", ["b"]), ("b", ["b"]), ("/.*(x).*/", []), ("/([bc])/", ["b", "c"]), ("/B/i", ["b"]),
        ("/(?!a)/", ["a", "b", "c"]),
    ])
    func aRegularExpressionFilters(_ regex: String, _ options: [String]) async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "query", "query": "label_values(v)", "regex": "\#(regex)"}"#)
        #expect(state["v"]?.options.map(\.value) == options)
        // What RE2 does not know is told of.
        #expect((state["v"]?.notice != nil) == regex.contains("?!"))
    }

    @Test func groupsNameTextAndValue() async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "query", "query": "q", "regex": "/(?<text>\\w+):(?<value>\\d+)/"}"#,
            values: ["web:80", "db:5432", "none"])
        #expect(
            state["v"]?.options == [
                VariableOption(text: "web", value: "80"), VariableOption(text: "db", value: "5432"),
            ])
    }

    @Test(arguments: [
        (0, ["b10", "B2", "a1"]), (1, ["B2", "a1", "b10"]), (2, ["b10", "a1", "B2"]),
        (3, ["a1", "B2", "b10"]), (4, ["b10", "B2", "a1"]), (5, ["a1", "b10", "B2"]),
        (6, ["B2", "b10", "a1"]), (7, ["a1", "B2", "b10"]), (8, ["b10", "B2", "a1"]),
    ])
    func optionsAreSorted(_ sort: Int, _ options: [String]) async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "query", "query": "q", "sort": \#(sort)}"#,
            values: ["b10", "B2", "a1"])
        #expect(state["v"]?.options.map(\.value) == options)
    }

    @Test func theLinesOfAnInstantQueryAreOptions() async throws {
        let list =
            #"{"name": "v", "type": "query", "query": "query_result(up)", "regex": "/job=\"([^\"]+)\"/"}"#
            .replacing(#"\""#, with: #"\""#)
        let state = await VariableState.resolve(
            try Self.dashboard(list), address: FormParameters(""), range: DashboardFiles.range
        ) { _, _ in
            .samples([
                .init(
                    labels: [
                        FrameLabel(name: "__name__", value: "up"),
                        FrameLabel(name: "job", value: "api"),
                    ], value: 1, timeMillis: 1_000)
            ])
        }
        #expect(state["v"]?.options.map(\.value) == ["api"])
    }

    @Test func listsKnowCommasAndNames() async throws {
        let state = try await Self.state(
            #"{"name": "v", "type": "custom", "query": "a\\,b, one : 1 ,\"c\""}"#)
        #expect(
            state["v"]?.options == [
                VariableOption("a,b"), VariableOption(text: "one", value: "1"), VariableOption("c"),
            ])
    }

    @Test func otherKinds() async throws {
        let state = try await Self.state(
            """
            {"name": "i", "type": "interval", "query": "1m,10m", "auto": true, "auto_count": 10, "auto_min": "30s"},
            {"name": "k", "type": "constant", "query": "fixed"},
            {"name": "t", "type": "textbox", "query": "default"},
            {"name": "d", "type": "datasource", "query": "prometheus"},
            {"name": "f", "type": "adhoc", "filters": [{"key": "a", "operator": "=", "value": "b"}]},
            {"name": "s", "type": "snapshot"}
            """, address: "var-i=auto&var-t=typed&var-k=other&var-f=env|!=|dev")
        #expect(state.scope.values["i"]?.values == ["5m"])
        #expect(state.scope.values["k"]?.values == ["fixed"])
        #expect(state.scope.values["t"]?.values == ["typed"])
        #expect(state["d"]?.selected.map(\.text) == ["Perch"])
        #expect(state.filters == [AdHocFilter(label: "env", comparison: .notEqual, value: "dev")])
        #expect(state["s"]?.notice?.contains("snapshot") == true)
    }

    /// Every expression of the largest public dashboard can be asked: no reference is left in it.
    @Test(.enabled(if: TestData.isAvailable), arguments: DashboardFiles.names)
    func noExpressionKeepsADollar(_ name: String) async throws {
        let dashboard = try DashboardFiles.load(name)
        let state = await DashboardFiles.state(of: dashboard)
        var count = 0
        for var panel in dashboard.panels {
            for index in panel.targets.indices { panel.targets[index].isHidden = false }
            let questions = PanelQuestions(
                panel, in: dashboard, state: state, width: 600,
                nowMillis: DashboardFiles.range.toMillis)
            for query in questions.queries {
                count += 1
                // A group of `label_replace` keeps its dollar, and so does the end of a pattern.
                let dollars = query.expression
                    .split(separator: "$", omittingEmptySubsequences: false).dropFirst()
                    .filter { rest in
                        !(rest.drop { $0 == "{" }.first?.isNumber ?? false) && rest.first != "\""
                    }
                #expect(dollars.isEmpty, "\(panel.title): \(query.expression)")
            }
        }
        if name.hasSuffix("node-exporter-full") { #expect(count == 286) }
    }
}
