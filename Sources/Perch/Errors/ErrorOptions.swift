/// What an application chooses about its error reports.
public struct ErrorOptions: Sendable {
    /// What is counted as a session for release health.
    public enum Sessions: Sendable, Hashable {
        /// Nothing.
        case off
        /// The process, from its start to its end.
        case process
        /// Each request, summed up by the minute.
        case requests
    }

    /// Where reports are sent; nil leaves them to the log lines, which OTLP exports (ERR-2).
    public var dsn: SentryDSN?
    /// Which reports are kept, from 0 to 1; crashes always are.
    public var sampleRate = 1.0
    /// The name of this machine or pod.
    public var serverName: String?
    /// Breadcrumbs of one report (ERR-5).
    public var breadcrumbsMax = 100
    /// Reports that may wait; more are dropped and counted.
    public var waitingMax = 100
    /// Bytes that may wait to be sent; more are dropped and counted.
    public var waitingByteCountMax = 4 << 20
    /// How often a report is tried in all.
    public var attemptsMax = 5
    /// For one request.
    public var timeout = Duration.seconds(10)
    /// Whether it is noted where errors are thrown, so that reports have the stack of the `throw`.
    ///
    /// It takes a DSN, or an address for logs in the export: else reports do not leave the process,
    /// and nothing is noted. It holds for the process: each `throw` then costs about 30 ns, and up
    /// to 128 errors stay alive.
    public var notesThrows = true
    /// Whether each report writes a log line too, with its stack (ERR-13).
    public var logsReports = true
    /// Rules for ``ErrorReport/category``; the first that fits counts (ERR-11).
    public var categories = ErrorCategoryRule.defaults
    /// Modules whose frames are the application's own, besides those that look like it.
    public var inAppModules: Set<String> = []
    /// What is counted for release health.
    public var sessions = Sessions.process
    /// Reports of processes that died.
    public var crashes = CrashOptions()
    /// Sees each report before it leaves, changes it, or drops it with nil (RED-6).
    ///
    /// What it adds is redacted like the rest.
    public var beforeSend: @Sendable (ErrorReport) -> ErrorReport? = { $0 }

    /// Makes the defaults.
    public init() {}
}

/// What an application chooses about reports of its own death.
public struct CrashOptions: Sendable, Hashable {
    /// Whether fatal signals leave a report.
    public var isOn = true
    /// Where reports wait for the next start; nil chooses a folder for this user.
    public var folder: String?

    /// Makes the defaults.
    public init() {}
}
