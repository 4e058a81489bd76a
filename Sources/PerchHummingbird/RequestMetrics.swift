import CoreMetrics
import Perch
import Synchronization

/// Metrics of requests: `http_request_duration_seconds`, `http_requests_total`,
/// `http_active_connections` (CM-1, CM-2, CM-3).
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        var method: String
        var route: String
        var status: Int
    }

    private struct Instruments {
        var duration: any TimerHandler
        var count: any CounterHandler
    }

    /// Methods that stand in labels; others are counted as one, for anybody can invent them.
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS",
    ]

    private let registry: MetricRegistry
    private let active: any MeterHandler
    /// Making an instrument looks at all labels; this finds it by three values.
    private let known = Mutex<[Key: Instruments]>([:])

    init(registry: MetricRegistry) {
        self.registry = registry
        active = registry.makeMeter(label: "http_active_connections", dimensions: [])
    }

    func began() { active.increment(by: 1) }

    /// Counts a request that is over; `route` is nil when none matched.
    func ended(method: String, route: String?, status: Int, nanoseconds: Int64) {
        active.decrement(by: 1)
        let key = Key(
            method: Self.methods.contains(method) ? method : "other", route: route ?? "none",
            status: status)
        let instruments = known.withLock { known in
            if let found = known[key] { return found }
            let labels = [
                ("method", key.method), ("route", key.route), ("status", String(key.status)),
            ]
            let made = Instruments(
                duration: registry.makeTimer(
                    label: "http_request_duration_seconds", dimensions: labels),
                count: registry.makeCounter(label: "http_requests_total", dimensions: labels))
            known[key] = made
            return made
        }
        instruments.count.increment(by: 1)
        instruments.duration.recordNanoseconds(nanoseconds)
    }
}
