import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

@Suite struct DashboardReadingTests {
    /// Panels by kind, variables and units of each public file are those that were counted.
    @Test(.enabled(if: TestData.isAvailable), arguments: DashboardFiles.names)
    func whatAFileHoldsIsFound(_ name: String) throws {
        let dashboard = try DashboardFiles.load(name)
        let all = try DashboardFiles.expected()
        let expected = try #require(all.at(name + ".json"))
        #expect(dashboard.title == expected.at("title")?.scalarText)
        #expect(dashboard.uid == expected.at("uid")?.scalarText)
        #expect(dashboard.schemaVersion == expected.at("schemaVersion")?.integer)

        var types: [String: Int] = [:]
        for panel in dashboard.panels { types[panel.type, default: 0] += 1 }
        // Rows of old are no panels; a file of today counts its rows among them.
        let wanted = try #require(expected.at("panel_types"))
        if wanted.at("row") != nil {
            types["row"] = dashboard.rows.count { $0.heading != nil }
        }
        for member in wanted.members { #expect(types[member.name] == member.value.integer) }
        #expect(types.values.reduce(0, +) == expected.at("panels")?.integer)

        // Headings of old files may have targets too, which nobody asks.
        let inHeadings = dashboard.json.at("panels").items
            .filter { $0.at("type")?.scalarText == "row" }.flatMap { $0.at("targets").items }
        let targets = dashboard.panels.flatMap(\.targets)
        #expect(targets.count + inHeadings.count == expected.at("targets")?.integer)
        let expressions = targets.map(\.expression).filter { !$0.isEmpty }
        #expect(expressions.count == expected.at("expressions")?.integer)
        #expect(Set(expressions).count == expected.at("distinct_expressions")?.integer)

        let variables = expected.at("variables").items
        #expect(dashboard.variables.map(\.name) == variables.map { $0.at("name")?.scalarText })
        for (variable, json) in zip(dashboard.variables, variables) {
            #expect(Self.kind(variable.kind) == json.at("type")?.scalarText)
        }
        let units = Set(dashboard.panels.flatMap(\.fieldConfig.units))
        #expect(units.isSuperset(of: expected.at("units").texts))
        let transformations = Set(dashboard.panels.flatMap { $0.transformations.map(\.id) })
        #expect(transformations == Set(expected.at("transformations").texts))
        #expect(dashboard.annotations.count == expected.at("annotations")?.integer)
        #expect(dashboard.links.count == expected.at("links")?.integer)
        // An export is what was imported.
        #expect(try dashboard.source == DashboardFiles.bytes(name))
    }

    private static func kind(_ kind: Variable.Kind) -> String {
        switch kind {
        case .query: "query"
        case .custom: "custom"
        case .interval: "interval"
        case .constant: "constant"
        case .textBox: "textbox"
        case .adHoc: "adhoc"
        case .dataSource: "datasource"
        case .unknown(let type): type
        }
    }

    /// DB-14: no ids, grid, schema or data source.
    @Test func theMinimalFileHasPlacesAndIDs() throws {
        let dashboard = try Dashboard(
            text: """
                {"title": "Perch", "panels": [
                    {"type": "graph", "title": "a", "targets": [{"expr": "rate(a[5m])"}]},
                    {"type": "stat", "title": "b", "targets": [{"expr": "b"}]},
                    {"type": "gauge", "title": "c", "targets": [{"expr": "c"}]},
                    {"type": "graph", "title": "d", "targets": [{"expr": "d"}, {"expr": "e"}]}]}
                """)
        #expect(dashboard.title == "Perch")
        #expect(dashboard.panels.map(\.id) == [1, 2, 3, 4])
        #expect(
            dashboard.panels.map(\.position) == [
                GridPosition(x: 0, y: 0, width: 12, height: 8),
                GridPosition(x: 12, y: 0, width: 6, height: 4),
                GridPosition(x: 18, y: 0, width: 6, height: 8),
                GridPosition(x: 0, y: 8, width: 12, height: 8),
            ])
        #expect(dashboard.panels[3].targets.map(\.refID) == ["A", "B"])
        #expect(dashboard.timeFrom == "now-6h")
    }

