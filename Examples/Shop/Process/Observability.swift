import Logging
import Perch
import ServiceLifecycle

/// The SDK of each of the five services.
///
/// A service that has its process to itself calls `Perch.bootstrap()` once, and then writes
/// `Logger(label:)`, `withSpan` and `Counter` wherever it likes. The demo plays five services in
/// one process, so each part is handed the SDK of its own, as `perch`.
struct Observability: Service {
    private static let version = "2.3.1"

    let api: PerchService
    let payments: PerchService
    let worker: PerchService
    let inventory: PerchService
    let media: PerchService

    init(_ options: Options) {
        let instance = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
        api = PerchService(Self.options("shop-api", instance, options))
        payments = PerchService(Self.options("shop-payments", instance, options))
        worker = PerchService(Self.options("shop-worker", instance, options))
        inventory = PerchService(Self.options("shop-inventory", instance, options))
        media = PerchService(Self.options("shop-media", instance, options))
    }

    /// Runs them side by side, so that they send their last words side by side as well.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in [api, payments, worker, inventory, media] {
                group.addTask { try await service.run() }
            }
            try await group.waitForAll()
        }
    }

    private static func options(
        _ name: String, _ instance: String, _ options: Options
    ) -> PerchOptions {
        var perch = PerchOptions()
        perch.service = name
        perch.version = version
        perch.environment = "demo"
        perch.resource = ["service.instance.id": "\(name)-\(instance)"]
        // The terminal shows incidents only; what is logged goes to the collector.
        perch.logs.format = .none
        perch.logs.level = .debug
        // Most answers take less than the shortest bucket of the default.
        perch.metrics.buckets["http_request_duration_seconds"] = MetricOptions.durationBuckets
        perch.metrics.buckets["job_duration_seconds"] = MetricOptions.durationBuckets
        perch.metrics.buckets["pipeline_step_duration_seconds"] = MetricOptions.durationBuckets
        perch.export = ExportOptions(endpoint: options.endpoint)
        if let key = options.key { perch.export.headers = [("authorization", "Bearer \(key)")] }
        perch.export.tellsDeploys = true
        perch.errors.dsn = options.dsn
        // A demo shall show at once what happens.
        perch.export.delay = Limits.exportInterval
        perch.export.metricInterval = options.metricInterval
        perch.export.flushTimeout = Limits.flushTimeout
        perch.queueInterval = Limits.metricInterval
        return perch
    }
}
