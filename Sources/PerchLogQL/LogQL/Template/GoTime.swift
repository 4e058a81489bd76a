/// Times as Go's layouts describe them: `2006-01-02T15:04:05Z07:00`.
///
/// All in UTC.
enum GoTime {
    private enum Part {
        case literal(String)
        case year, shortYear, month, monthPadded, monthName, monthShort
        case day, dayPadded, daySpaced, weekday, weekdayShort, dayOfYear
        case hour, hour12, hour12Padded, minute, minutePadded, second, secondPadded
        case upperMeridiem, lowerMeridiem, zone(String), zoneName
        /// With the sign before it, how many digits, and whether zeros at the end stay.
        case fraction(Character, Int, keepsZeros: Bool)
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// Longer ones first, where one begins with another.
    private static let parts: [(text: String, part: Part)] = [
        ("January", .monthName), ("Jan", .monthShort), ("Monday", .weekday), ("Mon", .weekdayShort),
        ("MST", .zoneName), ("2006", .year), ("__2", .dayOfYear), ("_2", .daySpaced),
        ("002", .dayOfYear), ("01", .monthPadded), ("02", .dayPadded), ("03", .hour12Padded),
        ("04", .minutePadded), ("05", .secondPadded), ("06", .shortYear), ("15", .hour),
        ("1", .month), ("2", .day), ("3", .hour12), ("4", .minute), ("5", .second),
        ("PM", .upperMeridiem), ("pm", .lowerMeridiem), ("-07:00", .zone("-07:00")),
        ("-0700", .zone("-0700")), ("-07", .zone("-07")), ("Z07:00", .zone("Z07:00")),
        ("Z0700", .zone("Z0700")),
    ]