    @Test func rowsHoldWhatStandsBehindThem() throws {
        let dashboard = try Dashboard(
            text: """
                {"panels": [
                    {"id": 3, "type": "stat", "gridPos": {"x": 0, "y": 0, "w": 6, "h": 4}},
                    {"id": 1, "type": "row", "title": "open", "gridPos": {"x": 0, "y": 4, "w": 24, "h": 1}},
                    {"id": 3, "type": "graph", "gridPos": {"x": 12, "y": 5, "w": 12, "h": 8}},
                    {"id": 4, "type": "graph", "gridPos": {"x": 0, "y": 5, "w": 12, "h": 8}},
                    {"type": "row", "title": "of $job", "collapsed": true, "repeat": "job", "panels": [
                        {"type": "text"}]}]}
                """)
        #expect(dashboard.rows.map { $0.heading?.title } == [nil, "open", "of $job"])
        #expect(dashboard.rows.map { $0.heading?.isCollapsed } == [nil, false, true])
        #expect(dashboard.rows[2].heading?.repetition?.variable == "job")
        // The second panel 3 gets a number of its own; panels go from left to right.
        #expect(dashboard.rows[1].panels.map(\.id) == [4, 2])
        #expect(dashboard.panels.map(\.id).count == Set(dashboard.panels.map(\.id)).count)
    }

    @Test func rowsOfOldBecomeAGrid() throws {
        let dashboard = try Dashboard(
            text: """
                {"schemaVersion": 14, "rows": [
                    {"title": "one", "height": "250px", "showTitle": true, "panels": [
                        {"id": 1, "type": "graph", "span": 6}, {"id": 2, "type": "graph", "span": 6},
                        {"id": 3, "type": "singlestat", "span": 4}]},
                    {"title": "two", "panels": [{"id": 4, "type": "graph", "span": 12}]}]}
                """)
        #expect(dashboard.rows.map { $0.heading?.title } == ["one", "two"])
        #expect(
            dashboard.panels.map(\.position) == [
                GridPosition(x: 0, y: 0, width: 12, height: 9),
                GridPosition(x: 12, y: 0, width: 12, height: 9),
                GridPosition(x: 0, y: 9, width: 8, height: 9),
                GridPosition(x: 0, y: 18, width: 24, height: 8),
            ])
    }

    @Test func aPanelSaysHowItRepeatsAndLinks() throws {
        let dashboard = try Dashboard(
            text: """
                {"panels": [{"type": "stat", "repeat": "node", "repeatDirection": "v", "maxPerRow": 3,
                    "transparent": true, "description": "what", "links": [
                        {"title": "more", "url": "/d/x?${__url_time_range}", "targetBlank": true}],
                    "libraryPanel": {"name": "shared", "uid": "u"}}]}
                """)
        let panel = try #require(dashboard.panels.first)
        #expect(panel.repetition?.variable == "node")
        #expect(panel.repetition?.direction == .vertical)
        #expect(panel.repetition?.maxPerRow == 3)
        #expect(panel.isTransparent)
        #expect(panel.description == "what")
        #expect(panel.links.map(\.title) == ["more"])
        #expect(panel.libraryName == "shared")
    }

    @Test func aDashboardInTheWrappingOfTheAPIIsRead() throws {
        let text = #"{"dashboard": {"title": "inner", "panels": []}, "meta": {}}"#
        #expect(try Dashboard(text: text).title == "inner")
    }

    @Test(arguments: [
        (#"{"title": }"#, DashboardFailure.notJSON(.init(reason: .notJSON, atByte: 10))),
        (
            #"{"title": "a"} x"#,
            DashboardFailure.notJSON(.init(reason: .moreAfterTheValue, atByte: 15))
        ),
        ("[1]", .notADashboard), (#"{"a": 1}"#, .notADashboard), ("null", .notADashboard),
    ])
    func whatIsNoDashboardIsRefusedWithItsPlace(_ text: String, _ failure: DashboardFailure) {
        let thrown = #expect(throws: DashboardFailure.self) { try Dashboard(text: text) }
        #expect(thrown == failure)
        #expect(thrown?.description.isEmpty == false)
    }

    @Test func deepAndLargeFilesAreRefused() {
        let deep = String(repeating: #"{"panels":["#, count: 200)
        #expect(throws: DashboardFailure.self) { try Dashboard(text: deep) }
        let panels = Array(repeating: "{}", count: Limits.panelsMax + 1).joined(separator: ",")
        let thrown = #expect(throws: DashboardFailure.self) {
            try Dashboard(text: "{\"panels\": [\(panels)]}")
        }
        #expect(thrown == .tooManyPanels(count: Limits.panelsMax + 1))
        let spaces = [UInt8](repeating: 0x20, count: Limits.dashboardByteCountMax + 1)
        #expect(throws: DashboardFailure.tooLarge(byteCount: spaces.count)) {
            try Dashboard(reading: spaces)
        }
    }
}
