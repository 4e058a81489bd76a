import Foundation
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Lines of real loggers: nothing of a line is lost on the way to a row (LOG-22).
@Suite("Every value of a logger's line is in its row", .enabled(if: TestData.isAvailable))
struct JSONLineFactsTests {
    /// Where each file has its time, its message and its level.
    private static let places: [String: (time: String, message: String, level: String)] = [
        "structlog": ("timestamp", "event", "level"),
        "python-json-logger": ("timestamp", "message", "level"),
        "loguru": ("record.time.timestamp", "record.message", "record.level.name"),
        "bunyan": ("time", "msg", "level"),
        "pino-handmade": ("time", "msg", "level"),
        "winston": ("timestamp", "message", "level"),
    ]

    @Test(arguments: places.keys.sorted())
    func nothingIsLost(_ name: String) throws {
        let place = try #require(Self.places[name])
        let body = try TestData.bytes("logs/\(name).jsonl")
        let result = try JSONLines.decode(
            body, options: JSONLinesOptions(), receivedNanos: 42)
        let lines = body.split(separator: 0x0a)
        #expect(result.batch.rowCount == lines.count)
        var keys: [String: Int] = [:]
        for (row, line) in lines.enumerated() {
            for key in try JSONValue.keys(line) { keys[key, default: 0] += 1 }
            let leaves = try JSONValue.leaves(line)
            let values = Self.values(result.batch, row)
            let texts = Set(values.values)
            for (key, text) in leaves where key != place.time {
                let isThere =
                    values[key] == text || texts.contains(text)
                    || values[key].flatMap(Double.init).map { $0 == Double(text) } ?? false
                #expect(isThere, "line \(row + 1), \(key): \(text)")
            }
            #expect(values["body"] == leaves[place.message])
            #expect(values["severity_text"] == leaves[place.level])
            #expect(result.batch.times[row] == leaves[place.time].flatMap(Self.nanos))
        }
        let facts = try TestData.object("logs/expected.json")["\(name).jsonl"] as? [String: Any]
        #expect(keys == facts?["top_level_keys"] as? [String: Int])
    }

    /// Ids under each of the loggers' names become the record's own.
    @Test(arguments: places.keys.sorted())
    func traceIDsAreFound(_ name: String) throws {
        let body = try TestData.bytes("logs/\(name).jsonl")
        let result = try JSONLines.decode(
            body, options: JSONLinesOptions(), receivedNanos: 42)
        let names = ["trace_id", "traceId", "dd.trace_id", "record.extra.trace_id"]
        for (row, line) in body.split(separator: 0x0a).enumerated() {
            let leaves = try JSONValue.leaves(line)
            let id = names.lazy.compactMap { leaves[$0] }.first {
                $0.utf8.count == 32 && $0.utf8.allSatisfy { Hex.value(of: $0) != nil }
            }
            let found = result.batch.value(
                of: FieldReference(RecordField.traceID, space: .record), row: row)?.text
            #expect(found == id, "line \(row + 1)")
        }
    }

    /// structlog may write exceptions as a list of objects, which stays one.
    @Test func listsOfExceptionsStay() throws {
        let list = #"[{"exc_type":"KeyError","exc_value":"'x'","frames":[{"line":3}]}]"#
        let result = try JSONLines.decode(
            Array(#"{"event":"failed","level":"error","exception":\#(list)}"#.utf8),
            options: JSONLinesOptions(), receivedNanos: 42)
        #expect(result.batch.value(of: FieldReference("exception"), row: 0) == .json(list))
    }

    // MARK: Values

    private static func values(_ batch: EventBatch, _ row: Int) -> [String: String] {
        var values: [String: String] = [:]
        for attribute in batch.resource(ofRow: row).attributes {
            values[attribute.key] = attribute.value.text
        }
        for column in batch.columns {
            guard let index = column.index(ofRow: row) else { continue }
            values[column.name] = column.value(at: index).text
        }
        return values
    }

    /// Nanoseconds of ISO 8601 in UTC, of seconds, or of milliseconds.
    private static func nanos(_ text: String) -> Int64? {
        if let number = Double(text) {
            return number > 1e11
                ? Int64(number) * 1_000_000 : Int64((number * 1e6).rounded()) * 1_000
        }
        let digits = text.split { !$0.isNumber }
        guard digits.count >= 6, let seconds = seconds(digits.prefix(6).compactMap { Int64($0) })
        else { return nil }
        let hasFraction = text.dropFirst(19).first.map { $0 == "." || $0 == "," } ?? false
        let fraction = hasFraction ? String(digits[6]) : ""
        return seconds * 1_000_000_000 + (Int64((fraction + "000000000").prefix(9)) ?? 0)
    }

    /// Seconds since 1970 of a year, month, day, hour, minute and second: by counting days.
    private static func seconds(_ parts: [Int64]) -> Int64? {
        guard parts.count == 6 else { return nil }
        func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }
        var days = (1970..<parts[0]).reduce(0) { $0 + (isLeap($1) ? 366 : 365) }
        let months = [31, isLeap(parts[0]) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        days += months.prefix(Int(parts[1]) - 1).reduce(0, +) + Int(parts[2]) - 1
        return ((Int64(days) * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5]
    }
}

/// A value of JSON.
private enum JSONValue: Decodable {
    case none
    /// As a field's text is.
    case scalar(String)
    case list
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .scalar("\(value)")
        } else if let value = try? container.decode(Int64.self) {
            self = .scalar("\(value)")
        } else if let value = try? container.decode(Double.self) {
            self = .scalar("\(value)")
        } else if let value = try? container.decode(String.self) {
            self = .scalar(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else {
            self = .list
        }
    }

    /// The texts in a line, by names with dots; lists are compared where they matter.
    static func leaves(_ line: ArraySlice<UInt8>) throws -> [String: String] {
        var leaves: [String: String] = [:]
        try JSONDecoder().decode(JSONValue.self, from: Data(line)).collect("", &leaves)
        return leaves
    }

    static func keys(_ line: ArraySlice<UInt8>) throws -> [String] {
        guard case .object(let members) = try JSONDecoder().decode(JSONValue.self, from: Data(line))
        else { return [] }
        return Array(members.keys)
    }

    private func collect(_ name: String, _ leaves: inout [String: String]) {
        switch self {
        case .none, .list: break
        case .scalar(let text): leaves[name] = text
        case .object(let members):
            for (key, value) in members {
                value.collect(name.isEmpty ? key : "\(name).\(key)", &leaves)
            }
        }
    }
}
