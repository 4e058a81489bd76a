import Foundation
import Hummingbird
import PerchAPI
import PerchEvents
import PerchIngest
import PerchModel
import PerchPromQL
import PerchSeries

extension ServerState {
    /// Prometheus' API over the samples.
    func addPrometheus(to router: Router<PerchRequestContext>) {
        PrometheusQueryRoutes(
            samples: stores.series, options: { [self] in queryOptions }, now: now
        ).add(to: router)
        PrometheusSeriesRoutes(samples: stores.series, labels: stores.series).add(to: router)
        PrometheusFederateRoutes(samples: stores.series, now: now).add(to: router)
        PrometheusExportRoutes(samples: stores.series, labels: stores.series).add(to: router)
        PrometheusTargetRoutes(
            pools: { [self] in scraper.status },
            descriptions: { [self] in scraper.descriptions(of: $0) }
        ).add(to: router)
        PrometheusStatusRoutes(
            hooks: PrometheusStatusRoutes.Hooks(
                configuration: { [self] in configuration.summary + scrapeText },
                flags: { [self] in
                    let configuration = configuration
                    return [
                        ("query.lookback-delta", "5m"),
                        ("query.max-samples", "\(PerchPromQL.Limits.samplesMax)"),
                        ("query.timeout", "\(configuration.limits.queryTimeoutSeconds)s"),
                        ("storage.tsdb.path", configuration.data),
                        (
                            "storage.tsdb.retention.time",
                            "\(configuration.retention.metricsSeconds)s"
                        ),
                        ("web.enable-admin-api", "true"),
                        ("web.enable-remote-write-receiver", "true"),
                    ]
                },
                version: PerchVersion.current, startMillis: startNanos / 1_000_000,
                retention: { [self] in "\(configuration.retention.metricsSeconds)s" },
                runtime: { [self] in runtimeFacts }),
            labels: stores.series
        ).add(to: router)
        PrometheusAdminRoutes(
            hooks: PrometheusAdminRoutes.Hooks(
                delete: { [self] (selectors, times) async throws(StoreFailure) in
                    try await stores.series.delete(selectors, times: times)
                },
                snapshot: { [self] (skipsHead) async throws(StoreFailure) in
                    try await stores.snapshotSeries(
                        skipsHead: skipsHead, timeMillis: now() / 1_000_000)
                },
                compact: { [self] () async throws(StoreFailure) in
                    try await stores.series.compact()
                    try await stores.events.compact()
                })
        ).add(to: router)
    }

    private var runtimeFacts: PrometheusStatusRoutes.RuntimeFacts {
        let stats = stores.series.stats
        let reload = lastReload
        return PrometheusStatusRoutes.RuntimeFacts(
            reloadMillis: reload.nanos / 1_000_000, isReloaded: reload.isTaken,
            nowMillis: now() / 1_000_000,
            damageCount: stats.skippedRecordCount + stats.damagedSegmentCount
                + stats.damagedChunkCount,
            workingFolder: FileManager.default.currentDirectoryPath,
            threadCount: ProcessUsage.threadCount,
            coreCount: ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Loki's API over the logs.
    func addLoki(to router: Router<PerchRequestContext>) {
        let queryRoutes = LokiQueryRoutes(
            events: stores.events,
            timeoutNanos: { [self] in
                Int64(configuration.limits.queryTimeoutSeconds) &* 1_000_000_000
            },
            clock: { ContinuousClock.nowNanos }, now: now)
        queryRoutes.add(to: router)
        LokiTailRoutes(queries: queryRoutes, runner: queries, hub: tail).add(to: router)
    }

    // Kept, since the system is asked through several files.
    private static let helperCount = min(3, ProcessInfo.processInfo.activeProcessorCount - 1)

    var queryOptions: QueryOptions {
        var options = QueryOptions()
        options.timeoutNanos =
            Int64(configuration.limits.queryTimeoutSeconds) &* 1_000_000_000
        options.clock = { ContinuousClock.nowNanos }
        options.helperCount = Self.helperCount
        return options
    }
}

extension ContinuousClock {
    private static let origin = ContinuousClock.now

    /// Nanoseconds since some time before; it only goes forward.
    fileprivate static var nowNanos: Int64 {
        let parts = (ContinuousClock.now - origin).components
        return parts.seconds &* 1_000_000_000 &+ parts.attoseconds / 1_000_000_000
    }
}

extension PerchConfiguration {
    /// The main keys as YAML, without anything that is secret.
    fileprivate var summary: String {
        """
        data: \(data)
        auth: \(auth.rawValue)
        retention:
          metrics: \(retention.metricsSeconds)s
          logs: \(retention.logsSeconds)s
          errors: \(retention.errorsSeconds)s
          traces: \(retention.tracesSeconds)s

        """
    }
}
