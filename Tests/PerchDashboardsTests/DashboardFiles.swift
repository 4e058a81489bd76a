import PerchDashboards
import PerchModel
import PerchTestSupport

/// The public dashboards of the shared test data.
enum DashboardFiles {
    static let names = [
        "VictoriaMetrics/alert-statistics", "VictoriaMetrics/clusterbytenant",
        "VictoriaMetrics/metrics-explorer", "VictoriaMetrics/query-stats",
        "VictoriaMetrics/victoriametrics", "VictoriaMetrics/vmagent", "grafana/loki-chunks",
        "grafana/loki-logs", "grafana/loki-operational", "grafana/loki-reads",
        "rfmoz/apache-full", "rfmoz/bind9-full", "rfmoz/node-exporter-bsd",
        "rfmoz/node-exporter-full",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try TestData.bytes("dashboards/\(name).json")
    }

    static func load(_ name: String) throws -> Dashboard {
        try Dashboard(reading: bytes(name))
    }

    /// What a correct reader finds in each file.
    static func expected() throws -> JSONValue {
        try JSONValue(reading: TestData.bytes("dashboards/expected.json"))
    }

    /// An hour, for tests that ask something.
    static let range = TimeRange(fromMillis: 1_763_755_200_000, toMillis: 1_763_758_800_000)
    static let clock = UnitFormat.Clock(nowMillis: 1_763_758_800_000)

    /// Answers every variable with two values.
    static func state(
        of dashboard: Dashboard, address: String = ""
    ) async -> VariableState {
        await VariableState.resolve(
            dashboard, address: FormParameters(address), range: range
        ) { question, _ in
            if case .queryResult = question {
                return .samples([.init(labels: [], value: 1, timeMillis: 0)])
            }
            return .values(["alpha", "beta.1"])
        }
    }
}

extension Dashboard {
    /// A dashboard from text of a test.
    init(text: String) throws {
        try self.init(reading: Array(text.utf8))
    }
}
