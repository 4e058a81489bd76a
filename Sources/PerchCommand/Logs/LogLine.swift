import Foundation

/// One event as the server gives it in JSON.
struct LogLine {
    /// The JSON text.
    let line: String
    let timeNanos: Int64
    let object: [String: Any]

    init?(_ line: String) {
        guard
            let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
            let object = value as? [String: Any]
        else { return nil }
        self.init(object, line: line)
    }

    init?(_ object: [String: Any], line: String) {
        guard let time = (object["time"] as? String).flatMap({ Int64($0) }) else { return nil }
        self.line = line
        self.object = object
        timeNanos = time
    }

    /// The same for the same event, in whichever order its fields come.
    var key: String {
        let data = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? line
    }

    func string(_ name: String) -> String? {
        object[name].map { Self.shown($0) }
    }

    func number(_ name: String) -> Double? { (object[name] as? NSNumber)?.doubleValue }

    var service: String {
        let resource = object["resource"] as? [String: Any]
        return (resource?["service.name"] as? String).flatMap { $0.isEmpty ? nil : $0 }
            ?? "unknown_service"
    }

    /// The level by the record's number, or its own word.
    var level: String {
        if let number = number("severity_number"), (1...24).contains(number) {
            return ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"][(Int(number) - 1) / 4]
        }
        return string("severity_text")?.uppercased() ?? "-"
    }

    /// Attributes, sorted by name.
    var attributes: [(name: String, value: String)] {
        (object["attributes"] as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
            .map { ($0.key, Self.shown($0.value)) }
    }

    /// One line for people: time, level, service, message, attributes.
    func text(hasColor: Bool) -> String {
        let colour: Terminal.Colour? =
            switch level {
            case "ERROR", "FATAL": .red
            case "WARN": .yellow
            case "INFO": .green
            default: .grey
            }
        var parts = [
            Terminal.paint(Self.time(timeNanos), .grey, hasColor),
            Terminal.paint(Terminal.padded(Terminal.safe(level), 5), colour, hasColor),
            Terminal.paint(Terminal.safe(service), .cyan, hasColor),
            Terminal.safe(string("body") ?? string("name") ?? ""),
        ]
        if let duration = number("duration") { parts.append(Terminal.duration(duration)) }
        for attribute in attributes {
            let name = Terminal.paint(Terminal.safe(attribute.name) + "=", .grey, hasColor)
            parts.append(name + Terminal.safe(attribute.value))
        }
        return parts.joined(separator: " ") + "\n"
    }

    /// UTC, in milliseconds.
    static func time(_ nanos: Int64) -> String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return Date(timeIntervalSince1970: Double(nanos / 1_000_000) / 1_000).formatted(style)
    }

    private static func shown(_ value: Any) -> String {
        switch value {
        case let text as String: return text
        case let number as NSNumber: return number.stringValue
        default:
            let data = try? JSONSerialization.data(
                withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
    }
}

/// The answer to a search: events, or a table.
struct SearchReply {
    var events: [LogLine] = []
    var columns: [String] = []
    var rows: [[String]] = []
    /// Each row as an object.
    var jsonLines = ""
    var isCut = false

    /// An empty answer.
    init() {}

    init(_ body: [UInt8]) throws {
        guard
            let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let data = object["data"] as? [String: Any]
        else { throw QueryClient.Failure(description: "the answer is not one to a search") }
        isCut = object["truncated"] as? Bool ?? false
        // Each event stands in a line of its own, so that its text stays as it came.
        for line in body.split(separator: UInt8(ascii: "\n")) {
            var text = String(decoding: line, as: UTF8.self)
            if let start = text.range(of: "\"events\":[{") {
                text = "{" + text[start.upperBound...]
            } else if text.hasPrefix(",{") {
                text.removeFirst()
            }
            if text.hasPrefix("{\"time\""), let event = LogLine(text) { events.append(event) }
        }
        columns = data["columns"] as? [String] ?? []
        for row in data["rows"] as? [[Any]] ?? [] {
            rows.append(row.map { Self.shown($0) })
            let pairs = Dictionary(zip(columns, row)) { first, _ in first }
            let line = try JSONSerialization.data(
                withJSONObject: pairs, options: [.sortedKeys, .withoutEscapingSlashes])
            jsonLines += String(decoding: line, as: UTF8.self) + "\n"
        }
    }

    /// Columns under their names.
    var table: String {
        let lines = ([columns] + rows).map { $0.map(Terminal.safe) }
        let widths = columns.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { line in
            let cells = zip(line, widths).map { Terminal.padded($0, $1) }
            var text = cells.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    private static func shown(_ value: Any) -> String {
        switch value {
        case is NSNull: ""
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: "\(value)"
        }
    }
}
