import PerchModel

/// Writes values as the tags of Jaeger's JSON: `{"key":…,"type":…,"value":…}`.
///
/// Source: Jaeger's model of its UI (`KeyValue`), and how the collector turns OTLP into it.
struct JaegerTags {
    /// The largest integer that JavaScript's numbers hold; larger ones are written as strings.
    private static let safeIntegerMax: Int64 = (1 << 53) - 1
    private var isFirst = true

    mutating func append(_ key: String, _ value: FieldValue, to text: inout [UInt8]) {
        switch value {
        case .string(let value): string(key, value, to: &text)
        // Arrays and maps are strings with their JSON.
        case .json(let value): string(key, value, to: &text)
        case .id: string(key, value.text, to: &text)
        case .int(let value): int(key, value, to: &text)
        case .bool(let value): bool(key, value, to: &text)
        case .double(let value):
            begin(key, "float64", to: &text)
            JSONText.appendDouble(value, to: &text)
            text.append(UInt8(ascii: "}"))
        case .bytes:
            begin(key, "binary", to: &text)
            JSONText.appendString(value.text, to: &text)
            text.append(UInt8(ascii: "}"))
        }
    }

    /// A value of an event or a link, which is kept as JSON.
    mutating func append(_ key: String, _ value: JSONValue, to text: inout [UInt8]) {
        switch value {
        case .string(let value): string(key, value, to: &text)
        case .bool(let value): bool(key, value, to: &text)
        case .null: string(key, "", to: &text)
        case .number(let digits):
            if let value = Int64(digits) {
                int(key, value, to: &text)
            } else {
                append(key, .double(Double(digits) ?? .nan), to: &text)
            }
        case .array, .object: string(key, Self.compact(value), to: &text)
        }
    }

    mutating func string(_ key: String, _ value: String, to text: inout [UInt8]) {
        begin(key, "string", to: &text)
        JSONText.appendString(value, to: &text)
        text.append(UInt8(ascii: "}"))
    }

    mutating func bool(_ key: String, _ value: Bool, to text: inout [UInt8]) {
        begin(key, "bool", to: &text)
        text.append(contentsOf: (value ? "true}" : "false}").utf8)
    }

    private mutating func int(_ key: String, _ value: Int64, to text: inout [UInt8]) {
        begin(key, "int64", to: &text)
        let isSafe = (-Self.safeIntegerMax...Self.safeIntegerMax).contains(value)
        text.append(contentsOf: (isSafe ? "\(value)}" : "\"\(value)\"}").utf8)
    }

    private mutating func begin(_ key: String, _ type: StaticString, to text: inout [UInt8]) {
        if !isFirst { text.append(UInt8(ascii: ",")) }
        isFirst = false
        text.append(contentsOf: #"{"key":"#.utf8)
        JSONText.appendString(key, to: &text)
        text.append(contentsOf: #","type":""#.utf8)
        text.append(contentsOf: type.description.utf8)
        text.append(contentsOf: #"","value":"#.utf8)
    }

    /// The value as JSON without spaces.
    private static func compact(_ value: JSONValue) -> String {
        switch value {
        case .array(let items): "[" + items.map(compact).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { JSONText.string($0.name) + ":" + compact($0.value) }
                .joined(separator: ",") + "}"
        case .string(let value): JSONText.string(value)
        case .null, .bool, .number: value.text
        }
    }
}
