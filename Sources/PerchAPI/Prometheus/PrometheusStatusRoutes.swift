import Foundation
import HTTPTypes
package import Hummingbird
package import PerchModel
import PerchPromQL

/// What Prometheus' API tells about the server itself.
///
/// Source: Prometheus, "HTTP API", rules, alerts and status.
package struct PrometheusStatusRoutes: Sendable {
    /// What the routes need of the running server.
    package struct Hooks: Sendable {
        /// The configuration in use, without secrets.
        package var configuration: @Sendable () -> String
        /// Command-line settings by name.
        package var flags: @Sendable () -> [(name: String, value: String)]
        package var version: String
        /// When the server started, in milliseconds since 1970.
        package var startMillis: Int64
        package var retention: @Sendable () -> String
        package var runtime: @Sendable () -> RuntimeFacts

        package init(
            configuration: @escaping @Sendable () -> String,
            flags: @escaping @Sendable () -> [(name: String, value: String)],
            version: String, startMillis: Int64, retention: @escaping @Sendable () -> String,
            runtime: @escaping @Sendable () -> RuntimeFacts
        ) {
            self.configuration = configuration
            self.flags = flags
            self.version = version
            self.startMillis = startMillis
            self.retention = retention
            self.runtime = runtime
        }
    }

    /// What changes while the server runs.
    package struct RuntimeFacts: Sendable {
        /// When the configuration was read last, in milliseconds since 1970, and whether it was
        /// taken.
        package var reloadMillis: Int64
        package var isReloaded: Bool
        package var nowMillis: Int64
        /// Damaged parts of files that were met.
        package var damageCount: Int
        package var workingFolder: String
        package var threadCount: Int
        package var coreCount: Int

        package init(
            reloadMillis: Int64, isReloaded: Bool, nowMillis: Int64, damageCount: Int,
            workingFolder: String, threadCount: Int, coreCount: Int
        ) {
            self.reloadMillis = reloadMillis
            self.isReloaded = isReloaded
            self.nowMillis = nowMillis
            self.damageCount = damageCount
            self.workingFolder = workingFolder
            self.threadCount = threadCount
            self.coreCount = coreCount
        }
    }

    private let hooks: Hooks
    private let labels: any LabelSource

    package init(hooks: Hooks, labels: any LabelSource) {
        self.hooks = hooks
        self.labels = labels
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        // Alerting rules are not part of the server yet: the answers are those of a Prometheus
        // without them.
        router.get("api/v1/rules") { request, _ in
            let parameters = PrometheusParameters(FormParameters((request.uri.query ?? "").utf8))
            let type = (parameters["type"] ?? "").lowercased()
            guard ["", "alert", "record"].contains(type) else {
                throw PrometheusFailure(
                    .badData,
                    "invalid parameter \"type\": not supported value \(GoText.quote(type))")
            }
            return PrometheusAnswer.fixed("{\"groups\":[]}")
        }
        router.get("api/v1/alerts") { _, _ in PrometheusAnswer.fixed("{\"alerts\":[]}") }
        router.get("api/v1/alertmanagers") { _, _ in
            PrometheusAnswer.fixed("{\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}")
        }
        router.get("api/v1/status/config") { _, _ in
            PrometheusAnswer { text in
                text.json("{\"yaml\":")
                text.jsonString(hooks.configuration())
                text.json("}")
            }.response()
        }
        router.get("api/v1/status/flags") { _, _ in
            PrometheusAnswer { $0.object(hooks.flags()) { $0.jsonString($1) } }.response()
        }
        router.get("api/v1/status/buildinfo") { _, _ in
            PrometheusAnswer { text in
                let fields: [(name: String, value: String)] = [
                    ("application", "Perch"), ("version", hooks.version), ("revision", ""),
                    ("branch", ""), ("buildUser", ""), ("buildDate", ""), ("goVersion", ""),
                ]
                text.object(fields) { $0.jsonString($1) }
            }.response()
        }
        router.get("api/v1/status/runtimeinfo") { _, _ in runtime() }
        // Who can ask is served, and who is served finds the log replayed.
        router.get("api/v1/status/walreplay") { _, _ in
            PrometheusAnswer.fixed("{\"min\":0,\"max\":0,\"current\":0}")
        }
        router.get("api/v1/status/tsdb") { request, _ in try await cardinality(request) }
    }

    private static func rfc3339(millis: Int64) -> String {
        Date(timeIntervalSince1970: Double(millis) / 1_000).formatted(.iso8601)
    }

    /// The names are Prometheus'; what is Go's own has the nearest thing, or nothing.
    private func runtime() -> Response {
        let facts = hooks.runtime()
        return PrometheusAnswer { text in
            text.json("{\"startTime\":")
            text.jsonString(Self.rfc3339(millis: hooks.startMillis))
            text.json(",\"CWD\":")
            text.jsonString(facts.workingFolder)
            text.json(",\"serverTime\":")
            text.jsonString(Self.rfc3339(millis: facts.nowMillis))
            text.json(
                facts.isReloaded
                    ? ",\"reloadConfigSuccess\":true" : ",\"reloadConfigSuccess\":false")
            text.json(",\"lastConfigTime\":")
            text.jsonString(Self.rfc3339(millis: facts.reloadMillis))
            text.json(",\"corruptionCount\":")
            NumberText.appendWhole(Int64(facts.damageCount), to: &text)
            text.json(",\"goroutineCount\":")
            NumberText.appendWhole(Int64(facts.threadCount), to: &text)
            text.json(",\"GOMAXPROCS\":")
            NumberText.appendWhole(Int64(facts.coreCount), to: &text)
            text.json(",\"GOMEMLIMIT\":9223372036854775807,\"GOGC\":\"\",\"GODEBUG\":\"\"")
            text.json(",\"storageRetention\":")
            text.jsonString(hooks.retention())
            text.json("}")
        }.response()
    }

    /// Which names, labels and pairs have the most series.
    ///
    /// Source: Prometheus, "HTTP API", TSDB stats.
    private func cardinality(_ request: Request) async throws -> Response {
        let parameters = PrometheusParameters(FormParameters((request.uri.query ?? "").utf8))
        let count = await labels.cardinality(limit: try parameters.limit() ?? 10)
        return PrometheusAnswer { text in
            text.json("{\"headStats\":{\"numSeries\":")
            NumberText.appendWhole(Int64(count.seriesCount), to: &text)
            text.json(",\"numLabelPairs\":")
            NumberText.appendWhole(Int64(count.pairCount), to: &text)
            text.json(",\"chunkCount\":")
            NumberText.appendWhole(Int64(count.chunkCount), to: &text)
            text.json(",\"minTime\":")
            NumberText.appendWhole(count.times?.lowerBound ?? .max, to: &text)
            text.json(",\"maxTime\":")
            NumberText.appendWhole(count.times?.upperBound ?? .min, to: &text)
            text.json("},\"seriesCountByMetricName\":")
            Self.append(count.seriesByMetric, to: &text)
            text.json(",\"labelValueCountByLabelName\":")
            Self.append(count.valuesByLabel, to: &text)
            text.json(",\"memoryInBytesByLabelName\":")
            Self.append(count.bytesByLabel, to: &text)
            text.json(",\"seriesCountByLabelValuePair\":")
            Self.append(count.seriesByPair, to: &text)
            text.json("}")
        }.response()
    }

    private static func append(_ rows: [Cardinality.Row], to text: inout [UInt8]) {
        text.list(rows) { text, row in
            text.json("{\"name\":")
            text.jsonString(row.name)
            text.json(",\"value\":")
            NumberText.appendWhole(Int64(row.count), to: &text)
            text.json("}")
        }
    }
}
