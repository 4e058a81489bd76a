/// What is known of a job beside its name.
public struct JobOptions: Sendable {
    /// The id of this run; a new one when nil (COR-8).
    public var id: String?
    /// When it runs, as people write it, such as `0 * * * *`; shown, not obeyed (JOB-4).
    public var schedule: String?
    /// When it will run next: nanoseconds since 1970.
    public var nextRun: Int64?
    /// The span that asked for the job, for a link to it.
    public var origin: SpanContext?
    /// Further labels of its metrics; few values each.
    public var labels: [String: String] = [:]
    /// An address that is told of start, success and failure, as Healthchecks has them: the address
    /// itself, and `/start` and `/fail` below it.
    public var pingAddress: String?
    /// The name of a cron monitor, which is told of start and end where a DSN is given; it is made
    /// there when ``schedule`` is a crontab's, in UTC.
    public var monitor: String?
    /// How late a run may be before the monitor complains.
    public var lateAfter: Duration?
    /// How long a run may take before the monitor complains.
    public var durationMax: Duration?

    /// Makes the defaults.
    public init() {}
}
