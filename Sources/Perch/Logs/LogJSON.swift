import Logging
import PerchModel

/// Writes entries as JSON, one object a line (LOG-1).
struct LogJSON: Sendable {
    private let options: LogOptions
    /// The fields that all lines have: `,"service":"api","env":"prod"`.
    private let base: [UInt8]
    private var time = LogTime()

    init(options: LogOptions, service: String, environment: String?) {
        self.options = options
        var base: [UInt8] = []
        Self.append(options.fields.service, service, to: &base)
        if let environment { Self.append(options.fields.environment, environment, to: &base) }
        for (key, value) in options.base.sorted(by: { $0.key < $1.key }) {
            Self.append(key, value, to: &base)
        }
        self.base = base
    }

    /// Appends an entry and a line feed.
    mutating func append(_ entry: LogEntry, to output: inout [UInt8]) {
        let names = options.fields
        output.append(UInt8(ascii: "{"))
        JSONText.appendString(names.timestamp, to: &output)
        output.append(contentsOf: ":\"".utf8)
        time.append(entry.time, to: &output)
        output.append(UInt8(ascii: "\""))
        Self.append(names.level, entry.level.text, to: &output)
        Self.append(names.message, entry.message, to: &output)
        output.append(contentsOf: base)
        Self.append(names.logger, entry.logger, to: &output)
        if let work = entry.work {
            if let id = work.requestID { Self.append(names.requestID, id, to: &output) }
            if let id = work.jobID { Self.append(names.jobID, id, to: &output) }
            if let id = work.userID { Self.append(names.userID, id, to: &output) }
        }
        if let span = entry.span {
            Self.append(names.traceID, span.traceID.description, to: &output)
            Self.append(names.spanID, span.spanID.description, to: &output)
        }
        if let error = entry.error {
            Self.appendKey(names.error, to: &output)
            output.append(contentsOf: "{\"type\":".utf8)
            JSONText.appendString(error.type, to: &output)
            Self.append("message", error.message, to: &output)
            if !error.stack.isEmpty { Self.append("stack", error.stack, to: &output) }
            output.append(UInt8(ascii: "}"))
        }
        appendFields(of: entry, to: &output)
        output.append(contentsOf: "}\n".utf8)
    }

    private func appendFields(of entry: LogEntry, to output: inout [UInt8]) {
        guard !entry.fields.isEmpty else { return }
        if let name = options.fields.metadata {
            Self.appendKey(name, to: &output)
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in entry.fields {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                JSONText.appendString(key, to: &output)
                output.append(UInt8(ascii: ":"))
                Self.append(value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        } else {
            for (key, value) in entry.fields {
                Self.appendKey(isTaken(key) ? "field." + key : key, to: &output)
                Self.append(value, to: &output)
            }
        }
    }

    /// Whether metadata of this name would hide a field of the line itself.
    private func isTaken(_ key: String) -> Bool {
        let names = options.fields
        return key == names.timestamp || key == names.level || key == names.message
            || key == names.service
    }

    static func append(_ value: Logger.MetadataValue, to output: inout [UInt8]) {
        switch value {
        case .string(let text): JSONText.appendString(text, to: &output)
        case .stringConvertible(let convertible): append(convertible, to: &output)
        case .array(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                append(value, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .dictionary(let values):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                JSONText.appendString(key, to: &output)
                output.append(UInt8(ascii: ":"))
                append(value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func append(
        _ value: any CustomStringConvertible & Sendable, to output: inout [UInt8]
    ) {
        switch value {
        case let number as Int: output.append(contentsOf: String(number).utf8)
        case let flag as Bool: output.append(contentsOf: (flag ? "true" : "false").utf8)
        case let number as Double: JSONText.appendDouble(number, to: &output)
        case let number as Float: JSONText.appendDouble(Double(number), to: &output)
        case is Int64, is UInt64, is Int32, is UInt32:
            output.append(contentsOf: value.description.utf8)
        default: JSONText.appendString(value.description, to: &output)
        }
    }

    private static func append(_ key: String, _ text: String, to output: inout [UInt8]) {
        appendKey(key, to: &output)
        JSONText.appendString(text, to: &output)
    }

    private static func appendKey(_ key: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: ","))
        JSONText.appendString(key, to: &output)
        output.append(UInt8(ascii: ":"))
    }
}

extension Logger.Level {
    /// The level as its text label (LOG-7).
    var text: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warn"
        case .error: "error"
        case .critical: "fatal"
        }
    }

    /// The severity number of OpenTelemetry's log data model.
    var severityNumber: UInt64 {
        switch self {
        case .trace: 1
        case .debug: 5
        case .info: 9
        case .notice: 10
        case .warning: 13
        case .error: 17
        case .critical: 21
        }
    }

    /// A level by any of its usual names (LOG-8).
    init?(name: String) {
        switch name.lowercased() {
        case "trace", "verbose", "silly": self = .trace
        case "debug": self = .debug
        case "info": self = .info
        case "notice": self = .notice
        case "warn", "warning": self = .warning
        case "error", "err": self = .error
        case "fatal", "critical", "crit": self = .critical
        default: return nil
        }
    }
}
