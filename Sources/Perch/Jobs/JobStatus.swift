import PerchModel

/// What is known of all runs of one job (JOB-4, JOB-5).
public struct JobStatus: Sendable, Hashable {
    /// How a run ended.
    public enum Outcome: String, Sendable {
        case success
        case error
    }

    /// The job's name.
    public var name: String
    /// As it was given with the last run.
    public var schedule: String?
    /// As it was given with the last run: nanoseconds since 1970.
    public var nextRun: Int64?
    /// When the last run began.
    public var lastStart: Int64?
    /// When the last good run ended.
    public var lastSuccess: Int64?
    /// How the last run ended.
    public var lastOutcome: Outcome?
    /// Nanoseconds of the last run.
    public var lastDuration: Int64?
    /// What the last failure said.
    public var lastError: String?
    /// Failures since the last success (JOB-3).
    public var consecutiveFailures = 0
    /// Runs at this moment.
    public var running = 0

    /// `{"name":…,"lastSuccess":"2026-…Z",…}`.
    func append(to bytes: inout [UInt8]) {
        bytes += "{\"name\":".utf8
        JSONText.appendString(name, to: &bytes)
        Self.append("schedule", schedule, to: &bytes)
        Self.append("nextRun", time: nextRun, to: &bytes)
        Self.append("lastStart", time: lastStart, to: &bytes)
        Self.append("lastSuccess", time: lastSuccess, to: &bytes)
        Self.append("lastOutcome", lastOutcome?.rawValue, to: &bytes)
        Self.append("lastError", lastError, to: &bytes)
        if let lastDuration {
            bytes += ",\"lastDurationMs\":".utf8
            JSONText.appendDouble(Double(lastDuration / 1000) / 1000, to: &bytes)
        }
        bytes += ",\"consecutiveFailures\":\(consecutiveFailures),\"running\":\(running)}".utf8
    }

    private static func append(_ key: String, _ text: String?, to bytes: inout [UInt8]) {
        guard let text else { return }
        bytes += ",\"\(key)\":".utf8
        JSONText.appendString(text, to: &bytes)
    }

    private static func append(_ key: String, time: Int64?, to bytes: inout [UInt8]) {
        guard let time else { return }
        bytes += ",\"\(key)\":\"".utf8
        var writer = LogTime()
        writer.append(time, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}

/// How much waits in a queue (JOB-1, JOB-8, CM-6, CM-7).
public struct QueueCounts: Sendable, Hashable {
    /// Jobs that wait.
    public var waiting: Int
    /// Jobs at work.
    public var active: Int
    /// Jobs that were done.
    public var completed: Int
    /// Jobs that failed for good.
    public var failed: Int
    /// How long the oldest one waits; nil when none does.
    public var oldestAge: Duration?

    /// Makes counts.
    public init(
        waiting: Int, active: Int, completed: Int, failed: Int, oldestAge: Duration? = nil
    ) {
        self.waiting = waiting
        self.active = active
        self.completed = completed
        self.failed = failed
        self.oldestAge = oldestAge
    }
}
