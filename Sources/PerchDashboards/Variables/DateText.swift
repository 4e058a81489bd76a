/// Times as text, by the patterns that Grafana's files have: `YYYY-MM-DD HH:mm:ss`.
///
/// A time is in milliseconds since 1970; a zone is an offset from UTC, which the caller knows.
package enum DateText {
    /// The parts of a time.
    package struct Parts: Sendable, Hashable {
        package var year: Int64
        package var month: Int64
        package var day: Int64
        package var hour: Int64
        package var minute: Int64
        package var second: Int64
        package var milli: Int64
        /// 0 is a Sunday.
        package var weekday: Int64

        package init(_ millis: Int64, offsetMinutes: Int = 0) {
            let bound: Int64 = 8_640_000_000_000_000
            let local = min(max(millis, -bound), bound) + Int64(offsetMinutes) * 60_000
            let days = DateText.floor(local, 86_400_000)
            let rest = local - days * 86_400_000
            hour = rest / 3_600_000
            minute = rest / 60_000 % 60
            second = rest / 1_000 % 60
            milli = rest % 1_000
            weekday = (days % 7 + 11) % 7
            // Howard Hinnant's "chrono-compatible low-level date algorithms".
            let shifted = days + 719_468
            let era = DateText.floor(shifted, 146_097)
            let dayOfEra = shifted - era * 146_097
            let yearOfEra =
                (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }

    static func floor(_ value: Int64, _ size: Int64) -> Int64 {
        value / size - (value % size < 0 ? 1 : 0)
    }

    /// `2026-11-21T20:00:00.000Z`.
    package static func iso(_ millis: Int64) -> String {
        text(millis, pattern: "YYYY-MM-DD[T]HH:mm:ss.SSS[Z]")
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let days = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    /// The tokens, the longer ones first.
    private static let tokens = [
        "YYYY", "MMMM", "dddd", "MMM", "SSS", "ddd", "YY", "MM", "DD", "Do", "HH", "hh", "mm",
        "ss", "SS", "ZZ", "M", "D", "H", "h", "m", "s", "S", "A", "a", "X", "x", "Z", "d", "Q",
    ]

    /// The text of a time by a pattern; `[text]` in it stands for itself.
    package static func text(
        _ millis: Int64, pattern: String, offsetMinutes: Int = 0
    ) -> String {
        let parts = Parts(millis, offsetMinutes: offsetMinutes)
        var result = ""
        var rest = pattern.prefix(200)
        while let first = rest.first {
            if first == "[", let end = rest.firstIndex(of: "]") {
                result += rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
            } else if let token = tokens.first(where: { rest.hasPrefix($0) }) {
                result += part(token, parts, millis, offsetMinutes)
                rest = rest.dropFirst(token.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func part(
        _ token: String, _ parts: Parts, _ millis: Int64, _ offsetMinutes: Int
    ) -> String {
        let hour12 = parts.hour % 12 == 0 ? 12 : parts.hour % 12
        return switch token {
        case "YYYY": pad(parts.year, 4)
        case "YY": pad(((parts.year % 100) + 100) % 100, 2)
        case "MMMM": months[Int(parts.month) - 1]
        case "MMM": String(months[Int(parts.month) - 1].prefix(3))
        case "MM": pad(parts.month, 2)
        case "M": String(parts.month)
        case "Q": String((parts.month - 1) / 3 + 1)
        case "DD": pad(parts.day, 2)
        case "D": String(parts.day)
        case "Do": ordinal(parts.day)
        case "dddd": days[Int(parts.weekday)]
        case "ddd": String(days[Int(parts.weekday)].prefix(3))
        case "d": String(parts.weekday)
        case "HH": pad(parts.hour, 2)
        case "H": String(parts.hour)
        case "hh": pad(hour12, 2)
        case "h": String(hour12)
        case "mm": pad(parts.minute, 2)
        case "m": String(parts.minute)
        case "ss": pad(parts.second, 2)
        case "s": String(parts.second)
        case "SSS": pad(parts.milli, 3)
        case "SS": pad(parts.milli / 10, 2)
        case "S": String(parts.milli / 100)
        case "A": parts.hour < 12 ? "AM" : "PM"
        case "a": parts.hour < 12 ? "am" : "pm"
        case "X": String(floor(millis, 1_000))
        case "x": String(millis)
        case "Z": zone(offsetMinutes, ":")
        case "ZZ": zone(offsetMinutes, "")
        default: token
        }
    }

    private static func ordinal(_ day: Int64) -> String {
        let isTeen = (11...13).contains(day)
        switch day % 10 {
        case 1 where !isTeen: return "\(day)st"
        case 2 where !isTeen: return "\(day)nd"
        case 3 where !isTeen: return "\(day)rd"
        default: return "\(day)th"
        }
    }

    private static func zone(_ minutes: Int, _ separator: String) -> String {
        let size = Int64(minutes.magnitude)
        return (minutes < 0 ? "-" : "+") + pad(size / 60, 2) + separator + pad(size % 60, 2)
    }

    static func pad(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension DateText {
    /// The milliseconds of `2026-11-21T20:00:00Z`, with a fraction, an offset and fewer parts if one
    /// likes; nil for anything else.
    package static func millis(_ text: String) -> Int64? {
        var rest = Array(text.trimmed.utf8.prefix(40))[...]
        func digits(_ most: Int) -> Int64? {
            var value: Int64 = 0
            var count = 0
            while count < most, let byte = rest.first, (0x30...0x39).contains(byte) {
                value = value * 10 + Int64(byte - 0x30)
                rest = rest.dropFirst()
                count += 1
            }
            return count > 0 ? value : nil
        }
        func take(_ characters: String) -> Bool {
            guard let byte = rest.first, characters.utf8.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = digits(4), take("-"), let month = digits(2), (1...12).contains(month)
        else { return nil }
        let day = take("-") ? digits(2) ?? 0 : 1
        guard (1...31).contains(day) else { return nil }
        var millis = days(year, month, day) * 86_400_000
        if take("T ") {
            guard let hour = digits(2), hour < 25, take(":"), let minute = digits(2), minute < 60
            else { return nil }
            millis += hour * 3_600_000 + minute * 60_000
            if take(":") { millis += (digits(2) ?? 0) * 1_000 }
            if take(".,") {
                let before = rest.count
                let value = digits(3) ?? 0
                let scale: [Int64] = [0, 100, 10, 1]
                millis += value * scale[before - rest.count]
                while digits(9) != nil {}
            }
        }
        if take("Z") || rest.isEmpty { return rest.isEmpty ? millis : nil }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard take("+-"), let hours = digits(2) else { return nil }
        _ = take(":")
        let minutes = hours * 60 + (digits(2) ?? 0)
        return rest.isEmpty ? millis - (isBehind ? -minutes : minutes) * 60_000 : nil
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }
}
