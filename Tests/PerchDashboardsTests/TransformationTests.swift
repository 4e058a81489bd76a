@testable import PerchDashboards
import PerchModel
import Testing

/// Each transformation with values, seen through a table panel.
@Suite struct TransformationTests {
    private static let api = [("__name__", "up"), ("job", "api"), ("pod", "p1")]
    private static let web = [("__name__", "up"), ("job", "web"), ("pod", "p2")]

    /// The lines of the table that comes out, for two instant series of a table query.
    private static func table(
        _ transformations: String, values: [Double] = [3, 1], format: String = "table",
        index: Int = 0
    ) async throws -> [String] {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [{"expr": "up", "format": "\(format)", "instant": true,
              "legendFormat": "{{job}}"}], "transformations": [\(transformations)],
             "fieldConfig": {"defaults": {}, "overrides": [
              {"matcher": {"id": "byType", "options": "time"}, "properties": [
               {"id": "unit", "value": "time:HH:mm"}]}]}}
            """)
        let content = panel.content([
            Answers.series(api, [values[0]]), Answers.series(web, [values[1]]),
        ])
        #expect(content.notices == [])
        // A table without rows is no table.
        if case .empty = content.body { return [] }
        let table = try #require(content.table)
        return table.tables[index].lines
    }

    @Test func aTableQueryHasAColumnForEachLabel() async throws {
        #expect(
            try await Self.table("") == [
                "Time|__name__|job|pod|Value", "20:00|up|api|p1|3", "20:00|up|web|p2|1",
            ])
    }

    @Test func organize() async throws {
        let lines = try await Self.table(
            """
            {"id": "organize", "options": {"excludeByName": {"Time": true, "__name__": true, "pod": false},
             "indexByName": {"Value": 0, "job": 1}, "renameByName": {"Value": "Count", "pod": ""}}}
            """)
        #expect(lines == ["Count|job|pod", "3|api|p1", "1|web|p2"])
    }

    @Test func aDisabledTransformationDoesNothing() async throws {
        let lines = try await Self.table(
            #"{"id": "limit", "disabled": true, "options": {"limitField": 1}}"#)
        #expect(lines.count == 3)
    }

    @Test(arguments: [
        (
            #"{"id": "filterFieldsByName", "options": {"include": {"names": ["job", "Value"]}}}"#,
            ["job|Value", "api|3", "web|1"]
        ),
        (
            #"{"id": "filterFieldsByName", "options": {"include": {"pattern": "/^(pod|Val)/"}}}"#,
            ["pod|Value", "p1|3", "p2|1"]
        ),
        (
            #"{"id": "filterFieldsByName", "options": {"exclude": {"names": ["Time", "pod", "__name__"]}}}"#,
            ["job|Value", "api|3", "web|1"]
        ),
        (#"{"id": "filterByName", "options": {"include": ["job"]}}"#, ["job", "api", "web"]),
    ])
    func filterFields(_ json: String, _ lines: [String]) async throws {
        #expect(try await Self.table(json) == lines)
    }

    private static let short =
        #", {"id": "filterFieldsByName", "options": {"include": {"pattern": "^(job|Value|job .*|Value .*|x|A|Row)$"}}}"#

    @Test(arguments: [
        (#"{"id": "greater", "options": {"value": 1}}"#, "include", ["api|3"]),
        (#"{"id": "greater", "options": {"value": 1}}"#, "exclude", ["web|1"]),
        (#"{"id": "lowerOrEqual", "options": {"value": "1"}}"#, "include", ["web|1"]),
        (#"{"id": "equal", "options": {"value": 3}}"#, "include", ["api|3"]),
        (#"{"id": "notEqual", "options": {"value": 3}}"#, "include", ["web|1"]),
        (#"{"id": "range", "options": {"from": 0, "to": 2}}"#, "include", ["web|1"]),
        (#"{"id": "isNull", "options": {}}"#, "include", []),
        (#"{"id": "isNotNull", "options": {}}"#, "include", ["api|3", "web|1"]),
        (#"{"id": "regex", "options": {"value": "^3$"}}"#, "include", ["api|3"]),
    ])
    func filterByValue(_ config: String, _ type: String, _ rows: [String]) async throws {
        let lines = try await Self.table(
            """
            {"id": "filterByValue", "options": {"type": "\(type)", "match": "all", "filters": [
             {"fieldName": "Value", "config": \(config)}]}}
            """ + Self.short)
        #expect(lines == (rows.isEmpty ? [] : ["job|Value"] + rows))
    }

    @Test func sortAndLimit() async throws {
        let lines = try await Self.table(
            """
            {"id": "sortBy", "options": {"sort": [{"field": "Value"}]}},
            {"id": "limit", "options": {"limitField": 1}}
            """ + Self.short)
        #expect(lines == ["job|Value", "web|1"])
    }

    @Test func groupBy() async throws {
        let lines = try await Self.table(
            """
            {"id": "groupBy", "options": {"fields": {
             "__name__": {"operation": "groupby", "aggregations": []},
             "Value": {"operation": "aggregate", "aggregations": ["sum", "mean"]},
             "job": {"operation": "aggregate", "aggregations": ["count", "uniqueValues"]}}}}
            """)
        #expect(
            lines == [
                "__name__|Value (sum)|Value (mean)|job (count)|job (uniqueValues)",
                "up|4|2|2|api, web",
            ])
    }

    @Test(arguments: [
        (
            #""mode": "binary", "alias": "x", "binary": {"left": {"matcher": {"id": "byName", "options": "Value"}}, "operator": "*", "right": {"fixed": "1000"}}"#,
            ["job|Value|x", "api|3|3000", "web|1|1000"]
        ),
        (
            #""mode": "binary", "binary": {"left": "Value", "operator": "/", "right": "Value"}, "alias": "x""#,
            ["job|Value|x", "api|3|1", "web|1|1"]
        ),
        (
            #""mode": "unary", "unary": {"operator": "negate", "fieldName": "Value"}, "alias": "x""#,
            ["job|Value|x", "api|3|-3", "web|1|-1"]
        ),
        (
            #""mode": "reduceRow", "reduce": {"reducer": "max"}, "alias": "x""#,
            ["job|Value|x", "api|3|3", "web|1|1"]
        ),
        (#""mode": "index""#, ["job|Value|Row", "api|3|0", "web|1|1"]),
        (
            #""mode": "cumulativeFunctions", "cumulative": {"field": "Value", "reducer": "sum"}, "alias": "x""#,
            ["job|Value|x", "api|3|3", "web|1|4"]
        ),
        (
            #""mode": "windowFunctions", "window": {"field": "Value", "reducer": "mean", "windowSize": 2, "windowSizeMode": "fixed"}, "alias": "x""#,
            ["job|Value|x", "api|3|3", "web|1|2"]
        ),
        (
            #""mode": "reduceRow", "reduce": {"reducer": "max"}, "alias": "x", "replaceFields": true"#,
            ["x", "3", "1"]
        ),
    ])
    func calculateField(_ options: String, _ lines: [String]) async throws {
        #expect(
            try await Self.table(
                #"{"id": "calculateField", "options": {\#(options)}}"# + Self.short) == lines)
    }

    private static let windows: [([Double], Int, [Double])] = [
        ([1e17, 1, 1, 1], 2, [1e17, 5e16, 1, 1]),
        ([1e308, 1e308, 1, 1], 2, [1e308, Double.infinity, 5e307, 1]),
        ([0.1, 0.2, 0.3, 0, 0, 0, 3], 3, [0.1, 0.15, 0.2, 0.16666666666666666, 0.1, 0, 1]),
    ]

    /// A large value that has left the window takes no digit of the others with it.
    @Test(arguments: windows)
    func meansOfWindows(_ values: [Double], _ size: Int, _ means: [Double]) throws {
        let transformer = Transformer(
            scope: VariableScope(range: DashboardFiles.range), clock: DashboardFiles.clock)
        let options = try JSONValue(
            reading: Array(
                """
                {"mode": "windowFunctions", "window": {"field": "v", "reducer": "mean",
                 "windowSize": \(size), "windowSizeMode": "fixed"}}
                """.utf8))
        let frame = Frame(refID: "A", fields: [Field("v", .numbers(values))])
        let found = try #require(
            try transformer.calculateField([frame], options).first?.fields.last?.column.doubles)
        #expect(found.count == means.count)
        for (value, mean) in zip(found, means) {
            #expect(value == mean || abs(value - mean) < 1e-15 * abs(mean))
        }
    }

    @Test func aTimeStaysOneWhereRowsAreMissing() {
        let times = Field("Time", .times([1_000, 2_000]))
        let frame = Frame(
            refID: "A",
            fields: [
                times, Field("None", .times([])), Field("Value", .numbers([1, 2, 3])),
            ])
        #expect(frame.fields.map(\.kind) == [.time, .time, .number])
        #expect(frame.fields[0].cells == [.time(1_000), .time(2_000), .null])
        #expect(frame.fields[1].cells == [.null, .null, .null])
    }

    @Test func aKeyOfTimesStaysOneWithNothingsInIt() throws {
        let frames = ["A", "B"].map { refID in
            Frame(
                refID: refID,
                fields: [
                    Field("Time", .times(refID == "A" ? [1_000, 2_000] : [2_000, 3_000, 4_000])),
                    Field(refID, .numbers([1, 2, 3])),
                ])
        }
        let transformer = Transformer(
            scope: VariableScope(range: DashboardFiles.range), clock: DashboardFiles.clock)
        let joined = try #require(try transformer.joinByField(frames, .object([])).first)
        #expect(joined.fields.map(\.kind) == [.time, .number, .number])
        #expect(
            joined.fields[0].cells == [
                .null, .time(1_000), .time(2_000), .time(3_000), .time(4_000),
            ])
        #expect(joined.fields[1].cells == [.number(3), .number(1), .number(2), .null, .null])
    }

    @Test func renameByRegex() async throws {
        let lines = try await Self.table(
            """
            {"id": "renameByRegex", "options": {"regex": "(.)o(.)", "renamePattern": "$2-$1"}},
            {"id": "filterFieldsByName", "options": {"include": {"pattern": "-"}}}
            """)
        #expect(lines == ["b-j|d-p", "api|p1", "web|p2"])
    }

    @Test func convertAndFormat() async throws {
        let lines = try await Self.table(
            """
            {"id": "convertFieldType", "options": {"conversions": [
             {"targetField": "Value", "destinationType": "string"}]}},
            {"id": "formatTime", "options": {"timeField": "Time", "outputFormat": "YYYY"}},
            {"id": "filterFieldsByName", "options": {"include": {"names": ["Time", "Value"]}}}
            """)
        #expect(lines == ["Time|Value", "2025|3", "2025|1"])
    }

    // MARK: - Of series

    @Test(arguments: [
        (
            #"{"id": "reduce", "options": {"reducers": ["max", "lastNotNull"]}}"#,
            ["Field|Max|Last *", "api|3|3", "web|1|1"]
        ),
        (
            #"{"id": "reduce", "options": {"reducers": ["max"], "labelsToFields": true}}"#,
            ["Field|__name__|job|pod|Max", "api|up|api|p1|3", "web|up|web|p2|1"]
        ),
        (#"{"id": "merge", "options": {}}"#, ["Time|api|web", "20:00|3|1"]),
        (
            #"{"id": "joinByField", "options": {"byField": "Time", "mode": "outer"}}"#,
            ["Time|api|web", "20:00|3|1"]
        ),
        (#"{"id": "seriesToColumns", "options": {}}"#, ["Time|api|web", "20:00|3|1"]),
        (
            #"{"id": "joinByLabels", "options": {"value": "job", "join": ["__name__"]}}"#,
            ["__name__|api|web", "up|3|1"]
        ),
        (
            #"{"id": "seriesToRows", "options": {}}"#,
            ["Time|Metric|Value", "20:00|api|3", "20:00|web|1"]
        ),
        (
            #"{"id": "labelsToFields", "options": {"keepLabels": ["job"]}}"#,
            ["Time|Value|job", "20:00|3|api", "20:00|1|web"]
        ),
        (
            #"{"id": "labelsToFields", "options": {"keepLabels": ["job"], "valueLabel": "job"}}"#,
            ["Time|api|web", "20:00|3|1"]
        ),
        (
            #"{"id": "timeSeriesTable", "options": {}}"#,
            ["__name__|job|pod|Trend #A", "up|api|p1|3", "up|web|p2|1"]
        ),
        (
            #"{"id": "reduce", "options": {"reducers": ["max"]}}, {"id": "rowsToFields", "options": {}}"#,
            ["api|web", "3|1"]
        ),
        (
            #"{"id": "seriesToRows", "options": {}}, {"id": "groupingToMatrix", "options": {"columnField": "Metric", "rowField": "Time", "valueField": "Value"}}"#,
            [#"Time\Metric|api|web"#, "20:00|3|1"]
        ),
    ])
    func series(_ json: String, _ lines: [String]) async throws {
        #expect(try await Self.table(json, format: "time_series") == lines)
    }

    @Test func concatenateAndHistogram() async throws {
        let side = try await Self.table(
            #"{"id": "concatenate", "options": {}}"#, format: "time_series")
        #expect(side == ["api · Time|api|web · Time|web", "20:00|3|20:00|1"])
        let lines = try await Self.table(
            #"{"id": "histogram", "options": {"bucketSize": 2, "combine": true}}"#,
            format: "time_series")
        #expect(lines == ["BucketMin|BucketMax|count", "0|2|1", "2|4|1"])
    }

    @Test func fieldsComeOutOfLogLines() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "datasource": {"type": "loki", "uid": "l"}, "targets": [{"expr": "{a=\\"b\\"}"}],
             "transformations": [{"id": "extractFields", "options": {"source": "labels", "replace": true}},
              {"id": "organize", "options": {"indexByName": {"took": 0}}}]}
            """)
        let content = panel.content(
            .lines([
                .init(
                    timeNanos: 0, text: "x",
                    labels: [
                        FrameLabel(name: "app", value: "api"), FrameLabel(name: "took", value: "7"),
                    ])
            ]))
        #expect(content.table?.tables.first?.lines == ["took|app", "7|api"])
    }

    @Test func framesOfTwoQueriesAreMergedByWhatTheyShare() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [
              {"expr": "a", "format": "table", "instant": true},
              {"expr": "b", "format": "table", "instant": true}],
             "transformations": [{"id": "merge", "options": {}},
              {"id": "organize", "options": {"excludeByName": {"Time": true}}}]}
            """)
        let content = panel.content(
            [Answers.series([("pod", "x")], [1]), Answers.series([("pod", "y")], [2])],
            [Answers.series([("pod", "y")], [4]), Answers.series([("pod", "x")], [3])])
        #expect(
            content.table?.tables.first?.lines == ["pod|Value #A|Value #B", "x|1|3", "y|2|4"])
    }

    /// Equal rows become one however many others of their key are between, with gaps and without.
    @Test(arguments: [["a", "b"], ["a"]]) func equalRowsFarApartAreMerged(_ names: [String]) {
        func frame(_ names: [String], _ key: String, _ numbers: [Double]) -> Frame {
            let fields = names.map { Field($0, .numbers(numbers)) }
            return Frame(
                refID: "A", fields: [Field("k", .texts(numbers.map { _ in key }))] + fields)
        }
        let transformer = Transformer(
            scope: VariableScope(range: DashboardFiles.range), clock: DashboardFiles.clock)
        let numbers = (0..<2 * Limits.mergedRowsMax).map { Double($0) }
        let merged = transformer.merge([
            frame(["a"], "y", [1]), frame(["b"], "y", [1]), frame(names, "x", numbers + [0, 5]),
        ])
        #expect(merged.first?.rowCount == 1 + numbers.count)
    }

    @Test func aFilterOfQueriesIsHeeded() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [
              {"expr": "a", "format": "table", "instant": true},
              {"expr": "b", "format": "table", "instant": true}],
             "transformations": [{"id": "filterByRefId", "options": {"include": "B"}},
              {"id": "limit", "filter": {"id": "byRefId", "options": "A"}, "options": {"limitField": 0}}]}
            """)
        let content = panel.content(
            [Answers.series([("pod", "x")], [1])], [Answers.series([("pod", "y")], [4])])
        #expect(content.table?.tables.count == 1)
        #expect(content.table?.tables.first?.rows.count == 1)
    }

    @Test(arguments: [
        (#"{"id": "regression", "options": {}}"#, "regression"),
        (#"{"id": "joinByLabels", "options": {"value": "none"}}"#, "none"),
        (#"{"id": "renameByRegex", "options": {"regex": "(?!x)"}}"#, "expression"),
        (#"{"id": "calculateField", "options": {"mode": "trend"}}"#, "trend"),
    ])
    func whatCannotBeRunIsNamedAndTheDataShown(_ json: String, _ word: String) async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "table", "targets": [{"expr": "up"}], "transformations": [\#(json)]}"#)
        let content = panel.content([Answers.series(Self.api, [1])])
        #expect(content.table?.tables.first?.rows.count == 1)
        #expect(content.notices.count == 1)
        #expect(content.notices.first?.text.contains(word) == true)
    }
}
