import Foundation
import PerchTestSupport
import Testing

/// Public dashboards against a server with a live node exporter: no panel is lost, as many as this
/// machine has data for are drawn or say why not, and no query fails that Prometheus would answer.
@Suite struct DashboardTests {
    /// How the panels of one dashboard ended.
    struct Outcomes: Equatable {
        var drawn = 0
        var empty = 0
        var noticed = 0
        /// Notices of queries that could not be answered.
        var failures: [String] = []
        var total: Int { drawn + empty + noticed }
    }

    /// What is asked of one file.
    private struct Expectation {
        var name: String
        /// Panels of its page.
        var panels: Int
        /// Panels that are drawn or say why not, at least, whatever the machine counts of itself.
        var shown = 0
        /// Whether all panels are drawn whose metrics are there: the file asks for the labels that
        /// a node exporter has.
        var isOfNodes = false
        /// Queries that may fail: those with functions that only MetricsQL has.
        var failures = 0
    }

    private static let files = [
        Expectation(name: "VictoriaMetrics/alert-statistics", panels: 7, shown: 3, failures: 3),
        Expectation(name: "VictoriaMetrics/clusterbytenant", panels: 19, shown: 12, failures: 12),
        Expectation(name: "VictoriaMetrics/metrics-explorer", panels: 10, shown: 10),
        Expectation(name: "VictoriaMetrics/query-stats", panels: 19, shown: 19),
        Expectation(name: "VictoriaMetrics/victoriametrics", panels: 76),
        Expectation(name: "VictoriaMetrics/vmagent", panels: 81),
        Expectation(name: "grafana/loki-chunks", panels: 14),
        Expectation(name: "grafana/loki-logs", panels: 10),
        Expectation(name: "grafana/loki-operational", panels: 54),
        Expectation(name: "grafana/loki-reads", panels: 21),
        Expectation(name: "rfmoz/apache-full", panels: 17),
        Expectation(name: "rfmoz/bind9-full", panels: 21),
        Expectation(name: "rfmoz/node-exporter-bsd", panels: 36, isOfNodes: true),
        Expectation(name: "rfmoz/node-exporter-full", panels: 125, isOfNodes: true),
    ]

