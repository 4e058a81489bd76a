import Logging
import PerchModel

/// Writes entries as JSON, one object a line (LOG-1).
///
/// What all lines have is made once: a line then is mostly copies.
struct LogJSON: Sendable {
    /// From the start to the time.
    private let start: [UInt8]
    /// From the time to the message, by level.
    private let levels: [[UInt8]]
    /// From the message to the logger: `,"service":"api","env":"prod","logger":`.
    private let base: [UInt8]
    private let requestID: [UInt8]
    private let jobID: [UInt8]
    private let userID: [UInt8]
    private let traceID: [UInt8]
    private let spanID: [UInt8]
    private let error: [UInt8]
    /// The key of the object that holds metadata, nil where they stand beside other fields.
    private let metadata: [UInt8]?
    private let names: LogFields
    private var time = LogTime()

    init(options: LogOptions, service: String, environment: String?) {
        let names = options.fields
        self.names = names
        var start = Array("{".utf8)
        JSONText.appendString(names.timestamp, to: &start)
        self.start = start + Array(":\"".utf8)
        levels = Logger.Level.allCases.map { level in
            var part = Array("\"".utf8)
            Self.append(names.level, level.text, to: &part)
            return part + Self.key(names.message)
        }
        var base: [UInt8] = []
        Self.append(names.service, service, to: &base)
        if let environment { Self.append(names.environment, environment, to: &base) }
        for (key, value) in options.base.sorted(by: { $0.key < $1.key }) {
            Self.append(key, value, to: &base)
        }
        self.base = base + Self.key(names.logger)
        requestID = Self.key(names.requestID)
        jobID = Self.key(names.jobID)
        userID = Self.key(names.userID)
        traceID = Self.key(names.traceID)
        spanID = Self.key(names.spanID)
        error = Self.key(names.error)
        metadata = names.metadata.map(Self.key)
    }

    /// Appends an entry and a line feed.
    mutating func append(_ entry: LogEntry, to output: inout [UInt8]) {
        output.append(contentsOf: start)
        time.append(entry.time, to: &output)
        output.append(contentsOf: levels[entry.level.order])
        JSONText.appendString(entry.message, to: &output)
        output.append(contentsOf: base)
        JSONText.appendString(entry.logger, to: &output)
        if let work = entry.work {
            Self.append(requestID, work.requestID, to: &output)
            Self.append(jobID, work.jobID, to: &output)
            Self.append(userID, work.userID, to: &output)
        }
        if let span = entry.span {
            output.append(contentsOf: traceID)
            output.append(UInt8(ascii: "\""))
            span.traceID.appendHex(to: &output)
            output.append(UInt8(ascii: "\""))
            output.append(contentsOf: spanID)
            output.append(UInt8(ascii: "\""))
            span.spanID.appendHex(to: &output)
            output.append(UInt8(ascii: "\""))
        }
        if let error = entry.error {
            output.append(contentsOf: self.error)
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
        guard let metadata else {
            let fields = entry.fields.span
            for place in fields.indices {
                if let written = fields[place].plan.written {
                    output.append(contentsOf: written)
                } else {
                    output.append(contentsOf: Self.written(fields[place].key, names))
                }
                Self.append(fields[place].value, to: &output)
            }
            return
        }
        output.append(contentsOf: metadata)
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for field in entry.fields {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendString(field.key, to: &output)
            output.append(UInt8(ascii: ":"))
            Self.append(field.value, to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The key of metadata beside the fields of the line itself, none of which it hides.
    static func written(_ name: String, _ names: LogFields) -> [UInt8] {
        let own = [names.timestamp, names.level, names.message, names.service]
        return key(own.contains(name) ? "field." + name : name)
    }

    static func append(_ value: LogValue, to output: inout [UInt8]) {
        switch value {
        case .text(let text): JSONText.appendString(text, to: &output)
        case .int(let number): appendNumber(number, to: &output)
        case .unsigned(let number): output.append(contentsOf: String(number).utf8)
        case .flag(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .double(let number): appendNumber(number, to: &output)
        case .nested(let value): append(value, to: &output)
        }
    }

    /// Most numbers are small.
    private static func appendNumber(_ number: Int64, to output: inout [UInt8]) {
        guard number >= 0, number < 1000 else {
            output.append(contentsOf: String(number).utf8)
            return
        }
        let digits = UInt16(number)
        if digits >= 100 { output.append(UInt8(digits / 100) &+ 0x30) }
        if digits >= 10 { output.append(UInt8(digits / 10 % 10) &+ 0x30) }
        output.append(UInt8(digits % 10) &+ 0x30)
    }

    /// Most fractions are durations with two digits, for which the shortest text is easily found.
    static func appendNumber(_ number: Double, to output: inout [UInt8]) {
        let hundredths = (number * 100).rounded()
        guard hundredths >= 0, hundredths < 1e13, hundredths / 100 == number,
            hundredths.sign == .plus
        else {
            JSONText.appendDouble(number, to: &output)
            return
        }
        let (whole, rest) = Int64(hundredths).quotientAndRemainder(dividingBy: 100)
        appendNumber(whole, to: &output)
        output.append(UInt8(ascii: "."))
        output.append(UInt8(rest / 10) &+ 0x30)
        if rest % 10 != 0 { output.append(UInt8(rest % 10) &+ 0x30) }
    }

    static func append(_ value: Logger.MetadataValue, to output: inout [UInt8]) {
        switch value {
        case .string(let text): JSONText.appendString(text, to: &output)
        case .stringConvertible: append(LogValue(value), to: &output)
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

    private static func append(_ key: String, _ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: Self.key(key))
        JSONText.appendString(text, to: &output)
    }

    private static func append(_ key: [UInt8], _ text: String?, to output: inout [UInt8]) {
        guard let text else { return }
        output.append(contentsOf: key)
        JSONText.appendString(text, to: &output)
    }

    /// `,"name":`.
    private static func key(_ name: String) -> [UInt8] {
        var key = [UInt8(ascii: ",")]
        JSONText.appendString(name, to: &key)
        key.append(UInt8(ascii: ":"))
        return key
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
