/// What the metrics of this SDK are about, for `# HELP`.
enum MetricHelp {
    /// By the name as it is exposed, without `_total`.
    static let known: [String: String] = {
        var known = own
        for event in DomainEvent.all {
            for metric in event.metrics { known[metric.name] = text(of: metric, event.name) }
        }
        return known
    }()

    private static let own = [
        "http_request_duration_seconds": "Time from a request to the end of its answer.",
        "http_requests": "Requests that were answered.",
        "http_active_connections": "Requests that are being answered.",
        "job_duration_seconds": "Time that runs of jobs took.",
        "jobs": "Runs of jobs that ended.",
        "job_consecutive_failures": "Failures of a job since its last success.",
        "job_last_success_timestamp_seconds": "When a job last succeeded, in seconds since 1970.",
        "pipeline_step_duration_seconds": "Time that steps of jobs took.",
        "job_queue_depth": "Jobs that wait.",
        "job_queue_oldest_age_seconds": "How long the oldest job waits.",
        "jobs_by_status": "Jobs by what has become of them.",
        "api_ready_seconds": "Time to find out whether the process is ready.",
        "api_ready_ms": "Time to find out whether the process is ready.",
        "metrics_exposed": "How often the metrics were read.",
        "telemetry_dropped": "Records that could not be sent or did not fit.",
    ]

    private static func text(of metric: DomainEvent.Metric, _ event: String) -> String {
        let subject = event.split(separator: "_").joined(separator: " ")
        guard let value = metric.value else { return "How often this happened: \(subject)." }
        return switch metric.kind {
        case .counter: "Sum of \(value): \(subject)."
        case .gauge: "Last \(value): \(subject)."
        case .histogram: "Distribution of \(value): \(subject)."
        }
    }
}
