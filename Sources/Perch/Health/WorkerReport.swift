import PerchModel

/// What a worker tells of itself (HLT-11).
public struct WorkerReport: Sendable {
    /// Whether its live checks pass.
    public var isHealthy: Bool
    /// What its queues hold, all together.
    public var queue: QueueCounts
    /// How long it runs, in seconds.
    public var uptimeSeconds: Int64

    /// The status of an answer with this report: 200 or 503.
    public var httpStatus: Int { isHealthy ? 200 : 503 }

    /// `{"status":"ok","queue":{"waiting":3,"active":1,"failed":0},"uptime":86400}`.
    public var json: [UInt8] {
        var output = JSONOutput()
        output.object { output in
            output.text("status", isHealthy ? "ok" : "unhealthy")
            output.object("queue") { output in
                output.number("waiting", queue.waiting)
                output.number("active", queue.active)
                output.number("failed", queue.failed)
            }
            output.number("uptime", uptimeSeconds)
        }
        return output.bytes
    }
}

extension PerchService {
    /// Runs the live checks, and adds what is known of the queues.
    public func workerReport() async -> WorkerReport {
        let report = await health.report(.live)
        var all = QueueCounts(waiting: 0, active: 0, completed: 0, failed: 0)
        for counts in jobs.queues.values {
            all.waiting += counts.waiting
            all.active += counts.active
            all.completed += counts.completed
            all.failed += counts.failed
        }
        return WorkerReport(
            isHealthy: report.isHealthy, queue: all,
            uptimeSeconds: max(0, report.time &- startTime) / 1_000_000_000)
    }
}
