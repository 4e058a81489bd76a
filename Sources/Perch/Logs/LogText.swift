import Logging

/// Writes entries for people at a terminal.
struct LogText: Sendable {
    private let isColored: Bool
    private var time = LogTime()

    init(isColored: Bool) {
        self.isColored = isColored
    }

    /// Appends an entry and a line feed.
    mutating func append(_ entry: LogEntry, to output: inout [UInt8]) {
        color("2", to: &output)
        time.append(entry.time, to: &output)
        color("0", to: &output)
        output.append(UInt8(ascii: " "))
        color(Self.color(of: entry.level), to: &output)
        let level = entry.level.text.uppercased()
        output.append(contentsOf: level.utf8)
        output.append(
            contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, 6 - level.utf8.count)))
        color("0", to: &output)
        Self.plain(entry.message, to: &output)
        color("2", to: &output)
        if let id = entry.work?.requestID { Self.field("request_id", id, to: &output) }
        if let id = entry.work?.jobID { Self.field("job_id", id, to: &output) }
        for field in entry.fields.sorted(by: { $0.key < $1.key }) {
            Self.field(field.key, field.value.description, to: &output)
        }
        color("0", to: &output)
        if let error = entry.error {
            color("31", to: &output)
            Self.field("error", "\(error.type): \(error.message)", to: &output)
            color("0", to: &output)
        }
        output.append(0x0a)
    }

    private static func field(_ key: String, _ value: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: " "))
        plain(key, to: &output)
        output.append(UInt8(ascii: "="))
        plain(value, to: &output)
    }

    /// Without control characters, so that a line stays a line and the terminal as it is.
    private static func plain(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            output.append(byte < 0x20 || byte == 0x7f ? UInt8(ascii: " ") : byte)
        }
    }

    private func color(_ code: String, to output: inout [UInt8]) {
        guard isColored else { return }
        output.append(contentsOf: "\u{1b}[".utf8)
        output.append(contentsOf: code.utf8)
        output.append(UInt8(ascii: "m"))
    }

    private static func color(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "2"
        case .info, .notice: "32"
        case .warning: "33"
        case .error, .critical: "31"
        }
    }
}
