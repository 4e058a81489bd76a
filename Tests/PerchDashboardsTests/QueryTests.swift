import PerchDashboards
import PerchModel
import Testing

@Suite struct QueryTests {
    private static func questions(
        _ panel: String, width: Int = 600, hours: Int64 = 1, more: String = ""
    ) async throws -> PanelQuestions {
        let dashboard = try Dashboard(text: #"{"panels": [\#(panel)\#(more)]}"#)
        let end = DashboardFiles.range.toMillis
        let range = TimeRange(fromMillis: end - hours * 3_600_000, toMillis: end)
        let state = await VariableState.resolve(
            dashboard, address: FormParameters(""), range: range
        ) { _, _ in .values([]) }
        let first = try #require(dashboard.panels.first)
        return PanelQuestions(
            first, in: dashboard, state: state, width: width, nowMillis: end)
    }

    /// Grafana's documented round steps.
    @Test(arguments: [
        (9.0, Int64(1)), (14, 10), (34, 20), (1_400, 1_000), (12_499, 10_000), (12_500, 15_000),
        (17_500, 20_000), (44_999, 30_000), (89_999, 60_000), (5_399_999, 3_600_000),
        (604_799_999, 86_400_000), (1e13, 31_536_000_000),
    ])
    func aStepIsRounded(_ millis: Double, _ step: Int64) {
        #expect(QueryInterval.rounded(millis) == step)
    }

    @Test(arguments: [
        // An hour on 600 pixels would be 6 s; samples come every 15.
        ("", 600, Int64(1), Int64(15_000), "1m"), ("", 600, 24, 120_000, "135s"),
        // The panel's least interval sets the step alone.
        (#""interval": "1m","#, 600, 1, 60_000, "75s"),
        (#""maxDataPoints": 60,"#, 600, 1, 60_000, "75s"),
    ])
    func stepsAndRateIntervals(
        _ json: String, _ width: Int, _ hours: Int64, _ step: Int64, _ rate: String
    ) async throws {
        let panel =
            #"{"type": "timeseries", \#(json) "targets": [{"expr": "rate(a[$__rate_interval])"}]}"#
        let query = try #require(
            try await Self.questions(panel, width: width, hours: hours).queries.first)
        #expect(query.stepMillis == step)
        #expect(query.expression == "rate(a[\(rate)])")
    }

    @Test func aTargetsOwnIntervalIsItsScrapeInterval() async throws {
        let panel =
            #"{"type": "stat", "interval": "2m", "targets": [{"expr": "a[$__rate_interval]", "interval": "1m"}]}"#
        let query = try #require(try await Self.questions(panel).queries.first)
        #expect(query.expression == "a[4m]")
    }

    @Test func namesOfTheRange() async throws {
        let panel =
            #"{"type": "stat", "targets": [{"expr": "a[$__range] $__range_s ${__range_ms} $__interval_ms", "instant": true}]}"#
        let query = try #require(try await Self.questions(panel).queries.first)
        #expect(query.expression == "a[3600s] 3600 3600000 15000")
        #expect(query.isInstant)
    }

    @Test func aPanelMayHaveATimeOfItsOwn() async throws {
        let panel =
            #"{"type": "stat", "timeFrom": "2h", "timeShift": "1d", "targets": [{"expr": "a"}]}"#
        let query = try #require(try await Self.questions(panel).queries.first)
        let end = DashboardFiles.range.toMillis - 86_400_000
        #expect(query.range == TimeRange(fromMillis: end - 7_200_000, toMillis: end))
    }

    @Test func whatATargetSays() async throws {
        let panel = """
            {"type": "table", "targets": [
                {"expr": "a", "refId": "X", "format": "table", "instant": true, "range": true,
                 "legendFormat": "{{job}}", "exemplar": true, "intervalFactor": 2},
                {"expr": "hidden", "hide": true}, {"expr": " "},
                {"expr": "{a=\\"b\\"}", "datasource": {"type": "loki", "uid": "l"}, "maxLines": 7}]}
            """
        let queries = try await Self.questions(panel).queries
        #expect(queries.map(\.refID) == ["X", "X", "D"])
        #expect(queries.map(\.isInstant) == [false, true, false])
        #expect(queries.map(\.language) == [.promQL, .promQL, .logQL])
        #expect(queries[0].shape == .table)
        #expect(queries[0].stepMillis == 30_000)
        #expect(queries[0].wantsExemplars)
        #expect(queries[2].limit == 7)
    }

    @Test(arguments: [
        (#"{"type": "elasticsearch", "uid": "e"}"#, "elasticsearch"),
        (#"{"type": "yesoreyeram-infinity-datasource", "uid": "$ds"}"#, "infinity"),
        (#"{"type": "grafana-testdata-datasource", "uid": "t"}"#, "test data"),
        (#"{"type": "datasource", "uid": "-- Dashboard --"}"#, "another panel"),
        (#""-- Grafana --""#, "Grafana itself"),
    ])
    func aDataSourceThatPerchIsNotIsNamed(_ source: String, _ word: String) async throws {
        let panel =
            #"{"type": "stat", "datasource": \#(source), "targets": [{"expr": "a"}]}"#
        let questions = try await Self.questions(panel)
        #expect(questions.queries.isEmpty)
        #expect(questions.notices.count == 1)
        #expect(questions.notices.first?.text.contains(word) == true)
    }

    @Test func aPanelMayTakeTheAnswersOfAnother() async throws {
        let panel =
            #"{"id": 1, "type": "stat", "datasource": {"type": "datasource", "uid": "-- Dashboard --"}, "targets": [{"panelId": 2}]}"#
        let more = #", {"id": 2, "type": "graph", "targets": [{"expr": "a"}]}"#
        let questions = try await Self.questions(panel, more: more)
        #expect(questions.queries.map(\.expression) == ["a"])
        #expect(questions.borrowedFrom == 2)
        #expect(
            try await Self.questions(panel).notices == [PanelNotice.missingPanel(2)])
    }

    @Test func aLibraryPanelWithoutABodyIsNamed() async throws {
        let panel = #"{"libraryPanel": {"name": "CPU", "uid": "u"}}"#
        #expect(try await Self.questions(panel).notices == [.libraryPanel("CPU")])
    }
}
