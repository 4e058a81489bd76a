/// What a part of a template can be.
enum TemplateValue: Sendable, Hashable {
    case none
    case text(String)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    /// Nanoseconds since 1970.
    case time(Int64)
    /// Nanoseconds.
    case duration(Int64)
    case list([TemplateValue])
    case map([String: TemplateValue])

    /// How it reads in a line.
    var text: String {
        switch self {
        case .none: "<no value>"
        case .text(let text): text
        case .int(let value): String(value)
        case .double(let value): TemplateNumber.general(value)
        case .bool(let value): value ? "true" : "false"
        case .time(let nanos): GoTime.text(nanos, layout: "2006-01-02 15:04:05.999999999 -0700 MST")
        case .duration(let nanos): LogQLNumber.goDuration(Double(nanos))
        case .list(let values): "[" + values.map(\.text).joined(separator: " ") + "]"
        case .map(let values):
            "map["
                + values.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.text)" }
                .joined(separator: " ") + "]"
        }
    }

    /// Whether a condition holds.
    var isTrue: Bool {
        switch self {
        case .none: false
        case .text(let text): !text.isEmpty
        case .int(let value), .duration(let value): value != 0
        case .double(let value): value != 0
        case .bool(let value): value
        case .time: true
        case .list(let values): !values.isEmpty
        case .map(let values): !values.isEmpty
        }
    }

    /// As a whole number; what is none is 0.
    var int: Int64 {
        switch self {
        case .int(let value), .duration(let value), .time(let value): value
        case .double(let value): Int64(exactly: value.rounded(.towardZero)) ?? 0
        case .bool(let value): value ? 1 : 0
        case .text(let text):
            Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded(.towardZero)) } ?? 0
        case .none, .list, .map: 0
        }
    }

    /// As a number; what is none is 0.
    var double: Double {
        switch self {
        case .double(let value): value
        case .text(let text): Double(text) ?? 0
        case .int, .duration, .time, .bool, .none, .list, .map: Double(int)
        }
    }
}
