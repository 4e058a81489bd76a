import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

/// Whatever a file holds, it is read, asked and drawn without a trap.
@Suite struct HostileTests {
    /// Puts values of other types, sizes and places into a tree.
    private struct Mutator {
        var random: SeededGenerator

        private static let values: [JSONValue] = [
            .null, .bool(true), .number("-1"), .number("1e308"), .number("-9e18"), .number("0"),
            .number("0.5"), .string(""), .string("$x${y:z}[[w]]"), .string("(?!x)["),
            .string("\u{202e}\u{0}\u{1f468}\u{200d}\u{1f469}"), .string("/(.*)/"),
            .string("$__all"),
            .array([]), .object([]), .array([.null, .string("a"), .number("3")]),
            .object([.init(name: "options", value: .number("7"))]), .number("999999999999"),
            .string("-- Dashboard --"), .string("p50"), .string("log"),
        ]

        mutating func mutate(_ value: JSONValue, rate: Int) -> JSONValue {
            if Int.random(in: 0..<1_000, using: &random) < rate {
                return Self.values.randomElement(using: &random) ?? .null
            }
            switch value {
            case .array(let items):
                var items = items.map { mutate($0, rate: rate) }
                if Int.random(in: 0..<200, using: &random) < rate { items.shuffle(using: &random) }
                return .array(items)
            case .object(let members):
                return .object(
                    members.compactMap {
                        if Int.random(in: 0..<2_000, using: &random) < rate { return nil }
                        return .init(name: $0.name, value: mutate($0.value, rate: rate))
                    })
            default: return value
            }
        }
    }

    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: [
            "VictoriaMetrics/query-stats", "VictoriaMetrics/metrics-explorer",
            "grafana/loki-chunks",
            "VictoriaMetrics/alert-statistics", "rfmoz/apache-full",
        ])
    func mutatedFilesNeverTrap(_ name: String) async throws {
        let original = try JSONValue(reading: DashboardFiles.bytes(name))
        var mutator = Mutator(random: SeededGenerator(seed: 7))
        var drawn = 0
        for round in 0..<6 {
            let changed = mutator.mutate(original, rate: [2, 10, 40, 100][round % 4])
            guard let dashboard = try? Dashboard(reading: Array(changed.source.utf8)) else {
                continue
            }
            drawn += await draw(dashboard)
        }
        #expect(drawn > 0)
    }

    /// Asks and draws every panel, and says how many have something to draw.
    private func draw(_ dashboard: Dashboard) async -> Int {
        let state = await DashboardFiles.state(of: dashboard, address: "var-job=a&var-job=$__all")
        let layout = DashboardLayout(dashboard, state: state)
        var drawn = 0
        for item in layout.rows.flatMap(\.panels) {
            let questions = PanelQuestions(
                item.panel, in: dashboard, state: state, scope: item.scope, width: 0,
                nowMillis: .max)
            let content = PanelContent.make(
                item.panel, questions: questions, data: Answers.answer(questions.queries),
                scope: item.scope, clock: DashboardFiles.clock)
            if case .empty = content.body { continue }
            drawn += 1
        }
        return drawn
    }

    @Test func numbersThatAreNoneAreDrawn() async throws {
        for type in [
            "timeseries", "stat", "gauge", "bargauge", "piechart", "table", "heatmap", "histogram",
            "state-timeline", "status-history", "barchart",
        ] {
            let panel = try await AnsweredPanel(
                #"{"type": "\#(type)", "targets": [{"expr": "a"}], "options": {"calculate": true}}"#
            )
            for values in [
                [], [.nan], [.infinity, -.infinity], [1e308, -1e308], [0, 0],
                [.leastNonzeroMagnitude, 1],
            ] as [[Double]] {
                let content = panel.content([Answers.series([("le", "x\u{202e}")], values)])
                #expect(content.notices == [])
            }
        }
    }

    @Test func bytesCutOffAnywhereAreRefused() throws {
        let text = Array(#"{"title": "a\u00e9", "panels": [{"id": 1.5e3, "type": "stat"}]}"#.utf8)
        for length in text.indices {
            #expect(throws: DashboardFailure.self) {
                try Dashboard(reading: Array(text[..<length]))
            }
        }
        for index in text.indices {
            for byte in [0, 0x22, 0x5c, 0x7b, 0xff] as [UInt8] {
                var changed = text
                changed[index] = byte
                _ = try? Dashboard(reading: changed)
            }
        }
    }
}
