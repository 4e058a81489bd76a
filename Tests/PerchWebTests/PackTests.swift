import PerchDashboards
import PerchLogQL
import PerchModel
import PerchPromQL
import Testing

@testable import PerchWeb

/// The dashboards that come with the server.
@Suite struct PackTests {
    private static let range = PerchDashboards.TimeRange(
        fromMillis: 1_763_755_200_000, toMillis: 1_763_758_800_000)

    @Test func eachHasAnIDOfItsOwn() throws {
        let packs = DashboardPacks.all
        #expect(packs.count >= 30)
        #expect(Set(packs.map(\.name)).count == packs.count)
        let ids = try packs.map { try Dashboard(reading: $0.bytes).uid }
        #expect(ids == packs.map { "perch-" + $0.name })
    }

    /// DB-1 to DB-13, DB-15, DB-16: every query can be parsed, every panel drawn, nothing is left out.
    @Test(arguments: DashboardPacks.all.map(\.name))
    func everyQueryIsOneAndEveryPanelDraws(_ name: String) async throws {
        let pack = try #require(DashboardPacks.all.first { $0.name == name })
        let dashboard = try Dashboard(reading: pack.bytes)
        #expect(!dashboard.description.isEmpty)
        let state = await VariableState.resolve(
            dashboard, address: FormParameters(""), range: Self.range
        ) { _, _ in .values(["one", "two"]) }
        #expect(state.variables.allSatisfy { $0.notice == nil })
        for panel in dashboard.panels {
            let questions = PanelQuestions(
                panel, in: dashboard, state: state, width: 600, nowMillis: Self.range.toMillis)
            #expect(!questions.queries.isEmpty, "\(panel.title)")
            for query in questions.queries {
                // `${1}` is a group of a label's pattern.
                let text = query.expression.replacing("${1}", with: "")
                #expect(!text.contains("$"), "\(panel.title)")
                do {
                    switch query.language {
                    case .promQL: _ = try Parser.parse(query.expression)
                    case .logQL: _ = try LogQLParser.parse(query.expression)
                    }
                } catch {
                    Issue.record("\(panel.title): \(query.expression): \(error)")
                }
            }
            let data = PanelData(
                questions.queries.map { query in
                    let series = PanelData.Series(
                        labels: [FrameLabel(name: "le", value: "1")],
                        times: [Self.range.toMillis], values: [1])
                    return PanelData.Answer(query: query, body: .series([series]))
                })
            let content = PanelContent.make(
                panel, questions: questions, data: data, scope: state.scope,
                clock: UnitFormat.Clock(nowMillis: Self.range.toMillis))
            #expect(content.notices == [], "\(panel.title)")
            if case .empty = content.body {
                #expect(panel.type == "logs", "\(panel.title)")
            }
            for unit in panel.fieldConfig.units {
                #expect(UnitFormat.isKnown(unit), "\(unit)")
            }
        }
    }
}
