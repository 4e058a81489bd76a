/// Where telemetry goes, and how much may wait on the way.
///
/// The names in the environment are OpenTelemetry's (`OTEL_EXPORTER_OTLP_…`). Source:
/// OpenTelemetry's specification, "OTLP exporter" and "SDK environment variables".
public struct ExportOptions: Sendable {
    /// The signals of OTLP.
    public enum Signal: String, Sendable, CaseIterable {
        case logs
        case metrics
        case traces
    }

    /// How bodies are written.
    public enum Encoding: String, Sendable {
        /// `application/x-protobuf`.
        case protobuf = "http/protobuf"
        /// `application/json`.
        case json = "http/json"
    }

    /// How bodies are compressed.
    public enum Compression: String, Sendable {
        case none
        case gzip
    }

    /// What one signal has of its own; nil for what holds for all.
    public struct Override: Sendable {
        /// Instead of the headers for all.
        public var headers: [(name: String, value: String)]?
        /// For one request.
        public var timeout: Duration?
        /// How bodies are written.
        public var encoding: Encoding?
        /// How bodies are compressed.
        public var compression: Compression?

        /// Makes one without anything.
        public init() {}
    }

    /// The full address for each signal; none is sent where none is given.
    public var addresses: [Signal: String] = [:]
    /// Headers of each request, such as `authorization`.
    public var headers: [(name: String, value: String)] = []
    /// For one request.
    public var timeout = Duration.seconds(10)
    /// How bodies are written.
    public var encoding = Encoding.protobuf
    /// How bodies are compressed.
    public var compression = Compression.gzip
    /// What single signals have of their own.
    public var overrides: [Signal: Override] = [:]
    /// How long records wait for more to be sent with them.
    public var delay = Duration.seconds(5)
    /// Records that are sent without waiting for more, and at most with one request.
    public var batchCount = 512
    /// Records of each signal that may wait; more are dropped and counted.
    public var waitingCountMax = 100_000
    /// Bytes of each signal that may wait; more is dropped and counted.
    public var waitingByteCountMax = 8 << 20
    /// Time between two reports of all metrics.
    public var metricInterval = Duration.seconds(60)
    /// How often a request is tried in all; the pauses between grow, with jitter.
    public var attemptsMax = 5
    /// What the end of the process waits for records that are left.
    public var flushTimeout = Duration.seconds(5)
    /// Whether the collector is a Perch that is told at the start which version runs; others answer
    /// that they know no such address, and that is all.
    public var tellsDeploys = false
    /// Where that version is described, such as the page of its build.
    public var deployLink: String?

    /// Makes the defaults.
    public init() {}

    /// Sends all signals to one collector, such as `http://127.0.0.1:4318`.
    public init(endpoint: String) {
        self.init()
        for signal in Signal.allCases {
            addresses[signal] = Self.address(endpoint, signal)
        }
    }

    static func address(_ endpoint: String, _ signal: Signal) -> String {
        (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)
            + "/v1/\(signal.rawValue)"
    }
}
