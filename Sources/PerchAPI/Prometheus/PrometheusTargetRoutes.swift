import Foundation
package import Hummingbird
package import PerchIngest
package import PerchModel

/// What is scraped, as Prometheus' API tells it.
///
/// Source: Prometheus, "HTTP API", targets.
package struct PrometheusTargetRoutes: Sendable {
    private let pools: @Sendable () -> [ScrapePoolStatus]
    private let descriptions: @Sendable ([LabelMatcher]) -> [TargetDescriptions]

    package init(
        pools: @escaping @Sendable () -> [ScrapePoolStatus],
        descriptions: @escaping @Sendable ([LabelMatcher]) -> [TargetDescriptions]
    ) {
        self.pools = pools
        self.descriptions = descriptions
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/v1/scrape_pools") { _, _ in
            PrometheusAnswer { text in
                text.json("{\"scrapePools\":")
                text.list(pools().map(\.job).sorted()) { $0.jsonString($1) }
                text.json("}")
            }.response()
        }
        router.get("api/v1/targets") { request, _ in
            try await targets(PrometheusParameters(request))
        }
        router.get("api/v1/targets/metadata") { request, _ in
            try await metadata(PrometheusParameters(request))
        }
    }

    private func targets(_ parameters: PrometheusParameters) throws -> Response {
        let state = (parameters["state"] ?? "").lowercased()
        let showsActive = ["", "any", "active"].contains(state)
        let showsDropped = ["", "any", "dropped"].contains(state)
        let job = parameters["scrapePool"]
        let pools = pools().filter { job == nil || $0.job == job }
        return PrometheusAnswer { text in
            text.json("{\"activeTargets\":")
            let active = pools.flatMap { pool in pool.active.map { (pool.job, $0) } }
            text.list(showsActive ? active : []) { Self.append($1.0, $1.1, to: &$0) }
            text.json(",\"droppedTargets\":")
            let dropped = pools.flatMap { pool in pool.dropped.map { (pool.job, $0) } }
            text.list(showsDropped ? dropped : []) { text, row in
                text.json("{\"discoveredLabels\":")
                text.object(row.1.sorted) { $0.jsonString($1) }
                text.json(",\"scrapePool\":")
                text.jsonString(row.0)
                text.json("}")
            }
            text.json(",\"droppedTargetCounts\":")
            let counts = pools.map { (name: $0.job, value: $0.droppedCount) }
            text.object(counts) { $0.append(contentsOf: "\($1)".utf8) }
            text.json("}")
        }.response()
    }

    /// What targets say of their families: of all metrics, or of one, which is then not named.
    private func metadata(_ parameters: PrometheusParameters) throws -> Response {
        let metric = parameters["metric"] ?? ""
        let limit = try parameters.descriptionLimit() ?? .max
        let targets = descriptions(try parameters.selector("match_target") ?? [])
        let rows = targets.lazy.flatMap { target in
            target.families.filter { metric.isEmpty || $0.family == metric }
                .map { (target.labels, $0) }
        }
        return PrometheusAnswer { text in
            text.list(rows.prefix(limit)) { text, row in
                text.json("{\"target\":")
                text.object(row.0.sorted) { $0.jsonString($1) }
                var fields = [
                    ("type", row.1.type.name), ("help", row.1.help), ("unit", row.1.unit),
                ]
                if metric.isEmpty { fields.insert(("metric", row.1.family), at: 0) }
                for (name, value) in fields {
                    text.json(",")
                    text.jsonString(name)
                    text.json(":")
                    text.jsonString(value)
                }
                text.json("}")
            }
        }.response()
    }

    private static func append(
        _ job: String, _ status: ScrapeTargetStatus, to text: inout [UInt8]
    ) {
        let target = status.target
        let health = status.report.map { $0.isUp ? "up" : "down" } ?? "unknown"
        text.json("{\"discoveredLabels\":")
        text.object(target.discovered.sorted) { $0.jsonString($1) }
        text.json(",\"labels\":")
        text.object(target.labels.sorted) { $0.jsonString($1) }
        let fields = [
            ("scrapePool", job), ("scrapeUrl", target.url), ("globalUrl", target.url),
            ("lastError", status.report?.message ?? ""),
            ("lastScrape", time(nanos: status.startNanos)), ("health", health),
            ("scrapeInterval", ScrapeText.text(ofNanos: target.intervalNanos)),
            ("scrapeTimeout", ScrapeText.text(ofNanos: target.timeoutNanos)),
        ]
        for (name, value) in fields {
            text.json(",")
            text.jsonString(name)
            text.json(":")
            text.jsonString(value)
        }
        text.json(",\"lastScrapeDuration\":")
        let seconds = Double(status.report?.durationNanos ?? 0) / 1_000_000_000
        text.append(contentsOf: "\(seconds)}".utf8)
    }

    private static func time(nanos: Int64?) -> String {
        guard let nanos else { return "0001-01-01T00:00:00Z" }
        return Date(timeIntervalSince1970: Double(nanos) / 1e9).formatted(.iso8601)
    }
}
