import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

/// What becomes of every panel of every public dashboard.
@Suite struct OutcomeTests {
    /// Each panel is drawn from data or says what is missing; none is silent.
    @Test(.enabled(if: TestData.isAvailable)) func everyPanelIsDrawnOrSaysWhy() async throws {
        var counts: [String: Int] = [:]
        for name in DashboardFiles.names {
            let dashboard = try DashboardFiles.load(name)
            let state = await DashboardFiles.state(of: dashboard)
            for panel in dashboard.panels {
                let questions = PanelQuestions(
                    panel, in: dashboard, state: state, width: 600,
                    nowMillis: DashboardFiles.range.toMillis)
                let content = PanelContent.make(
                    panel, questions: questions, data: Answers.answer(questions.queries),
                    scope: state.scope, clock: DashboardFiles.clock)
                let outcome = Self.outcome(content)
                counts[outcome, default: 0] += 1
                #expect(outcome != "silent", "\(name): \(panel.type) \(panel.title)")
            }
            counts["headings", default: 0] += dashboard.rows.count { $0.heading != nil }
        }
        let lines = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.sorted()
        let other = "; Perch answers as Prometheus and Loki."
        let asks = "not drawn: This asks a data source of the type "
        #expect(
            lines == [
                "18 \(asks)“victoriametrics-logs-datasource”\(other)", "485 drawn",
                "7 \(asks)“yesoreyeram-infinity-datasource”\(other)", "82 headings",
            ])
    }

    private static func outcome(_ content: PanelContent) -> String {
        let notes = Set(content.notices.map(\.text)).sorted().joined(separator: " ")
        if case .empty = content.body { return notes.isEmpty ? "silent" : "not drawn: " + notes }
        return notes.isEmpty ? "drawn" : "drawn with a notice: " + notes
    }
}
