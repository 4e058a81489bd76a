import PerchLogQL
import PerchModel
import PerchTestSupport

/// A question about parsed lines: its text, and what it comes to by looking at every line.
struct ParsedQuestion {
    struct Condition {
        var text: String
        var holds: (ParsedWorld.Line) -> Bool
    }

    enum Function: CaseIterable {
        case count
        case rate
        case bytes
        case maxOfCounts
        case sum
        case average
        case maximum
        case quantile
    }

    var stage: String
    var conditions: [Condition] = []
    var names: [String] = []
    var function = Function.count
    var unwrap = ""
    /// Whether lines that could not be read, and values that are no numbers, are passed over.
    var skipsErrors = true
    var range: Int64 = 1

    init(_ world: inout ParsedWorld) {
        stage = world.stage
        for _ in 0..<world.random.int(0..<3) { conditions.append(Self.condition(&world)) }
        for _ in 0..<world.random.int(0..<3) { names.append(world.pick(world.names)) }
        function = world.pick(Function.allCases)
        unwrap = world.pick(world.names)
        skipsErrors = world.random.int(0..<8) > 0
        // What a broken line's labels are is not asked for.
        if !skipsErrors { conditions = [] }
        range = Int64(world.pick([10, 100, 300, 1_500]))
    }

    private static func condition(_ world: inout ParsedWorld) -> Condition {
        let name = world.pick(world.names)
        switch world.random.int(0..<4) {
        case 0:
            let value = world.pick(["a", "42", "é", "e\u{301}", "eu", "5", "true", "日本"])
            return Condition(text: "| \(name)=\"\(value)\"") {
                $0.label(name).utf8.elementsEqual(value.utf8)
            }
        case 1:
            let value = world.pick(["a", "42", "", "eu", "é"])
            return Condition(text: "| \(name)!=\"\(value)\"") {
                !$0.label(name).utf8.elementsEqual(value.utf8)
            }
        case 2:
            let wanted = world.pick([5, 0, -2.5, 42])
            return Condition(text: "| \(name) > \(wanted)") {
                LogQLOracle.number($0.label(name)).map { $0 > wanted } ?? false
            }
        default:
            return Condition(text: "| \(name)=~\"[a-z].*|[0-9]+\"") { line in
                let text = line.label(name)
                guard let first = text.unicodeScalars.first else { return false }
                if ("a"..."z").contains(first) { return !text.unicodeScalars.contains("\n") }
                return text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            }
        }
    }

    private var isUnwrapped: Bool {
        switch function {
        case .count, .rate, .bytes, .maxOfCounts: false
        case .sum, .average, .maximum, .quantile: true
        }
    }

    var text: String {
        var selector = "{app=\"shop\"} \(stage)"
        if skipsErrors { selector += " | __error__=\"\"" }
        for condition in conditions { selector += " " + condition.text }
        if isUnwrapped {
            selector += " | unwrap \(unwrap)" + (skipsErrors ? " | __error__=\"\"" : "")
        }
        selector += " [\(range)ns]"
        let by = "by (\(names.joined(separator: ", ")))"
        switch function {
        case .count: return "sum \(by) (count_over_time(\(selector)))"
        case .rate: return "sum \(by) (rate(\(selector)))"
        case .bytes: return "sum \(by) (bytes_over_time(\(selector)))"
        case .maxOfCounts: return "max \(by) (count_over_time(\(selector)))"
        case .sum: return "sum \(by) (sum_over_time(\(selector)))"
        case .average: return "avg_over_time(\(selector)) \(by)"
        case .maximum: return "max_over_time(\(selector)) \(by)"
        case .quantile: return "quantile_over_time(0.5, \(selector)) \(by)"
        }
    }

