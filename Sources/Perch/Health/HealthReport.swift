import PerchModel

/// What all checks of a kind found.
public struct HealthReport: Sendable {
    /// What one check found.
    public struct Entry: Sendable {
        /// The check's name.
        public var name: String
        /// Whether it passed.
        public var isHealthy: Bool
        /// Whether its failure counts for the whole.
        public var isCritical: Bool
        /// How long it took, in milliseconds, also when it failed (HLT-10).
        public var latencyMilliseconds: Double
        /// Why it failed.
        public var failure: String?
        /// What it showed.
        public var details: HealthCheck.Details
    }

    /// The checks, by name.
    public var entries: [Entry]
    /// Nanoseconds since 1970.
    public var time: Int64
    /// Whether the process is about to stop, which makes it not ready whatever the checks say.
    public var isStopping: Bool

    /// Makes a report.
    public init(entries: [Entry], time: Int64, isStopping: Bool) {
        self.entries = entries
        self.time = time
        self.isStopping = isStopping
    }

    /// Whether all critical checks passed and the process is not stopping.
    public var isHealthy: Bool {
        !isStopping && entries.allSatisfy { $0.isHealthy || !$0.isCritical }
    }

    /// The status of an answer with this report: 200 or 503.
    public var httpStatus: Int { isHealthy ? 200 : 503 }

    /// `{"status":"ok","timestamp":…}` (HLT-1).
    public var statusJSON: [UInt8] {
        var bytes = Array("{\"status\":\"\(isHealthy ? "ok" : "unhealthy")\",\"timestamp\":\"".utf8)
        var writer = LogTime()
        writer.append(time, to: &bytes)
        bytes += "\"}".utf8
        return bytes
    }

    /// `{"ready":true,"checks":{"database":{"healthy":true,"latency":1.2}}}` (HLT-10).
    ///
    /// Texts of failures are for those who may see them: `showsFailures` false leaves them out.
    public func readyJSON(showsFailures: Bool) -> [UInt8] {
        var bytes = Array("{\"ready\":\(isHealthy),\"checks\":{".utf8)
        for (index, entry) in entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.appendString(entry.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            Self.append(entry, showsFailures, to: &bytes)
        }
        bytes += "}}".utf8
        return bytes
    }

    private static func append(
        _ entry: Entry, _ showsFailures: Bool, to bytes: inout [UInt8]
    ) {
        bytes += "{\"healthy\":\(entry.isHealthy),\"latency\":".utf8
        JSONText.appendDouble(entry.latencyMilliseconds, to: &bytes)
        if showsFailures, let failure = entry.failure {
            bytes += ",\"error\":".utf8
            JSONText.appendString(failure, to: &bytes)
        }
        for (key, detail) in entry.details.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: ","))
            JSONText.appendString(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch detail {
            case .text(let text): JSONText.appendString(text, to: &bytes)
            case .number(let number): JSONText.appendDouble(number, to: &bytes)
            case .flag(let flag): bytes += (flag ? "true" : "false").utf8
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
