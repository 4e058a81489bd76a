import PerchLogQL
import PerchModel
import PerchTestSupport

/// One event as a list of labels and a line.
struct OracleEvent {
    var time: Int64
    var weight: Double
    var stream: [String: String]
    var fields: [String: String]
    var line: String

    /// A label as a filter sees it.
    func label(_ name: String) -> String { stream[name] ?? fields[name] ?? "" }
}

/// What a generated query asks for, told apart from its text.
struct OracleQuery {
    enum Condition {
        case contains(String, isNegative: Bool)
        case equals(String, String, isNegative: Bool)
        case number(String, String, Double)
    }

    var conditions: [Condition]
    var function: String
    var parameter: Double?
    var unwrap: String?
    var range: Int64
    var offset: Int64
    /// Nil: the labels of the stream.
    var labels: [String]?
    var isWithout: Bool
    /// A sum around it, or another function, by the same labels.
    var outer: String?

    var text: String {
        var selector = "{service_name=~\".+\"}"
        for condition in conditions {
            switch condition {
            case .contains(let needle, let isNegative):
                selector += isNegative ? " != `\(needle)`" : " |= `\(needle)`"
            case .equals(let label, let value, let isNegative):
                selector += " | \(label)\(isNegative ? "!=" : "=")\"\(value)\""
            case .number(let label, let sign, let value):
                selector += " | \(label) \(sign) \(value)"
            }
        }
        if let unwrap { selector += " | unwrap \(unwrap)" }
        selector += " [\(range)ns]" + (offset == 0 ? "" : " offset \(offset)ns")
        let first = parameter.map { "\($0), " } ?? ""
        let call = "\(function)(\(first)\(selector))"
        guard let labels else { return outer.map { "\($0)(\(call))" } ?? call }
        let grouping = (isWithout ? "without" : "by") + " (\(labels.joined(separator: ", ")))"
        return outer.map { "\($0) \(grouping) (\(call))" } ?? "\(call) \(grouping)"
    }
}

/// Answers a query by looking at every event for every step.
struct LogQLOracle {
    var events: [OracleEvent]

    private func holds(_ condition: OracleQuery.Condition, _ event: OracleEvent) -> Bool {
        switch condition {
        case .contains(let needle, let isNegative):
            return event.line.utf8.isContaining(needle.utf8) != isNegative
        case .equals(let label, let value, let isNegative):
            return (event.label(label) == value) != isNegative
        case .number(let label, let sign, let wanted):
            guard let number = Self.number(event.label(label)) else { return false }
            switch sign {
            case ">": return number > wanted
            case ">=": return number >= wanted
            case "<": return number < wanted
            case "<=": return number <= wanted
            case "==": return number == wanted
            default: return number != wanted
            }
        }
    }

    static func number(_ text: String) -> Double? {
        text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } ? Double(text) : nil
    }

    /// The series at one time; nil when the query fails because a value is no number.
    func series(_ query: OracleQuery, at time: Int64) -> [[String: String]: Double]? {
        let end = time - query.offset
        let window = events.filter { event in
            event.time > end - query.range && event.time <= end
                && query.conditions.allSatisfy { holds($0, event) }
        }
        var groups: [[String: String]: [(OracleEvent, Double)]] = [:]
        for event in window {
            var value = 1.0
            if let unwrap = query.unwrap {
                let text = event.label(unwrap)
                if text.isEmpty { continue }
                guard let number = Self.number(text) else { return nil }
                value = number
            }
            groups[group(query, event), default: []].append((event, value))
        }
        var inner: [[String: String]: Double] = [:]
        for (labels, members) in groups { inner[labels] = Self.value(query, members) }
        guard let outer = query.outer else { return inner }
        var outers: [[String: String]: [Double]] = [:]
        for (labels, value) in inner {
            let kept: [String: String]
            if let names = query.labels {
                kept = labels.filter { names.contains($0.key) != query.isWithout }
            } else {
                kept = [:]
            }
            outers[kept, default: []].append(value)
        }
        return outers.mapValues { values in
            switch outer {
            case "sum": values.reduce(0, +)
            case "max": values.max() ?? 0
            case "min": values.min() ?? 0
            case "count": Double(values.count)
            default: values.reduce(0, +) / Double(values.count)
            }
        }
    }

    /// The labels of the group of an event: of its stream, and the fields that the query names.
    private func group(_ query: OracleQuery, _ event: OracleEvent) -> [String: String] {
        var labels = event.stream
        if let unwrap = query.unwrap { labels[unwrap] = nil }
        guard let names = query.labels else { return labels }
        if query.isWithout {
            if query.outer == nil { for name in names { labels[name] = nil } }
            return labels
        }
        if query.outer == nil { labels = [:] }
        for name in names where !event.label(name).isEmpty { labels[name] = event.label(name) }
        return labels
    }

    private static func value(_ query: OracleQuery, _ all: [(OracleEvent, Double)]) -> Double {
        let members = all.sorted { ($0.0.time, $0.1) < ($1.0.time, $1.1) }
        let seconds = Double(query.range) / 1e9
        let total = members.reduce(0.0) { $0 + $1.0.weight }
        let sum = members.reduce(0.0) { $0 + $1.0.weight * $1.1 }
        let bytes = members.reduce(0.0) { $0 + $1.0.weight * Double($1.0.line.utf8.count) }
        let mean = sum / total
        let squares = members.reduce(0.0) { $0 + $1.0.weight * ($1.1 - mean) * ($1.1 - mean) }
        switch query.function {
        case "rate": return sum / seconds
        case "count_over_time": return total
        case "bytes_rate": return bytes / seconds
        case "bytes_over_time": return bytes
        case "sum_over_time": return sum
        case "avg_over_time": return mean
        case "min_over_time": return members.map(\.1).min() ?? 0
        case "max_over_time": return members.map(\.1).max() ?? 0
        case "stdvar_over_time": return squares / total
        case "stddev_over_time": return (squares / total).squareRoot()
        case "first_over_time": return members.first?.1 ?? 0
        case "last_over_time": return members.last?.1 ?? 0
        default:
            // Each event as often as its weight says.
            let values = members.flatMap { member in
                [Double](repeating: member.1, count: Int(member.0.weight))
            }.sorted()
            let rank = (query.parameter ?? 0) * Double(values.count - 1)
            let low = Int(rank.rounded(.down))
            let high = min(low + 1, values.count - 1)
            let share = rank - Double(low)
            return values[low] * (1 - share) + values[high] * share
        }
    }
}

extension Collection where Element == UInt8 {
    func isContaining(_ needle: some Collection<UInt8>) -> Bool {
        let bytes = Array(self)
        guard needle.count <= bytes.count else { return false }
        return (0...(bytes.count - needle.count)).contains {
            bytes[$0..<$0 + needle.count].elementsEqual(needle)
        }
    }
}
