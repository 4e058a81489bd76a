import PerchModel
import PerchTestSupport

/// A row as the oracle sees it: nothing but names and values.
struct PlainRow {
    var time: Int64
    var weight: Int64 = 1
    var record: [String: FieldValue] = [:]
    var attributes: [String: FieldValue] = [:]
    var resource: [String: FieldValue] = [:]

    /// The first that has the field counts.
    func value(_ name: String) -> FieldValue? {
        record[name] ?? attributes[name] ?? resource[name]
    }
}

/// A search as the oracle sees it; it writes itself and knows which rows it means.
indirect enum PlainSearch {
    case word(String)
    case equals(String, String)
    case compares(String, String, Double)
    case range(String, Double?, Double?, Bool, Bool)
    case exists(String)
    case starred(String, [String])
    case matches(String, String)
    case list(String, [String])
    case not(PlainSearch)
    case all([PlainSearch])
    case any([PlainSearch])

    /// How a person types it.
    var text: String {
        switch self {
        case .word(let word): Self.quoted(word)
        case .equals(let name, let value): "\(name):\(Self.quoted(value))"
        case .compares(let name, let sign, let number): "\(name)\(sign)\(number)"
        case .range(let name, let low, let high, let hasLow, let hasHigh):
            "\(name):\(hasLow ? "[" : "{")\(low.map { "\($0)" } ?? "*") TO "
                + "\(high.map { "\($0)" } ?? "*")\(hasHigh ? "]" : "}")"
        case .exists(let name): "\(name):*"
        case .starred(let name, let parts): "\(name):\(parts.joined(separator: "*"))"
        case .matches(let name, let pattern): "\(name)~\(Self.quoted(pattern))"
        case .list(let name, let values):
            "\(name):(\(values.map(Self.quoted).joined(separator: " OR ")))"
        case .not(let part): "-(\(part.text))"
        case .all(let parts): parts.map { "(\($0.text))" }.joined(separator: " ")
        case .any(let parts): parts.map { "(\($0.text))" }.joined(separator: " OR ")
        }
    }

    /// Whether a row is meant.
    func holds(_ row: PlainRow) -> Bool {
        switch self {
        case .word(let word):
            return word.isEmpty || Self.searched(row).contains { Self.contains($0, word) }
        case .equals(let name, let value): return row.value(name).map { $0.text == value } ?? false
        case .compares(let name, let sign, let right):
            guard let left = row.value(name).flatMap(Self.number) else { return false }
            return switch sign {
            case "<": left < right
            case "<=": left <= right
            case ">": left > right
            default: left >= right
            }
        case .range(let name, let low, let high, let hasLow, let hasHigh):
            guard let value = row.value(name) else { return false }
            if low == nil && high == nil { return true }
            guard let number = Self.number(value) else { return false }
            let isAbove = low.map { hasLow ? number >= $0 : number > $0 } ?? true
            let isBelow = high.map { hasHigh ? number <= $0 : number < $0 } ?? true
            return isAbove && isBelow
        case .exists(let name): return row.value(name) != nil
        case .starred(let name, let parts):
            guard let text = row.value(name)?.text else { return false }
            // Text within stars is looked for as words are, in either letter case.
            if parts.count == 3, parts[0].isEmpty, parts[2].isEmpty {
                return Self.contains(text, parts[1])
            }
            return Self.matches(Array(text), parts.map { Array($0) })
        case .matches(let name, let pattern):
            return row.value(name).map { Self.finds(pattern, in: $0.text) } ?? false
        case .list(let name, let values):
            return values.contains { PlainSearch.equals(name, $0).holds(row) }
        case .not(let part): return !part.holds(row)
        case .all(let parts): return parts.allSatisfy { $0.holds(row) }
        case .any(let parts): return parts.contains { $0.holds(row) }
        }
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    static func number(_ value: FieldValue) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value.isNaN ? nil : value
        case .string(let text):
            text.allSatisfy { "0123456789+-.eE".contains($0) } ? Double(text) : nil
        case .bool, .bytes, .json, .id: nil
        }
    }

    private static func searched(_ row: PlainRow) -> [String] {
        var texts: [String] = []
        for (name, value) in row.record where ["body", "name", "status_message"].contains(name) {
            switch value {
            case .string(let text), .json(let text): texts.append(text)
            default: break
            }
        }
        for case .string(let text) in row.attributes.values { texts.append(text) }
        return texts
    }

    private static func contains(_ text: String, _ needle: String) -> Bool {
        func folded(_ text: String) -> [UInt8] {
            text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        }
        let (text, needle) = (folded(text), folded(needle))
        guard needle.count <= text.count else { return false }
        return (0...text.count - needle.count).contains {
            Array(text[$0..<$0 + needle.count]) == needle
        }
    }

    /// Whether the parts stand in the text in their order, the first at its begin and the last at
    /// its end: by trying every place.
    private static func matches(_ text: [Character], _ parts: [[Character]]) -> Bool {
        func rest(_ start: Int, _ index: Int) -> Bool {
            let part = parts[index]
            if index == parts.count - 1 {
                return text.count - part.count >= start && Array(text.suffix(part.count)) == part
            }
            guard start + part.count <= text.count else { return false }
            let places = index == 0 ? 0...0 : start...text.count - part.count
            return places.contains { place in
                Array(text[place..<place + part.count]) == part
                    && rest(place + part.count, index + 1)
            }
        }
        return rest(0, 0)
    }

    /// The few patterns that the generator makes, each by hand.
    private static func finds(_ pattern: String, in text: String) -> Bool {
        switch pattern {
        case "^a": text.unicodeScalars.first == "a"
        case "t$": text.unicodeScalars.last == "t"
        case "[0-9]+": text.unicodeScalars.contains { ("0"..."9").contains($0) }
        case "^$": text.isEmpty
        case "a|e": text.unicodeScalars.contains { $0 == "a" || $0 == "e" }
        default: text.utf8.elementsEqual(pattern.utf8)
        }
    }
}
