import PerchDashboards
import PerchModel
import Testing

@testable import PerchWeb

/// Panels of dashboards as HTML.
@Suite struct PanelViewTests {
    private static let range = PerchDashboards.TimeRange(
        fromMillis: 1_763_755_200_000, toMillis: 1_763_758_800_000)
    private static let frame = Frame(
        nowNanos: 1_763_758_800_000_000_000, origin: "http://localhost")

    /// The HTML of a panel of which every query has these series.
    private static func html(
        _ json: String, _ series: [(String, [Double])] = [("a<b", [1, 2]), ("c", [3, 4])],
        lines: [String] = [], exemplars: [PanelData.Exemplar] = [], missing: [String] = [],
        isShared: Bool = false
    ) async throws -> String {
        let dashboard = try Dashboard(reading: Array(#"{"panels": [\#(json)]}"#.utf8))
        let state = await VariableState.resolve(
            dashboard, address: FormParameters(""), range: range
        ) { _, _ in .values([]) }
        let panel = try #require(dashboard.panels.first)
        let questions = PanelQuestions(
            panel, in: dashboard, state: state, width: 600, nowMillis: range.toMillis)
        let answers = questions.queries.map { query in
            var answer = PanelData.Answer(
                query: query,
                body: lines.isEmpty
                    ? .series(
                        series.map { name, values in
                            PanelData.Series(
                                labels: [FrameLabel(name: "job", value: name)],
                                times: values.indices.map {
                                    range.fromMillis + Int64($0) * query.stepMillis
                                }, values: values)
                        })
                    : .lines(
                        lines.map {
                            .init(timeNanos: range.toMillis * 1_000_000, text: $0, labels: [])
                        }))
            answer.exemplars = exemplars
            answer.missing = missing
            return answer
        }
        let content = PanelContent.make(
            panel, questions: questions, data: PanelData(answers), scope: state.scope,
            clock: UnitFormat.Clock(nowMillis: range.toMillis))
        return PanelView(
            content: content,
            range: TimeRange(FormParameters("range=1h"), now: range.toMillis * 1_000_000),
            isShared: isShared
        ).html(frame).html
    }

    private static let target = #""targets": [{"expr": "a", "legendFormat": "{{job}}"}]"#

    @Test(arguments: [
        ("timeseries", "data-chart="), ("stat", "<svg class=\"value\""), ("gauge", "pathLength"),
        ("bargauge", "class=\"meters\""), ("piechart", "class=\"pie\""),
        ("table", "class=\"panel-table\""), ("heatmap", "class=\"heat\""),
        ("histogram", "class=\"columns\""), ("barchart", "class=\"meters\""),
        ("state-timeline", "class=\"lanes\""), ("status-history", "class=\"lanes\""),
    ])
    func aKindIsDrawn(_ type: String, _ mark: String) async throws {
        let html = try await Self.html(#"{"type": "\#(type)", \#(Self.target)}"#)
        #expect(html.contains(mark))
        #expect(!html.contains("a<b"))
        #expect(!html.contains("style="))
        #expect(!html.contains("class=\"notice\""))
    }

    @Test func aLegendIsATableOfCalculations() async throws {
        let html = try await Self.html(
            """
            {"type": "timeseries", \(Self.target), "options": {"legend": {"displayMode": "table", "calcs": ["max"]}}}
            """)
        #expect(html.contains("<table class=\"keys\">"))
        #expect(html.contains("<td>2</td>"))
        #expect(html.contains("data-line=\"1\""))
    }

    /// Each opens its trace, but for who may see this dashboard alone.
    @Test(arguments: [false, true])
    func exemplarsOpenTheirTraces(_ isShared: Bool) async throws {
        let exemplar = PanelData.Exemplar(
            timeMillis: Self.range.toMillis - 1_000, value: 1.5, traceID: "0af7")
        let html = try await Self.html(
            #"{"type": "timeseries", \#(Self.target)}"#, exemplars: [exemplar], isShared: isShared)
        #expect(html.contains("trace 0af7"))
        #expect(html.contains("/trace/0af7") != isShared)
    }

    /// Colours of cells are the script's to set: the policy of pages allows no style in the HTML.
    @Test(arguments: [
        (#"{"type": "color-background"}"#, #"class="number faded" data-ground="var(--k-red)""#),
        (#"{"type": "color-background", "applyToRow": true}"#, #"<tr data-ground="var(--k-red)""#),
        (#"{"type": "color-text"}"#, #"<span data-ink="var(--k-red)""#),
        (#"{"type": "gauge", "mode": "lcd"}"#, "fill-opacity=\"0.14\""),
        (#"{"type": "gauge", "mode": "gradient"}"#, "fill-opacity=\"0.4"),
        (#"{"type": "gauge", "valueDisplayMode": "hidden"}"#, "class=\"visually-hidden\">50"),
    ])
    func cellsOfTablesArePainted(_ json: String, _ mark: String) async throws {
        let html = try await Self.html(
            """
            {"type": "table", "targets": [{"expr": "a", "format": "table"}],
             "fieldConfig": {"defaults": {"min": 0, "max": 100, "custom": {"cellOptions": \(json)},
              "thresholds": {"mode": "absolute", "steps": [{"color": "green"}, {"color": "red", "value": 5}]}}}}
            """, [("a", [50])])
        #expect(html.contains(mark), "\(html)")
        #expect(!html.contains("style="))
    }

    @Test func aBarOfLampsIsLitToItsValue() async throws {
        let html = try await Self.html(
            """
            {"type": "bargauge", \(Self.target), "options": {"displayMode": "lcd"},
             "fieldConfig": {"defaults": {"min": 0, "max": 100}}}
            """, [("a", [50])])
        #expect(html.ranges(of: "<rect").count == BarForm.stepCount)
        #expect(html.ranges(of: "fill-opacity").count == BarForm.stepCount / 2)
    }

    @Test func laterRowsOfATableHaveBarsOfOnePart() async throws {
        let html = try await Self.html(
            """
            {"type": "table", "targets": [{"expr": "a", "format": "table"}],
             "fieldConfig": {"defaults": {"min": 0, "max": 100, "custom": {
              "cellOptions": {"type": "gauge", "mode": "lcd"}}}}}
            """, (0..<210).map { ("s\($0)", [50]) })
        let bytes = Array(html.utf8)
        let shapes = zip(bytes, bytes.dropFirst()).count {
            $0 == UInt8(ascii: "<") && $1 == UInt8(ascii: "r")
        }
        // Of three columns.
        #expect(shapes == 3 * (200 * BarForm.stepCount + 10))
    }

    @Test func aLineWithoutAxesHasFewPointsAndEndsAtTheLast() {
        for count in [2, 119, 120, 121, 239, 5_000] {
            let html = PanelSparkline(
                values: (0..<count).map(Double.init), colour: nil, size: "line"
            ).html.html
            #expect(html.contains("100,2\""))
            #expect(html.ranges(of: ",").count <= 120 + html.ranges(of: ", ").count)
            #expect(count > 120 || html.ranges(of: ",").count >= count)
        }
        let large = PanelSparkline(values: [-1e308, 0, 1e308], colour: nil, size: "line").html.html
        #expect(large.contains("points=\"0,28 50,15 100,2\""))
    }

    @Test func logsAndTextsAreEscaped() async throws {
        let logs = try await Self.html(
            #"{"type": "logs", "datasource": {"type": "loki", "uid": "x"}, "targets": [{"expr": "{a=\"b\"}"}]}"#,
            lines: ["<script>alert(1)</script>"])
        #expect(logs.contains("&lt;script&gt;"))
        let text = try await Self.html(
            ##"{"type": "text", "options": {"content": "# A\n[in](/d/x) [out](https://x.y) <b> [bad](javascript:x)"}}"##
        )
        #expect(text.contains("<h4>A</h4>"))
        #expect(text.contains(#"<a href="/d/x">in</a>"#))
        #expect(text.contains(#"rel="noopener noreferrer""#))
        #expect(text.contains("&lt;b&gt;"))
        #expect(!text.contains("href=\"javascript"))
        let html = try await Self.html(
            #"{"type": "text", "options": {"mode": "html", "content": "<img src=x onerror=alert(1)>"}}"#
        )
        #expect(html.contains("&lt;img"))
    }

    @Test func aPanelWithoutDataOrDrawingSaysSo() async throws {
        #expect(try await Self.html(#"{"type": "stat", \#(Self.target)}"#, []).contains("No data"))
        let quiet = try await Self.html(
            #"{"type": "table", "targets": [{"expr": "a", "format": "table"}]}"#, [],
            missing: ["orders_<total>"])
        #expect(quiet.contains("Waits for <code>orders_&lt;total&gt;</code>"))
        let html = try await Self.html(#"{"type": "geomap", \#(Self.target)}"#)
        #expect(html.contains("geomap"))
        #expect(html.contains("class=\"notice\""))
    }

    /// The style sheet has every colour that a panel may name, in the shades of the palette.
    @Test func theStyleSheetHasThePalette() throws {
        let sheet = EmbeddedFiles.names.filter { $0.hasSuffix(".css") }
            .compactMap { EmbeddedFiles.find($0) }
            .map { String(decoding: $0, as: UTF8.self) }.joined()
        let colours =
            Palette.names.compactMap(Palette.colour)
            + (0..<Palette.seriesCount).map { Palette.series($0) }
        for colour in colours {
            let token = try #require(colour.token)
            #expect(sheet.contains("\(token): light-dark(\(colour.light), \(colour.dark));"))
        }
    }
}
