import PerchDashboards
import PerchModel
import Testing

@Suite struct LayoutTests {
    private static func layout(_ panels: String, values: Int) async throws -> DashboardLayout {
        let options = (1...values).map { "n\($0)" }.joined(separator: ",")
        let dashboard = try Dashboard(
            text: """
                {"panels": [\(panels)], "templating": {"list": [
                    {"name": "node", "type": "custom", "query": "\(options)", "multi": true,
                     "includeAll": true, "current": {"value": "$__all"}}]}}
                """)
        return DashboardLayout(dashboard, state: await DashboardFiles.state(of: dashboard))
    }

    @Test func aPanelIsRepeatedBesideItselfAndPushesOthersDown() async throws {
        let layout = try await Self.layout(
            """
            {"id": 1, "type": "stat", "title": "on $node", "repeat": "node", "maxPerRow": 2,
             "gridPos": {"x": 0, "y": 0, "w": 24, "h": 4}},
            {"id": 2, "type": "stat", "gridPos": {"x": 0, "y": 4, "w": 24, "h": 4}}
            """, values: 3)
        let panels = try #require(layout.rows.first?.panels)
        #expect(panels.map(\.key) == ["1-node-n1", "1-node-n2", "1-node-n3", "2"])
        #expect(
            panels.map(\.panel.position) == [
                GridPosition(x: 0, y: 0, width: 12, height: 4),
                GridPosition(x: 12, y: 0, width: 12, height: 4),
                GridPosition(x: 0, y: 4, width: 12, height: 4),
                GridPosition(x: 0, y: 8, width: 24, height: 4),
            ])
        let titles = panels.map { Interpolator(scope: $0.scope, policy: .text).text("$node") }
        #expect(titles == ["n1", "n2", "n3", "{n1,n2,n3}"])
        #expect(layout.rows.first?.height == 12)
    }

    @Test func aPanelIsRepeatedBelowItself() async throws {
        let layout = try await Self.layout(
            """
            {"id": 1, "type": "stat", "repeat": "node", "repeatDirection": "v",
             "gridPos": {"x": 6, "y": 2, "w": 6, "h": 3}}
            """, values: 2)
        #expect(
            layout.rows.first?.panels.map(\.panel.position) == [
                GridPosition(x: 6, y: 0, width: 6, height: 3),
                GridPosition(x: 6, y: 3, width: 6, height: 3),
            ])
    }

    @Test func aRowIsRepeatedWithItsPanels() async throws {
        let layout = try await Self.layout(
            """
            {"id": 9, "type": "row", "title": "Node $node", "repeat": "node",
             "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
            {"id": 1, "type": "stat", "repeat": "node", "gridPos": {"x": 0, "y": 1, "w": 6, "h": 3}}
            """, values: 2)
        #expect(layout.rows.map { $0.heading?.title } == ["Node n1", "Node n2"])
        #expect(layout.rows.map { $0.panels.map(\.key) } == [["1-node-n1"], ["1-node-n2"]])
    }

    /// Rows and panels that are repeated by different variables multiply.
    @Test func panelsOfAllRowsAndCopiesHaveABound() async throws {
        let options = (1...100).map { "n\($0)" }.joined(separator: ",")
        func variable(_ name: String) -> String {
            """
            {"name": "\(name)", "type": "custom", "query": "\(options)", "multi": true,
             "includeAll": true, "current": {"value": "$__all"}}
            """
        }
        let dashboard = try Dashboard(
            text: """
                {"panels": [
                  {"id": 9, "type": "row", "repeat": "a", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
                  {"id": 1, "type": "stat", "repeat": "b", "gridPos": {"x": 0, "y": 1, "w": 6, "h": 3}},
                  {"id": 2, "type": "stat", "repeat": "a", "gridPos": {"x": 0, "y": 4, "w": 6, "h": 3}}],
                 "templating": {"list": [\(variable("a")), \(variable("b"))]}}
                """)
        let layout = DashboardLayout(dashboard, state: await DashboardFiles.state(of: dashboard))
        #expect(layout.rows.map(\.panels.count).reduce(0, +) == Limits.panelsMax)
        #expect(
            layout.notices == [
                .tooMany(what: "panels", count: 100 * 101, shown: Limits.panelsMax)
            ])
    }

    @Test func tooManyCopiesAreCutAndToldOf() async throws {
        let layout = try await Self.layout(
            #"{"id": 1, "type": "stat", "repeat": "node"}"#, values: Limits.repeatedPanelsMax + 5)
        #expect(layout.rows.first?.panels.count == Limits.repeatedPanelsMax)
        #expect(layout.notices.count == 1)
    }
}
