/// What is observed of requests, and how.
public struct RequestObserverOptions: Sendable {
    /// Whether a line tells that a request began (LOG-13).
    public var logsStart = false
    /// Whether a line tells how a request ended (LOG-12).
    public var logsEnd = true
    /// Whether the id that a client sends in `X-Request-ID` is taken over (COR-1).
    public var acceptsRequestID = true
    /// Routes that are counted, but leave no log lines and no spans, such as health checks.
    public var quietRoutes: Set<String> = ["/health", "/healthz", "/ready", "/readyz", "/metrics"]
    /// Headers whose values become fields of log lines and attributes of spans, by field name.
    public var fieldsByHeader: [String: String] = [:]

    /// Whether requests are counted by browser, system and device (SEG-1, SEG-2).
    public var segmentsClients = true
    /// A header with a region that a proxy sets, such as `CF-IPCountry` (SEG-3); nil for none.
    public var regionHeader: String?

    /// Makes the defaults.
    public init() {}
}