    /// The series at a time; nil when the question fails because something cannot be read.
    func series(_ lines: [ParsedWorld.Line], at time: Int64) -> ParsedSeries? {
        var groups: [ParsedSeries.Key: [(value: Double, labels: ParsedSeries.Key)]] = [:]
        for line in lines where line.time > time - range && line.time <= time {
            if line.isBroken, skipsErrors { continue }
            guard conditions.allSatisfy({ $0.holds(line) }) else { continue }
            var value = function == .bytes ? Double((line.rest ?? line.text).utf8.count) : 1
            if isUnwrapped {
                let text = line.label(unwrap)
                if text.isEmpty { continue }
                guard let number = LogQLOracle.number(text) else {
                    if skipsErrors { continue }
                    return nil
                }
                value = number
            }
            if line.isBroken { return nil }
            var labels: [String: String] = [:]
            for name in names where !line.label(name).isEmpty { labels[name] = line.label(name) }
            groups[ParsedSeries.Key(labels), default: []].append(
                (value, ParsedSeries.Key(line.labels(naming: names))))
        }
        return ParsedSeries(
            groups.mapValues { members in
                let values = members.map(\.value).sorted()
                let sum = values.reduce(0, +)
                switch function {
                case .count, .bytes, .sum: return sum
                case .rate: return sum / (Double(range) / 1e9)
                case .average: return sum / Double(values.count)
                case .maximum: return values[values.count - 1]
                case .maxOfCounts:
                    let counts = Dictionary(grouping: members, by: \.labels).values.map(\.count)
                    return Double(counts.max() ?? 0)
                case .quantile:
                    let rank = 0.5 * Double(values.count - 1)
                    let (low, high) = (values[Int(rank)], values[Int(rank.rounded(.up))])
                    return low + (high - low) * (rank - rank.rounded(.down))
                }
            })
    }
}

/// Numbers by labels, which are compared byte by byte.
struct ParsedSeries {
    struct Key: Hashable, CustomStringConvertible {
        private var pairs: [[UInt8]] = []

        var description: String {
            pairs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "=")
        }

        init(_ labels: [String: String]) {
            for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
                pairs += [Array(name.utf8), Array(value.utf8)]
            }
        }
    }

    var values: [Key: Double]

    init(_ values: [Key: Double]) {
        self.values = values
    }

    init(_ table: SeriesTable) {
        values = [:]
        for series in 0..<table.count where !SeriesTable.isAbsent(table.value(series, 0)) {
            let pairs = table.labels(series).pairs.map { ($0.name, $0.value) }
            values[Key(Dictionary(pairs) { first, _ in first })] = table.value(series, 0)
        }
    }

    /// An operation between two sides, or with a number on one.
    enum Operation: String, CaseIterable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case greater = ">"
        case and = "and"
        case or = "or"
        case unless = "unless"
    }

    func combined(_ operation: Operation, _ other: ParsedSeries) -> ParsedSeries {
        var result: [Key: Double] = [:]
        switch operation {
        case .or: result = values.merging(other.values) { first, _ in first }
        case .unless: result = values.filter { other.values[$0.key] == nil }
        case .and: result = values.filter { other.values[$0.key] != nil }
        default:
            for (key, left) in values {
                guard let right = other.values[key] else { continue }
                if operation == .greater {
                    if left > right { result[key] = left }
                } else {
                    result[key] = Self.number(operation, left, right)
                }
            }
        }
        return ParsedSeries(result)
    }

    private static func number(_ operation: Operation, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .plus: left + right
        case .minus: left - right
        case .times: left * right
        default: left / right
        }
    }

    /// What one has and not the other, for people.
    func difference(_ other: ParsedSeries) -> String {
        Set(values.keys).union(other.values.keys).filter { values[$0] != other.values[$0] }
            .map { "\($0): \(values[$0] ?? .nan), not \(other.values[$0] ?? .nan)" }
            .joined(separator: "; ")
    }

    func isNear(_ other: ParsedSeries) -> Bool {
        guard values.count == other.values.count else { return false }
        return values.allSatisfy { key, value in
            guard let wanted = other.values[key] else { return false }
            if value.isNaN || wanted.isNaN { return value.isNaN && wanted.isNaN }
            return value == wanted || abs(value - wanted) <= 1e-9 * max(1, abs(wanted))
        }
    }
}
