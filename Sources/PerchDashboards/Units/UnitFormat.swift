package import PerchModel

/// How the values of a unit are written.
///
/// One description serves both sides: here it formats, and as JSON a script formats the ticks of an
/// axis with the same steps.
package struct UnitFormat: Sendable, Hashable {
    /// From this size on a value is divided by `factor` and `suffix` stands behind it.
    package struct Step: Sendable, Hashable {
        package var atLeast: Double
        package var factor: Double
        package var suffix: String
    }

    package enum Kind: Sendable, Hashable {
        /// By the steps.
        case number
        /// Two texts, for a value that is not zero and for zero.
        case boolean(String, String)
        case hexadecimal(prefix: String)
        case scientific
        /// Digits in groups of three.
        case grouped
        /// The value as it is.
        case text
        /// Milliseconds since 1970 by a pattern.
        case date(pattern: String, patternToday: String)
        case fromNow
        /// `2 hours, 5 minutes`, of a value that is so many milliseconds.
        case duration(unitMillis: Double)
        /// `05m:03s:020ms`.
        case clock(unitMillis: Double)
        /// `01:02:03`, with days before it or not.
        case hours(withDays: Bool)
    }

    package var kind: Kind
    package var prefix: String
    /// Ascending; the first one is for everything smaller too.
    package var steps: [Step]
    /// The step of zero.
    package var zeroStep: Int

    init(_ kind: Kind = .number, prefix: String = "", steps: [Step] = [], zeroStep: Int = 0) {
        self.kind = kind
        self.prefix = prefix
        self.steps = steps.isEmpty ? [Step(atLeast: 0, factor: 1, suffix: "")] : steps
        self.zeroStep = zeroStep
    }

    /// The format of Grafana's unit; a name that is no unit is written behind the number.
    package init(unit: String) {
        self = UnitTable.format(unit)
    }

    package static let none = UnitFormat()

    /// The ids of all units, for a list to choose from.
    package static var ids: [String] { UnitTable.ids }

    /// Whether a unit is one of the table's.
    package static func isKnown(_ unit: String) -> Bool { UnitTable.isKnown(unit) }

    /// What times are written against.
    package struct Clock: Sendable, Hashable {
        package var nowMillis: Int64
        package var offsetMinutes: Int

        package init(nowMillis: Int64, offsetMinutes: Int = 0) {
            self.nowMillis = nowMillis
            self.offsetMinutes = offsetMinutes
        }
    }

    /// The parts of a formatted value, so that a large number may have a small unit.
    package struct Parts: Sendable, Hashable {
        package var prefix = ""
        package var number: String
        package var suffix = ""

        package var text: String { prefix + number + suffix }
    }

    /// The text of a value; nil decimals are as many as a reader needs.
    package func text(_ value: Double, decimals: Int? = nil, clock: Clock) -> String {
        parts(value, decimals: decimals, clock: clock).text
    }

    package func parts(_ value: Double, decimals: Int? = nil, clock: Clock) -> Parts {
        switch kind {
        case .number: return number(value, decimals)
        case .boolean(let yes, let no): return Parts(number: value != 0 ? yes : no)
        case .text: return Parts(number: NumberText.plain(value))
        default: break
        }
        guard value.isFinite else { return Parts(number: NumberText.fixed(value, decimals: 0)) }
        switch kind {
        case .hexadecimal(let prefix): return Parts(number: Self.hexadecimal(value, prefix))
        case .scientific: return Parts(number: Self.scientific(value, decimals))
        case .grouped: return Parts(number: Self.grouped(value, decimals))
        case .duration(let millis):
            return Parts(number: DurationWords.duration(value, unitMillis: millis, decimals))
        case .clock(let millis): return Parts(number: DurationWords.clock(value * millis, decimals))
        case .hours(let withDays):
            return Parts(number: DurationWords.hours(value, withDays: withDays))
        case .date(let pattern, let today):
            return Parts(number: Self.date(value, pattern, today, clock))
        case .fromNow:
            return Parts(
                number: DurationWords.fromNow(Self.millis(value), nowMillis: clock.nowMillis))
        case .number, .boolean, .text: return number(value, decimals)
        }
    }

    private func number(_ value: Double, _ decimals: Int?) -> Parts {
        guard value.isFinite else { return Parts(number: NumberText.fixed(value, decimals: 0)) }
        var index = zeroStep
        if value != 0 {
            index = steps.lastIndex { value.magnitude >= $0.atLeast } ?? 0
        }
        let step = steps[min(index, steps.count - 1)]
        return Parts(
            prefix: prefix, number: NumberText.fixed(value / step.factor, decimals: decimals),
            suffix: step.suffix)
    }

    private static func hexadecimal(_ value: Double, _ prefix: String) -> String {
        guard value.magnitude < 9_007_199_254_740_992 else { return NumberText.plain(value) }
        let digits = String(Int64(value.rounded()).magnitude, radix: 16, uppercase: true)
        return (value < 0 ? "-" : "") + prefix + digits
    }

    private static func scientific(_ value: Double, _ decimals: Int?) -> String {
        guard value != 0 else { return "0e+0" }
        var power = NumberText.floorLog10(value)
        var mantissa = value / NumberText.power(10, power)
        let shown = NumberText.fixed(mantissa, decimals: decimals ?? 2)
        if shown.hasPrefix("10") || shown.hasPrefix("-10") {
            power += 1
            mantissa = value / NumberText.power(10, power)
        }
        let digits =
            decimals.map { NumberText.fixed(mantissa, decimals: $0) }
            ?? NumberText.plain((mantissa * 1e6).rounded() / 1e6)
        return digits + (power < 0 ? "e-" : "e+") + String(power.magnitude)
    }

    private static func grouped(_ value: Double, _ decimals: Int?) -> String {
        let text =
            decimals.map { NumberText.fixed(value, decimals: $0) }
            ?? NumberText.plain((value * 1_000).rounded() / 1_000)
        let whole = text.prefix { $0 != "." && $0 != "e" }
        var result = ""
        for (place, character) in whole.enumerated() {
            let left = whole.count - place
            if left % 3 == 0, !result.isEmpty, result != "-" { result += "," }
            result.append(character)
        }
        return result + text[whole.endIndex...]
    }

    private static func millis(_ value: Double) -> Int64 {
        Int64(min(max(value, -8.64e15), 8.64e15))
    }

    private static func date(
        _ value: Double, _ pattern: String, _ patternToday: String, _ clock: Clock
    ) -> String {
        let millis = millis(value)
        let day = DateText.Parts(millis, offsetMinutes: clock.offsetMinutes)
        let today = DateText.Parts(clock.nowMillis, offsetMinutes: clock.offsetMinutes)
        let isToday = (day.year, day.month, day.day) == (today.year, today.month, today.day)
        return DateText.text(
            millis, pattern: isToday ? patternToday : pattern, offsetMinutes: clock.offsetMinutes)
    }

    // MARK: - For scripts

    /// The description as JSON: `kind`, `prefix`, `zero`, and `steps` of `[atLeast, factor, suffix]`.
    package func write(to json: inout JSONWriter) {
        json.raw(#"{"kind":"#)
        json.string(kindName)
        json.raw(#","prefix":"#)
        json.string(prefix)
        json.raw(#","zero":"#)
        json.number(zeroStep)
        json.raw(#","steps":["#)
        for (index, step) in steps.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw("[")
            json.number(step.atLeast)
            json.raw(",")
            json.number(step.factor)
            json.raw(",")
            json.string(step.suffix)
            json.raw("]")
        }
        json.raw(#"],"texts":["#)
        for (index, text) in kindTexts.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(text)
        }
        json.raw(#"],"unitMillis":"#)
        json.number(unitMillis)
        json.raw("}")
    }

    private var kindName: String {
        switch kind {
        case .number: "number"
        case .boolean: "boolean"
        case .hexadecimal: "hexadecimal"
        case .scientific: "scientific"
        case .grouped: "grouped"
        case .text: "text"
        case .date: "date"
        case .fromNow: "fromNow"
        case .duration: "duration"
        case .clock: "clock"
        case .hours(let withDays): withDays ? "daysHours" : "hours"
        }
    }

    private var kindTexts: [String] {
        switch kind {
        case .boolean(let yes, let no): [yes, no]
        case .hexadecimal(let prefix): [prefix]
        case .date(let pattern, let today): [pattern, today]
        default: []
        }
    }

    private var unitMillis: Double {
        switch kind {
        case .duration(let millis), .clock(let millis): millis
        default: 1
        }
    }
}