    /// How many panels have a query of which every metric is there.
    ///
    /// What a node exporter counts depends on the machine, so the file and the server's names tell
    /// what can be drawn.
    private static func drawable(_ file: [UInt8], _ names: Set<Substring>) throws -> Int {
        func panels(_ parent: [String: Any]) -> [[String: Any]] {
            let own = parent["panels"] as? [[String: Any]] ?? []
            let rows = parent["rows"] as? [[String: Any]] ?? []
            return own + (own + rows).flatMap(panels)
        }
        func isDrawable(_ target: [String: Any]) -> Bool {
            guard let query = target["expr"] as? String else { return false }
            let plain = query.replacing(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/, with: "")
                .replacing(
                    /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/, with: "")
            // Names of functions have no underscore, or a parenthesis behind them.
            let metrics = plain.matches(of: /[a-zA-Z:][\w:]*_[\w:]*\b(?!\s*\()/).map(\.0)
            return !metrics.isEmpty && metrics.allSatisfy(names.contains)
        }
        let dashboard = try JSONSerialization.jsonObject(with: Data(file)) as? [String: Any]
        return panels(try #require(dashboard)).count { panel in
            (panel["targets"] as? [[String: Any]] ?? []).contains(where: isDrawable)
        }
    }

    /// Waits until a rate can be computed of what the node exporter counts, at the last of the round
    /// times at which panels ask.
    private static func waitForScrapes(_ address: String) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(90)
        let query = "min(count_over_time(node_cpu_seconds_total[5m]))>=3"
            .addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        while clock.now < deadline {
            let round = Int(Date().timeIntervalSince1970) / 15 * 15
            let answer = try await HTTP.get(
                "\(address)/api/v1/query?query=\(query ?? "")&time=\(round)")
            if answer.status == 200, answer.text.contains("\"value\":") { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw PerchProcess.Failure(description: "no scrapes of a node exporter in 90 s")
    }

    private static func outcomes(_ server: String, _ name: String) async throws -> Outcomes {
        let file = try TestData.bytes("dashboards/\(name).json")
        let saved = try await HTTP.post(
            server + "/api/v1/dashboards", file,
            headers: [("Content-Type", "application/json")])
        try #require(saved.status == 200, "\(name): \(saved.text)")
        let answer = try JSONSerialization.jsonObject(with: Data(saved.body)) as? [String: Any]
        let uid = try #require(answer?["uid"] as? String)
        // The file comes back byte by byte.
        let exported = try await HTTP.get(
            "\(server)/api/v1/dashboards/\(uid)", headers: [("Accept-Encoding", "identity")])
        #expect(exported.body == file)
        // A page of so many alike panels shrinks more than the client believes.
        let page = try await HTTP.get(
            "\(server)/d/\(uid)?range=15m", headers: [("Accept-Encoding", "identity")])
        #expect(page.status == 200)
        var outcomes = Outcomes()
        for match in page.text.matches(of: /hx-get="(\/d\/[^"]+\/panel[^"]+)"/) {
            let path = match.1.replacing("&amp;", with: "&")
            let panel = try await HTTP.get(
                server + path, headers: [("Accept-Encoding", "identity")])
            try #require(panel.status == 200, "\(name): \(path) answered \(panel.status)")
            let html = panel.text
            for notice in html.matches(of: /class="notice"[^>]*>([^<]*)/)
            where notice.1.hasPrefix("Query ") {
                outcomes.failures.append(String(notice.1))
            }
            if html.contains("data-chart") || html.contains("<svg") || html.contains("<table")
                || html.contains("panel-text") || html.contains("panel-stat")
            {
                outcomes.drawn += 1
            } else if html.contains("class=\"notice\"") {
                outcomes.noticed += 1
            } else {
                outcomes.empty += 1
            }
        }
        return outcomes
    }

    /// DB-14, DB-18, DB-19.
    @Test(
        .enabled(
            if: TestData.isAvailable && PeerProcess.tool("prometheus-node-exporter") != nil,
            "no node exporter, or no test data"),
        .timeLimit(.minutes(5)))
    func publicDashboardsAreDrawn() async throws {
        let folder = try TemporaryFolder()
        let port = try PeerProcess.freePort()
        let exporter = try PeerProcess(
            try #require(PeerProcess.tool("prometheus-node-exporter")),
            ["--web.listen-address=127.0.0.1:\(port)"])
        defer { exporter.stop() }
        let settings = URL(filePath: folder.path).appending(path: "prometheus.yml")
        try Data(
            """
            global: {scrape_interval: 2s}
            scrape_configs:
              - job_name: node
                static_configs: [{targets: ["127.0.0.1:\(port)"]}]
            """.utf8
        ).write(to: settings)
        let server = try await PerchProcess.start(
            dataPath: folder.path + "/data",
            environment: ["PERCH_PROMETHEUS": settings.path()])
        defer { server.kill() }
        try await Self.waitForScrapes(server.address)
        let listed = try await HTTP.get("\(server.address)/api/v1/label/__name__/values")
        let names = Set(listed.text.matches(of: /"([a-zA-Z_:][\w:]*)"/).map(\.1))
        var lines = ["| dashboard | panels | drawn | no data | notice | failed queries |"]
        for expected in Self.files {
            let name = expected.name
            let outcomes = try await Self.outcomes(server.address, name)
            lines.append(
                "| \(name) | \(outcomes.total) | \(outcomes.drawn) | \(outcomes.empty) | "
                    + "\(outcomes.noticed) | \(outcomes.failures.count) |")
            #expect(outcomes.total >= expected.panels, "\(name): \(outcomes)")
            #expect(
                outcomes.drawn + outcomes.noticed >= expected.shown, "\(name): \(outcomes)")
            if expected.isOfNodes {
                let drawable = try Self.drawable(TestData.bytes("dashboards/\(name).json"), names)
                #expect(drawable > 0, "\(name) asks for nothing that is there")
                #expect(
                    outcomes.drawn * 10 >= drawable * 9, "\(name): \(outcomes) of \(drawable)")
            }
            #expect(outcomes.failures.count <= expected.failures, "\(name): \(outcomes)")
        }
        print(lines.joined(separator: "\n"))
    }
}
