import PerchModel
import PerchRegex

/// A text and a colour in place of a value.
package struct ValueMapping: Sendable {
    package struct Result: Sendable, Hashable {
        package var text: String?
        package var colour: Colour?
    }

    enum Test: Sendable {
        case value(String)
        case range(from: Double, to: Double)
        case regex(Regex)
        case null
        case nan
        case nullOrNaN
        case isTrue
        case isFalse
        case empty
    }

    var test: Test
    var result: Result

    /// The mappings of a list of any schema.
    static func list(_ json: JSONValue?) -> [ValueMapping] {
        json.items.prefix(1_000).flatMap(mappings)
    }

    private static func mappings(_ json: JSONValue) -> [ValueMapping] {
        let options = json.at("options")
        switch json.at("type")?.scalarText {
        case "value":
            return options.members.map {
                ValueMapping(test: .value($0.name), result: result($0.value))
            }
        case "range":
            return [
                ValueMapping(
                    test: .range(
                        from: options?.at("from")?.double ?? -.infinity,
                        to: options?.at("to")?.double ?? .infinity),
                    result: result(options?.at("result")))
            ]
        case "regex":
            guard let text = options?.at("pattern")?.scalarText,
                let pattern = try? JavaScriptPattern.regex(text)
            else { return [] }
            return [ValueMapping(test: .regex(pattern), result: result(options?.at("result")))]
        case "special":
            guard let test = special(options?.at("match")?.scalarText) else { return [] }
            return [ValueMapping(test: test, result: result(options?.at("result")))]
        default: return old(json).map { [$0] } ?? []
        }
    }

    /// Before schema 30: 1 is a value, 2 a range.
    private static func old(_ json: JSONValue) -> ValueMapping? {
        let result = Result(text: json.at("text")?.scalarText, colour: nil)
        if json.at("type")?.integer == 2 || json.at("from") != nil {
            guard let from = json.at("from"), from.scalarText != "null" else {
                return ValueMapping(test: .null, result: result)
            }
            return ValueMapping(
                test: .range(
                    from: from.double ?? -.infinity, to: json.at("to")?.double ?? .infinity),
                result: result)
        }
        guard let value = json.at("value")?.scalarText else { return nil }
        return ValueMapping(test: value == "null" ? .null : .value(value), result: result)
    }

    private static func special(_ match: String?) -> Test? {
        switch match {
        case "null": .null
        case "nan": .nan
        case "null+nan": .nullOrNaN
        case "true": .isTrue
        case "false": .isFalse
        case "empty": .empty
        default: nil
        }
    }

    private static func result(_ json: JSONValue?) -> Result {
        Result(
            text: json?.at("text")?.scalarText,
            colour: json?.at("color")?.scalarText.flatMap(Palette.colour))
    }

    /// The result for a cell; the first mapping that fits wins.
    static func result(_ cell: Cell, _ mappings: [ValueMapping]) -> Result? {
        guard !mappings.isEmpty else { return nil }
        return mappings.first { $0.fits(cell) }?.result
    }

    private func fits(_ cell: Cell) -> Bool {
        switch test {
        case .value(let text):
            guard !cell.isNull else { return false }
            if cell.text == text { return true }
            guard let number = Double(text), let value = cell.double else { return false }
            return number == value
        case .range(let from, let to):
            guard let value = cell.double else { return false }
            return value >= from && value <= to
        case .regex(let pattern): return !cell.isNull && pattern.matches(in: cell.text)
        case .null, .nan, .nullOrNaN: return cell.isNull
        case .isTrue: return cell == .bool(true)
        case .isFalse: return cell == .bool(false)
        case .empty: return cell == .text("")
        }
    }
}