    private static func split(_ layout: String) -> [Part] {
        var result: [Part] = []
        var literal = ""
        var rest = Substring(layout)
        while let first = rest.first {
            if first == "." || first == ",", let digit = rest.dropFirst().first,
                digit == "0" || digit == "9"
            {
                let digits = rest.dropFirst().prefix { $0 == digit }
                let after = rest.dropFirst(1 + digits.count).first
                if !(after?.isNumber ?? false) {
                    if !literal.isEmpty { result.append(.literal(literal)) }
                    literal = ""
                    result.append(
                        .fraction(first, min(9, digits.count), keepsZeros: digit == "0"))
                    rest = rest.dropFirst(1 + digits.count)
                    continue
                }
            }
            if let found = parts.first(where: { rest.hasPrefix($0.text) }) {
                if !literal.isEmpty { result.append(.literal(literal)) }
                literal = ""
                result.append(found.part)
                rest = rest.dropFirst(found.text.count)
            } else {
                literal.append(first)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { result.append(.literal(literal)) }
        return result
    }

    // MARK: Writing

    static func text(_ nanos: Int64, layout: String) -> String {
        let moment = CivilTime(nanos: nanos)
        return split(layout.count <= Limits.layoutCharactersMax ? layout : "")
            .map { text($0, moment) }.joined()
    }

    private static func padded(_ value: Int, _ width: Int = 2, with pad: String = "0") -> String {
        let text = String(value)
        return String(repeating: pad, count: max(0, width - text.count)) + text
    }

    private static func text(_ part: Part, _ time: CivilTime) -> String {
        let hour12 = time.hour % 12 == 0 ? 12 : time.hour % 12
        switch part {
        case .literal(let text): return text
        case .year: return padded(time.year, 4)
        case .shortYear: return padded(time.year % 100)
        case .month: return String(time.month)
        case .monthPadded: return padded(time.month)
        case .monthName: return months[time.month - 1]
        case .monthShort: return String(months[time.month - 1].prefix(3))
        case .day: return String(time.day)
        case .dayPadded: return padded(time.day)
        case .daySpaced: return padded(time.day, 2, with: " ")
        case .weekday: return weekdays[time.weekday]
        case .weekdayShort: return String(weekdays[time.weekday].prefix(3))
        case .dayOfYear: return padded(time.dayOfYear, 3)
        case .hour: return padded(time.hour)
        case .hour12: return String(hour12)
        case .hour12Padded: return padded(hour12)
        case .minute: return String(time.minute)
        case .minutePadded: return padded(time.minute)
        case .second: return String(time.second)
        case .secondPadded: return padded(time.second)
        case .upperMeridiem: return time.hour < 12 ? "AM" : "PM"
        case .lowerMeridiem: return time.hour < 12 ? "am" : "pm"
        case .zoneName: return "UTC"
        case .zone(let form):
            return form.hasPrefix("Z") ? "Z" : "+" + form.dropFirst().replacing("7", with: "0")
        case .fraction(let mark, let digits, let keepsZeros):
            var text = padded(time.nanosecond, 9).prefix(digits)
            if !keepsZeros {
                while text.hasSuffix("0") { text = text.dropLast() }
                if text.isEmpty { return "" }
            }
            return String(mark) + text
        }
    }

    // MARK: Reading

    /// The nanoseconds of a text in a layout; nil when it does not fit.
    static func nanos(_ text: String, layout: String) -> Int64? {
        var reader = Reader(rest: Substring(text))
        guard layout.count <= Limits.layoutCharactersMax else { return nil }
        for part in split(layout) {
            guard reader.read(part) else { return nil }
        }
        guard reader.rest.isEmpty else { return nil }
        return reader.nanos
    }

    private struct Reader {
        var rest: Substring
        var year = 0
        var month = 1
        var day = 1
        var hour = 0
        var minute = 0
        var second = 0
        var nanosecond: Int64 = 0
        var zoneSeconds = 0
        var isAfternoon: Bool?

        mutating func number(_ least: Int, _ most: Int) -> Int? {
            let digits = rest.prefix(most).prefix { $0.isASCII && $0.isNumber }
            guard digits.count >= least, let value = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            return value
        }

        mutating func name(_ names: [String], isShort: Bool) -> Int? {
            let names = isShort ? names.map { String($0.prefix(3)) } : names
            guard let index = names.firstIndex(where: { rest.hasPrefix($0) }) else { return nil }
            rest = rest.dropFirst(names[index].count)
            return index
        }

        private mutating func set(_ path: WritableKeyPath<Reader, Int>, _ value: Int?) -> Bool {
            guard let value else { return false }
            self[keyPath: path] = value
            return true
        }

        mutating func read(_ part: Part) -> Bool {
            // Seconds may have a fraction that the layout does not name.
            defer { fraction(after: part) }
            switch part {
            case .literal(let text):
                guard rest.hasPrefix(text) else { return false }
                rest = rest.dropFirst(text.count)
                return true
            case .year: return set(\.year, number(4, 4))
            case .shortYear:
                return set(\.year, number(2, 2).map { $0 < 69 ? 2000 + $0 : 1900 + $0 })
            case .month: return set(\.month, number(1, 2))
            case .monthPadded: return set(\.month, number(2, 2))
            case .monthName: return set(\.month, name(months, isShort: false).map { $0 + 1 })
            case .monthShort: return set(\.month, name(months, isShort: true).map { $0 + 1 })
            case .day: return set(\.day, number(1, 2))
            case .dayPadded: return set(\.day, number(2, 2))
            case .daySpaced:
                if rest.first == " " { rest = rest.dropFirst() }
                return set(\.day, number(1, 2))
            case .weekday: return name(weekdays, isShort: false) != nil
            case .weekdayShort: return name(weekdays, isShort: true) != nil
            case .dayOfYear: return number(3, 3) != nil
            case .hour, .hour12Padded: return set(\.hour, number(2, 2))
            case .hour12: return set(\.hour, number(1, 2))
            case .minute: return set(\.minute, number(1, 2))
            case .minutePadded: return set(\.minute, number(2, 2))
            case .second: return set(\.second, number(1, 2))
            case .secondPadded: return set(\.second, number(2, 2))
            case .upperMeridiem, .lowerMeridiem:
                guard let index = name(["AM", "PM", "am", "pm"], isShort: false) else {
                    return false
                }
                isAfternoon = index % 2 == 1
                return true
            case .zoneName:
                let letters = rest.prefix { $0.isASCII && $0.isLetter }
                rest = rest.dropFirst(letters.count)
                return !letters.isEmpty
            case .zone(let form): return zone(form)
            case .fraction(let mark, _, _):
                guard rest.first == mark else { return true }
                readFraction()
                return true
            }
        }

        private mutating func fraction(after part: Part) {
            switch part {
            case .second, .secondPadded:
                if rest.first == ".", rest.dropFirst().first?.isNumber ?? false { readFraction() }
            default: return
            }
        }

        private mutating func readFraction() {
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(1 + digits.count)
            let nine = String(digits.prefix(9))
            nanosecond = Int64(nine + String(repeating: "0", count: 9 - nine.count)) ?? 0
        }

        private mutating func zone(_ form: String) -> Bool {
            if form.hasPrefix("Z"), rest.first == "Z" {
                rest = rest.dropFirst()
                return true
            }
            guard let sign = rest.first, sign == "+" || sign == "-" else { return false }
            rest = rest.dropFirst()
            guard let hours = number(2, 2) else { return false }
            var minutes = 0
            if form.contains("00") {
                if form.contains(":") {
                    guard rest.first == ":" else { return false }
                    rest = rest.dropFirst()
                }
                guard let value = number(2, 2) else { return false }
                minutes = value
            }
            zoneSeconds = (hours * 3_600 + minutes * 60) * (sign == "-" ? -1 : 1)
            return true
        }

        var nanos: Int64? {
            guard (1...12).contains(month), (1...31).contains(day), hour <= 24, minute < 60,
                second < 61
            else { return nil }
            var hour = hour
            if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
            let days = CivilTime.days(year: year, month: month, day: day)
            let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second - zoneSeconds)
            let (product, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, isSumTooLarge) = product.addingReportingOverflow(nanosecond)
            return isTooLarge || isSumTooLarge ? nil : sum
        }
    }
}
