@testable import PerchDashboards
import PerchModel
import Testing

@Suite struct ContentTests {
    private static let red = Palette.colour("red")
    private static let green = Palette.colour("green")

    // MARK: - Charts

    @Test func aChartHasOneListOfTimesAndStyles() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "timeseries", "title": "of $env", "targets": [{"expr": "a", "legendFormat": "{{job}} in", "interval": "1m"}],
             "options": {"legend": {"displayMode": "table", "placement": "right", "calcs": ["mean", "lastNotNull"], "sortBy": "Mean", "sortDesc": true},
              "tooltip": {"mode": "multi", "sort": "desc"}},
             "fieldConfig": {"defaults": {"unit": "bytes", "min": 0, "color": {"mode": "palette-classic"},
               "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 80}]},
               "custom": {"drawStyle": "line", "lineInterpolation": "stepAfter", "lineWidth": 2, "fillOpacity": 20,
                "stacking": {"mode": "normal", "group": "A"}, "thresholdsStyle": {"mode": "line"}, "axisLabel": "size"}},
              "overrides": [{"matcher": {"id": "byRegexp", "options": "/web.*/"}, "properties": [
               {"id": "custom.transform", "value": "negative-Y"}, {"id": "unit", "value": "s"},
               {"id": "color", "value": {"mode": "fixed", "fixedColor": "#123456"}}, {"id": "custom.axisPlacement", "value": "right"}]}]}}
            """, variables: #"{"name": "env", "type": "constant", "query": "prod"}"#)
        let content = panel.content([
            Answers.series([("job", "api")], [1_024, 2_048]),
            Answers.series([("job", "web")], [2, 4]),
        ])
        #expect(content.title == "of prod")
        let chart = try #require(content.timeSeries)
        #expect(chart.times.count == 2)
        #expect(chart.series.map(\.name) == ["api in", "web in"])
        #expect(chart.series.map(\.values) == [[1_024, 2_048], [-2, -4]])
        #expect(chart.series.map(\.axis) == [0, 1])
        #expect(chart.axes.map(\.side) == [.left, .right])
        #expect(chart.axes.map(\.unit) == [UnitFormat(unit: "bytes"), UnitFormat(unit: "s")])
        #expect(chart.axes[0].min == 0)
        #expect(chart.axes[0].label == "size")
        #expect(chart.series[1].colour == Colour(hex: "#123456"))
        #expect(chart.series[0].colour == Palette.series(0))
        let style = chart.series[0].style
        #expect(style.interpolation == .stepAfter)
        #expect(style.lineWidth == 2)
        #expect(style.fillOpacity == 20)
        #expect(style.stacking == .normal)
        #expect(chart.showsThresholdLines)
        #expect(chart.thresholds.map(\.value) == [-.infinity, 80])
        #expect(chart.tooltip.form == .all && chart.tooltip.sort == "desc")
        #expect(chart.legend.form == .table)
        #expect(chart.legend.isRight)
        #expect(chart.legend.columns == ["Mean", "Last *"])
        #expect(chart.legend.rows.map(\.series) == [0, 1])
        #expect(chart.legend.rows.map(\.values) == [["1.50 KiB", "2 KiB"], ["3 s", "4 s"]])
    }

    /// MET-13: a target that asks for exemplars has them as points.
    @Test func exemplarsArePointsOfAChart() async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "timeseries", "targets": [{"expr": "a", "exemplar": true}, {"expr": "b"}]}"#)
        #expect(panel.questions.queries.map(\.wantsExemplars) == [true, false])
        var answer = PanelData.Answer(
            query: panel.questions.queries[0],
            body: .series([Answers.series([("job", "api")], [1, 2])]))
        let start = DashboardFiles.range.fromMillis
        answer.exemplars = [
            .init(timeMillis: start + 5, value: 1.5, traceID: "aa"),
            .init(timeMillis: start + 9, value: .infinity, traceID: "bb"),
        ]
        let content = PanelContent.make(
            panel.panel, questions: panel.questions, data: PanelData([answer]),
            scope: panel.scope, clock: DashboardFiles.clock)
        let chart = try #require(content.timeSeries)
        #expect(chart.exemplars.map(\.traceID) == ["aa"])
        #expect(chart.series.count == 1)
    }

    @Test func gapsStayGapsAndLongStepsDoNot() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "timeseries", "targets": [{"expr": "a", "interval": "1m"}, {"expr": "b", "interval": "2m"}]}
            """)
        let start = DashboardFiles.range.fromMillis
        let holed = PanelData.Series(
            labels: [], times: [0, 1, 2, 6, 7].map { start + $0 * 60_000 }, values: [1, 2, 3, 4, 5])
        let slow = PanelData.Series(
            labels: [], times: [0, 2, 6].map { start + $0 * 60_000 }, values: [1, 2, 3])
        let chart = try #require(panel.content([holed], [slow]).timeSeries)
        // A time is put into the hole of minutes, without a value.
        #expect(chart.times == [0, 1, 2, 4, 6, 7].map { start + $0 * 60_000 })
        #expect(chart.series[0].values.map(\.isNaN) == [false, false, false, true, false, false])
        #expect(chart.series[0].isSpanned == [])
        #expect(chart.series[1].values.map(\.isNaN) == [false, true, false, true, false, true])
        #expect(chart.series[1].isSpanned == [false, true, false, false, false, false])
    }

    /// The graph of before version 7.
    @Test func aGraphOfOldIsAChart() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "graph", "interval": "1m", "targets": [{"expr": "a", "legendFormat": "{{job}}"}], "lines": true, "fill": 3, "linewidth": 2,
             "stack": true, "percentage": true, "nullPointMode": "connected", "steppedLine": true,
             "aliasColors": {"api": "#aabbcc"}, "thresholds": [{"value": 5, "op": "gt", "colorMode": "critical"}],
             "legend": {"show": true, "values": true, "avg": true, "current": true, "alignAsTable": true, "rightSide": true},
             "seriesOverrides": [{"alias": "/web/", "yaxis": 2, "transform": "negative-Y", "dashes": true, "stack": false}],
             "tooltip": {"shared": true, "sort": 2},
             "yaxes": [{"format": "bytes", "min": "0", "label": "size", "logBase": 1}, {"format": "percent", "max": 100}]}
            """)
        let chart = try #require(
            panel.content([
                Answers.series([("job", "api")], [1, 2]), Answers.series([("job", "web")], [3, 4]),
            ]).timeSeries)
        #expect(chart.axes.map(\.side) == [.left, .right])
        #expect(chart.axes.map(\.unit) == [UnitFormat(unit: "bytes"), UnitFormat(unit: "percent")])
        #expect(chart.axes[1].max == 100)
        #expect(chart.series[0].colour == Colour(hex: "#aabbcc"))
        #expect(chart.series.map(\.style.stacking) == [.percent, .none])
        #expect(chart.series[0].style.gaps == .joined)
        #expect(chart.series[0].style.fillOpacity == 30)
        #expect(chart.series[1].style.dashes == [10, 10])
        #expect(chart.series[1].values == [-3, -4])
        #expect(chart.thresholds.map(\.value) == [-.infinity, 5])
        #expect(chart.legend.columns == ["Mean", "Last *"])
        #expect(chart.legend.isRight)
        #expect(chart.tooltip.form == .all && chart.tooltip.sort == "desc")
    }

    @Test(arguments: [
        ("{{job}}", ["api", "web"]), ("__auto", ["api", "web"]),
        ("", [#"up{job="api"}"#, #"up{job="web"}"#]),
        ("{{ nothing }}", [#"up{job="api"}"#, #"up{job="web"}"#]),
    ])
    func seriesAreNamed(_ legend: String, _ names: [String]) async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "timeseries", "targets": [{"expr": "up", "legendFormat": "\#(legend)"}]}"#)
        let content = panel.content([
            Answers.series([("__name__", "up"), ("job", "api")], [1]),
            Answers.series([("__name__", "up"), ("job", "web")], [1]),
        ])
        #expect(content.timeSeries?.series.map(\.name) == names)
    }

    // MARK: - Values

    @Test func aStatHasAValueAColourAndALine() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "stat", "targets": [{"expr": "a"}], "options": {"graphMode": "area", "colorMode": "background",
              "reduceOptions": {"calcs": ["mean"]}, "justifyMode": "center"},
             "fieldConfig": {"defaults": {"unit": "percent", "decimals": 1,
              "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 2}]}}}}
            """)
        let stat = try #require(panel.content([Answers.series([], [1, 4])]).stat)
        #expect(stat.items.map(\.value.text) == ["2.5%"])
        #expect(stat.items.map(\.value.colour) == [Self.red])
        #expect(stat.items[0].values == [1, 4])
        #expect(stat.colourUse == .background)
        #expect(stat.words == .value)
        #expect(stat.isCentred)
    }

    /// DB-14's three kinds draw from a query alone.
    @Test(arguments: ["graph", "stat", "gauge"])
    func theMinimalPanelDraws(_ type: String) async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "\#(type)", "title": "x", "targets": [{"expr": "up"}]}"#)
        let content = panel.content([Answers.series([], [1, 2], step: 15_000)])
        #expect(content.notices == [])
        switch type {
        case "graph": #expect(content.timeSeries?.series.first?.values == [1, 2])
        case "stat": #expect(content.stat?.items.map(\.value.text) == ["2"])
        default: #expect(content.gauge?.items.map(\.share) == [0.02])
        }
    }

    @Test(
        arguments: [
            (#"{"type": "value", "options": {"1": {"text": "Up", "color": "green"}}}"#, 1, "Up"),
            (
                #"{"type": "range", "options": {"from": 0, "to": 5, "result": {"text": "low"}}}"#,
                3, "low"
            ),
            (
                #"{"type": "regex", "options": {"pattern": "^4\\d+$", "result": {"text": "4x"}}}"#,
                42, "4x"
            ),
            (
                #"{"type": "special", "options": {"match": "null", "result": {"text": "N/A"}}}"#,
                .nan, "N/A"
            ),
            (#"{"op": "=", "text": "old", "type": 1, "value": "7"}"#, 7, "old"),
            (#"{"from": "1", "to": "9", "text": "range", "type": 2}"#, 7, "range"),
            (#"{"type": "value", "options": {"1": {"text": "Up"}}}"#, 2, "2"),
        ] as [(String, Double, String)])
    func mappings(_ json: String, _ value: Double, _ text: String) async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "stat", "targets": [{"expr": "a"}], "fieldConfig": {"defaults": {"mappings": [\(json)]}}}
            """)
        #expect(panel.content([Answers.series([], [value])]).stat?.items.first?.value.text == text)
    }

    @Test func aStatOfOldAndItsRanges() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "singlestat", "format": "s", "decimals": 1, "valueName": "current", "thresholds": "10,20",
             "colors": ["green", "orange", "red"], "colorValue": true, "targets": [{"expr": "a"}],
             "sparkline": {"show": true}}
            """)
        let stat = try #require(panel.content([Answers.series([], [5, 25])]).stat)
        #expect(stat.items.map(\.value.text) == ["25.0 s"])
        #expect(stat.items.first?.value.colour == Self.red)
        #expect(stat.colourUse == .value)
        #expect(stat.hasSparklines)
    }

    @Test func aGaugeKnowsItsRangeAndSteps() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "gauge", "targets": [{"expr": "a"}], "fieldConfig": {"defaults": {"unit": "percentunit",
             "thresholds": {"mode": "percentage", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 90}]}}}}
            """)
        let gauge = try #require(panel.content([Answers.series([], [0.95])]).gauge)
        let item = try #require(gauge.items.first)
        #expect(item.share == 0.95)
        #expect(item.value.text == "95%")
        #expect(item.value.colour == Self.red)
        #expect(item.thresholds.map(\.share) == [0, 0.9])
        #expect([item.min.text, item.max.text] == ["0%", "100%"])
    }

    @Test func barsPiesAndRows() async throws {
        let series = [
            Answers.series([("job", "api")], [30]), Answers.series([("job", "web")], [10]),
        ]
        let bars = try await AnsweredPanel(
            #"{"type": "bargauge", "targets": [{"expr": "a", "legendFormat": "{{job}}", "instant": true}]}"#
        ).content(series)
        #expect(bars.gauge?.items.map(\.name) == ["api", "web"])
        #expect(bars.gauge?.items.map(\.share) == [1, 10.0 / 30])
        let pie = try await AnsweredPanel(
            """
            {"type": "piechart", "targets": [{"expr": "a", "legendFormat": "{{job}}", "instant": true}],
             "options": {"pieType": "donut", "legend": {"displayMode": "table", "values": ["value", "percent"]}}}
            """
        ).content(series)
        #expect(pie.pie?.slices.map(\.share) == [0.75, 0.25])
        #expect(pie.pie?.isDonut == true)
        #expect(pie.pie?.legend.rows.map(\.values) == [["30", "75%"], ["10", "25%"]])
        let rows = try await AnsweredPanel(
            """
            {"type": "stat", "targets": [{"expr": "a", "format": "table", "instant": true}],
             "options": {"reduceOptions": {"values": true}}}
            """
        ).content(series)
        #expect(rows.stat?.items.map(\.name) == ["api", "web"])
        let chart = try await AnsweredPanel(
            #"{"type": "barchart", "targets": [{"expr": "a", "format": "table", "instant": true}]}"#
        ).content(series)
        #expect(chart.bars?.categories == ["api", "web"])
        #expect(chart.bars?.series.map(\.values) == [[30, 10]])
    }

    @Test(
        arguments: [
            ("lastNotNull", 4), ("last", nil), ("firstNotNull", 2), ("first", nil), ("min", 2),
            ("max", 8), ("mean", 14.0 / 3), ("sum", 14), ("count", 5), ("range", 6), ("delta", 10),
            ("step", 6), ("diff", 2), ("diffperc", 1), ("logmin", 2), ("allIsZero", 0),
            ("allIsNull", 0), ("changeCount", 2), ("distinctCount", 3), ("p50", 4), ("p99", 8),
            ("median", 4), ("variance", 56.0 / 9), ("unknown", nil),
        ] as [(String, Double?)])
    func calculations(_ id: String, _ value: Double?) {
        let result = Reducer.value(id, of: [.nan, 2, 8, 4, .nan])
        if let value {
            #expect(abs((result ?? .infinity) - value) < 1e-9)
        } else {
            #expect(result == nil)
        }
    }

    // MARK: - Tables

    @Test func aTableHasStylesLinksAndAnOrder() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [{"expr": "a", "format": "table", "instant": true}],
             "options": {"sortBy": [{"displayName": "Count", "desc": true}], "footer": {"show": true, "reducer": ["sum"]}},
             "fieldConfig": {"defaults": {"custom": {"align": "auto"}}, "overrides": [
              {"matcher": {"id": "byName", "options": "Value"}, "properties": [
               {"id": "displayName", "value": "Count"}, {"id": "unit", "value": "short"},
               {"id": "custom.cellOptions", "value": {"type": "color-background"}}, {"id": "custom.width", "value": 120}]},
              {"matcher": {"id": "byName", "options": "Time"}, "properties": [{"id": "custom.hidden", "value": true}]},
              {"matcher": {"id": "byName", "options": "job"}, "properties": [{"id": "links", "value": [
               {"title": "to ${__value.text}", "url": "/d/x?var-job=${__value.raw}&n=${__data.fields.Value}"},
               {"title": "bad", "url": "javascript:alert(1)"}]}]}]}}
            """)
        let content = panel.content([
            Answers.series([("job", "a b")], [1]), Answers.series([("job", "web")], [2_000]),
        ])
        let grid = try #require(content.table?.tables.first)
        #expect(grid.lines == ["job|Count", "web|2 K", "a b|1"])
        #expect(grid.columns[1].style.form == .colouredBackground(isGradient: true))
        #expect(grid.columns[1].style.width == 120)
        #expect(grid.footer == ["", "2.00 K"])
        #expect(
            grid.rows[1][0].links.map(\.target) == [.address("/d/x?var-job=a%20b&n=1")])
        #expect(grid.rows[1][0].links.map(\.title) == ["to a b"])
    }

    /// Cells as bars and lamps, as in Grafana's cell types.
    @Test(arguments: [
        (#"{"type": "gauge"}"#, CellStyle.Form.gauge(.basic), 0),
        (#"{"type": "gauge", "mode": "gradient"}"#, .gauge(.gradient), BarForm.stepCount),
        (#"{"type": "gauge", "mode": "lcd"}"#, .gauge(.lcd), BarForm.stepCount),
        (
            #"{"type": "color-background", "mode": "basic"}"#,
            .colouredBackground(isGradient: false), 0
        ),
        (#"{"type": "color-text"}"#, .colouredText, 0),
        (#"{"type": "sparkline", "hideValue": true}"#, .sparkline, 0),
    ])
    func cellsHaveForms(_ json: String, _ form: CellStyle.Form, _ steps: Int) async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [{"expr": "a", "format": "table", "instant": true}],
             "fieldConfig": {"defaults": {"min": 0, "max": 10, "custom": {"cellOptions": \(json)},
              "thresholds": {"mode": "absolute", "steps": [{"color": "green"}, {"color": "red", "value": 5}]}}}}
            """)
        let content = panel.content([Answers.series([("job", "a")], [4])])
        let grid = try #require(content.table?.tables.first)
        let column = try #require(grid.columns.last)
        #expect(column.style.form == form)
        #expect(column.scale.count == steps)
        if let first = column.scale.first, let last = column.scale.last {
            #expect(first == Self.green && last == Self.red)
        }
        #expect((column.style.valueForm == .hidden) == json.contains("hideValue"))
        #expect(grid.rows[0].last?.share == 0.4)
    }

    /// The distance of the ends is no number; the steps between them are.
    @Test func aScaleOfVeryLargeNumbersHasItsColours() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [{"expr": "a", "format": "table", "instant": true}],
             "fieldConfig": {"defaults": {"min": -1e308, "max": 1e308,
              "custom": {"cellOptions": {"type": "gauge", "mode": "gradient"}},
              "thresholds": {"mode": "absolute", "steps": [{"color": "green"}, {"color": "red", "value": 0}]}}}}
            """)
        let content = panel.content([Answers.series([("job", "a")], [4])])
        let scale = try #require(content.table?.tables.first?.columns.last?.scale)
        let half = BarForm.stepCount / 2
        #expect(scale.prefix(half).allSatisfy { $0 == Self.green })
        #expect(scale.suffix(half).allSatisfy { $0 == Self.red })
        #expect(scale.count == BarForm.stepCount)
    }

    /// A series becomes a cell with its line, also behind other transformations.
    @Test func aSeriesInACellIsALine() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "table", "targets": [{"expr": "a"}], "transformations": [
             {"id": "timeSeriesTable", "options": {"A": {"stat": "max"}}},
             {"id": "sortBy", "options": {"sort": [{"field": "Trend #A", "desc": true}]}}]}
            """)
        let content = panel.content([
            Answers.series([("job", "a")], [1, 3, 2]), Answers.series([("job", "b")], [4, 9, 5]),
        ])
        let grid = try #require(content.table?.tables.first)
        #expect(grid.lines == ["job|Trend #A", "b|9", "a|3"])
        #expect(grid.rows.map { $0[1].trend } == [[4, 9, 5], [1, 3, 2]])
        #expect(grid.columns[1].isNumber)
    }

    // MARK: - The rest

    @Test func aHeatmapOfBucketsIsMadeOfDifferences() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "heatmap", "targets": [{"expr": "a", "format": "heatmap", "legendFormat": "{{le}}"}],
             "yAxis": {"format": "s"}, "color": {"colorScheme": "interpolateSpectral"}}
            """)
        let heatmap = try #require(
            panel.content([
                Answers.series([("le", "+Inf")], [9, 9]), Answers.series([("le", "0.5")], [1, 2]),
                Answers.series([("le", "10")], [4, 8]),
            ]).heatmap)
        #expect(heatmap.buckets.map(\.upper) == [0.5, 10, .infinity])
        #expect(heatmap.buckets.map(\.label) == ["500 ms", "10 s", "∞"])
        #expect(heatmap.counts == [[1, 2], [3, 6], [5, 1]])
        #expect(heatmap.greatest == 6)
        #expect(heatmap.colours.count == 16)
    }

    /// One bucket of a size that is nothing beside the value: the quotients fit no integer.
    @Test(
        arguments: [
            (7.0, [1e40]), (7.0, [1e40, 1e40, -1e40]), (1e300, [-1.797e308]), (3e305, [1.797e308]),
            (1.0, [1.7e308, -1.7e308]), (2.0, [0.0, 1.0, 2.0, 3.0]),
        ] as [(Double, [Double])])
    func aHeatmapOfHugeValues(_ size: Double, _ values: [Double]) async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "heatmap", "targets": [{"expr": "a"}], "options": {"calculate": true,
             "calculation": {"yBuckets": {"mode": "size", "value": "\(size)"}}}}
            """)
        let content = panel.content([Answers.series([], values)])
        guard let heatmap = content.heatmap else {
            // A spread that no number holds has no buckets.
            #expect(values.contains(-1.7e308))
            return
        }
        #expect(heatmap.counts.joined().reduce(0, +) == Double(values.count))
    }

    @Test func bucketsBeginAtFiniteNumbers() {
        for value in [-1.797e308, 1.797e308, -Double.greatestFiniteMagnitude] {
            for size in [1e300, 3e305, 7e307] {
                let buckets = HistogramBuckets([[value]], size: size, offset: 0, count: 20)
                #expect(buckets.starts.allSatisfy { $0.isFinite }, "\(value) \(size)")
                #expect(buckets.counts == [[1]])
            }
        }
    }

    /// Series that share no time: the list of times grows with each.
    @Test(arguments: ["timeseries", "heatmap"])
    func aGridHasABound(_ type: String) async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "\#(type)", "targets": [{"expr": "a", "legendFormat": "{{n}}"}]}"#)
        let all = (0..<300).map { place in
            Answers.series(
                [("n", "\(place)")], [Double](repeating: 1, count: 200), step: 1_000,
                from: DashboardFiles.range.fromMillis + Int64(place))
        }
        let content = panel.content(all)
        let times = content.timeSeries?.times.count ?? content.heatmap?.times.count ?? 0
        let shown = content.timeSeries?.series.count ?? content.heatmap?.buckets.count ?? 0
        #expect(shown > 100 && shown < 300)
        #expect(times == shown * 200 && times * shown < Limits.cellsMax)
        let what = type == "heatmap" ? "buckets" : "series"
        #expect(content.notices == [.tooMany(what: what, count: 300, shown: shown)])
        if let chart = content.timeSeries { #expect(chart.legend.rows.count == shown) }
    }

    @Test func calculationsAndPropertiesAreReadOnce() async throws {
        let calculations = Array(repeating: #""mean", "max""#, count: 100).joined(separator: ",")
        let panel = try await AnsweredPanel(
            """
            {"type": "timeseries", "targets": [{"expr": "a", "legendFormat": "x"}],
             "options": {"legend": {"calcs": [\(calculations)]}},
             "fieldConfig": {"defaults": {}, "overrides": [
              {"matcher": {"id": "byName", "options": "x"}, "properties": [
               {"id": "unit", "value": "s"}, {"id": "decimals", "value": 1},
               {"id": "unit", "value": "bytes"}]}]}}
            """)
        let override = try #require(panel.panel.fieldConfig.overrides.first)
        #expect(override.properties.map(\.id) == ["unit", "decimals"])
        let chart = try #require(panel.content([Answers.series([], [1, 2])]).timeSeries)
        #expect(chart.legend.columns == ["Mean", "Max"])
        // The last value of a property counts.
        #expect(chart.axes.map(\.unit) == [UnitFormat(unit: "bytes")])
    }

    @Test func statesAreMergedWhileTheyLast() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "state-timeline", "targets": [{"expr": "a", "interval": "1m", "legendFormat": "x"}],
             "fieldConfig": {"defaults": {"mappings": [{"type": "value", "options": {
              "0": {"text": "down", "color": "red"}, "1": {"text": "up", "color": "green"}}}]}}}
            """)
        let timeline = try #require(
            panel.content([Answers.series([], [1, 1, 0, 1])]).timeline)
        let lane = try #require(timeline.lanes.first)
        #expect(lane.segments.map(\.state.text) == ["up", "down", "up"])
        #expect(lane.segments.map(\.state.colour) == [Self.green, Self.red, Self.green])
        #expect(lane.segments.map { $0.toMillis - $0.fromMillis } == [120_000, 60_000, 60_000])
        #expect(timeline.legend.map(\.text) == ["up", "down"])
    }

    @Test func aHistogramCounts() async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "histogram", "targets": [{"expr": "a"}], "options": {"bucketSize": 5}}"#)
        let bars = try #require(panel.content([Answers.series([], [1, 2, 6, 11])]).bars)
        #expect(bars.categories == ["0", "5", "10"])
        #expect(bars.series.map(\.values) == [[2, 1, 1]])
    }

    @Test func logsAreOrderedAndOnce() async throws {
        let panel = try await AnsweredPanel(
            """
            {"type": "logs", "datasource": {"type": "loki", "uid": "l"}, "targets": [{"expr": "{a=\\"b\\"}"}],
             "options": {"sortOrder": "Ascending", "dedupStrategy": "numbers", "showTime": false, "showCommonLabels": true}}
            """)
        func line(_ time: Int64, _ text: String, _ pod: String) -> PanelData.Line {
            .init(
                timeNanos: time, text: text,
                labels: [FrameLabel(name: "a", value: "b"), FrameLabel(name: "pod", value: pod)])
        }
        let logs = try #require(
            panel.content(.lines([line(3, "c", "x"), line(2, "b 2", "y"), line(1, "b 1", "x")]))
                .logs)
        #expect(logs.lines.map(\.text) == ["b 1", "c"])
        #expect(!logs.showsTime)
        #expect(
            logs.commonLabels == [
                FrameLabel(name: "a", value: "b"), FrameLabel(name: "pod", value: "x"),
            ])
    }

    @Test(arguments: [
        ("geomap", "maps"), ("news", "elsewhere"), ("alertlist", "Grafana keeps"),
        ("some-plugin", "plugin"), ("nodeGraph", "no such panel yet"),
    ])
    func aPanelThatIsNotDrawnSaysWhy(_ type: String, _ word: String) async throws {
        let panel = try await AnsweredPanel(
            #"{"type": "\#(type)", "targets": [{"expr": "a"}]}"#)
        let content = panel.content([Answers.series([], [1])])
        guard case .empty = content.body else {
            Issue.record("it is drawn")
            return
        }
        #expect(content.notices.first?.text.contains(word) == true)
    }

    @Test func aFailedQueryIsTold() async throws {
        let panel = try await AnsweredPanel(#"{"type": "stat", "targets": [{"expr": "a"}]}"#)
        let content = panel.content(.failed("unknown function “x” at 1:1"))
        #expect(content.notices == [.query(refID: "A", reason: "unknown function “x” at 1:1")])
    }

    // MARK: - Colours

    @Test func colours() {
        #expect(Palette.colour("#abc") == Colour(hex: "#aabbcc"))
        #expect(Palette.colour("rgba(255, 0, 0, 0.5)") == Colour(hex: "#ff000080"))
        #expect(Palette.colour("rgb(1,2,3)") == Colour(hex: "#010203"))
        #expect(Palette.colour("semi-dark-green") != nil)
        #expect(Palette.colour("url(x)") == nil)
        #expect(Palette.colour("#12") == nil)
    }

    /// Named colours can be read on both grounds: 3 to 1, as graphics need it.
    @Test func namedColoursContrastWithBothGrounds() {
        let hidden: Set<String> = ["transparent", "panel-bg"]
        for name in Palette.names where !hidden.contains(name) {
            guard let colour = Palette.colour(name) else { continue }
            #expect(Self.contrast(colour.light, "#ffffff") >= 3, "\(name) on light")
            #expect(Self.contrast(colour.dark, "#14161b") >= 3, "\(name) on dark")
        }
        for index in 0..<48 {
            #expect(Self.contrast(Palette.series(index).light, "#ffffff") >= 3)
            #expect(Self.contrast(Palette.series(index).dark, "#14161b") >= 3)
        }
    }

    private static func contrast(_ a: String, _ b: String) -> Double {
        let lights = [luminance(a), luminance(b)].sorted()
        return (lights[1] + 0.05) / (lights[0] + 0.05)
    }

    private static func luminance(_ hex: String) -> Double {
        let digits = hex.dropFirst().compactMap(\.hexDigitValue)
        let parts = [0, 2, 4].map { place -> Double in
            let value = Double(digits[place] * 16 + digits[place + 1]) / 255
            guard value > 0.03928 else { return value / 12.92 }
            // 2.4 as 12/5: the fifth root by Newton's steps.
            let base = (value + 0.055) / 1.055
            var root = base
            for _ in 0..<60 {
                root -= (root * root * root * root * root - base) / (5 * root * root * root * root)
            }
            return base * base * root * root
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
