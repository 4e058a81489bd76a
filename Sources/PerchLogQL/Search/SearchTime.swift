/// One time as it is typed beside a search: `-1h`, `2026-11-21T10:05:00Z`, `1795257000`.
package enum SearchInstant {
    /// What to say when a text is none.
    package static let expectation = SearchTime.expectation

    /// The first nanosecond since 1970 that a text stands for; nil when it cannot be read.
    package static func nanos(_ text: String, now: Int64) -> Int64? {
        SearchTime.span(text, now: now)?.lowerBound ?? Int64(text)
    }

    /// A time as people read it, in UTC.
    package static func text(_ nanos: Int64) -> String { SearchTime.text(nanos) }
}

/// Reads times of a search: `2026-11-21T10:05`, `-1h`, `now`, `yesterday`.
enum SearchTime {
    static let expectation =
        "a time such as -1h, today, 2026-11-21 or 2026-11-21T10:05:00Z"

    /// What a text of a time stands for: a day is a range, and so is a minute; nil is unreadable.
    static func span(_ text: String, now: Int64) -> Range<Int64>? {
        let word = text.lowercased()
        let today = now - modulo(now, day)
        switch word {
        case "now": return now..<now &+ 1
        case "today": return range(today, day)
        case "yesterday": return range(today &- day, day)
        default: break
        }
        if let ago = relative(word, now: now) { return ago..<ago &+ 1 }
        if let unix = unix(text) { return unix }
        return absolute(text)
    }

    /// `-1h` or `now-1h`.
    static func relative(_ text: String, now: Int64) -> Int64? {
        var rest = text[...]
        if rest.hasPrefix("now") { rest = rest.dropFirst(3) }
        guard let sign = rest.first, sign == "-" || sign == "+" && rest.count < text.count,
            let nanos = SearchQuantity.nanoseconds(String(rest.dropFirst())), nanos >= 0,
            nanos < 9e18
        else { return nil }
        let (time, overflow) =
            sign == "-"
            ? now.subtractingReportingOverflow(Int64(nanos))
            : now.addingReportingOverflow(Int64(nanos))
        return overflow || time == .max ? nil : time
    }

    /// Seconds, milliseconds, microseconds or nanoseconds since 1970, by their magnitude.
    private static func unix(_ text: String) -> Range<Int64>? {
        guard (9...19).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(text)
        else { return nil }
        let factor: Int64 =
            switch text.utf8.count {
            case ...10: 1_000_000_000
            case ...13: 1_000_000
            case ...16: 1_000
            default: 1
            }
        let (start, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : range(start, factor)
    }

    /// A date with as much of a time as there is; UTC unless it says otherwise.
    private static func absolute(_ text: String) -> Range<Int64>? {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(4), (1_678...2_261).contains(year) else { return nil }
        guard reader.take("-") else {
            return reader.isAtEnd ? months(year, 1, count: 12) : nil
        }
        guard let month = reader.number(2), (1...12).contains(month) else { return nil }
        guard reader.take("-") else { return reader.isAtEnd ? months(year, month, count: 1) : nil }
        guard let day = reader.number(2), (1...daysIn(month, year)).contains(day) else {
            return nil
        }
        let start = Int64(days(year, month, day)) * Self.day
        if reader.isAtEnd { return range(start, Self.day) }
        guard reader.take("T") || reader.take("t") || reader.take(" ") else { return nil }
        return clock(&reader, on: start)
    }

    private static func clock(_ reader: inout DigitReader, on start: Int64) -> Range<Int64>? {
        guard let hour = reader.number(2), hour < 24 else { return nil }
        var time = start + Int64(hour) * 3_600 * second
        var length = 3_600 * second
        if reader.take(":") {
            guard let minute = reader.number(2), minute < 60 else { return nil }
            time += Int64(minute) * 60 * second
            length = 60 * second
            if reader.take(":") {
                guard let seconds = reader.number(2), seconds < 61 else { return nil }
                time += Int64(min(seconds, 59)) * second
                length = second
                if reader.take(".") || reader.take(",") {
                    guard let fraction = reader.fraction() else { return nil }
                    time += fraction.nanos
                    length = fraction.length
                }
            }
        }
        if !reader.isAtEnd {
            guard let offset = reader.zone() else { return nil }
            time -= Int64(offset) * 60 * second
        }
        return reader.isAtEnd ? range(time, length) : nil
    }

    /// A time in UTC, such as `2026-11-21T10:05:00.25Z`; only as many decimals as it has.
    static func text(_ nanos: Int64) -> String {
        let rest = modulo(nanos, day)
        let (year, month, dayOfMonth) = date(Int((nanos &- rest) / day))
        let seconds = Int(rest / second)
        var text =
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
            + "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):"
            + padded(seconds % 60, 2)
        if rest % second > 0 {
            var decimals = padded(Int(rest % second), 9)
            while decimals.hasSuffix("0") { decimals.removeLast() }
            text += "." + decimals
        }
        return text + "Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The day that is so many after the first of 1970.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    private static let second: Int64 = 1_000_000_000
    private static let day: Int64 = 86_400 * second

    private static func range(_ start: Int64, _ length: Int64) -> Range<Int64> {
        let (end, overflow) = start.addingReportingOverflow(length)
        return start..<(overflow ? .max : end)
    }

    private static func months(_ year: Int, _ month: Int, count: Int) -> Range<Int64> {
        let next = month + count > 12 ? (year + 1, month + count - 12) : (year, month + count)
        return Int64(days(year, month, 1)) * day..<Int64(days(next.0, next.1, 1)) * day
    }

    private static func modulo(_ value: Int64, _ size: Int64) -> Int64 {
        let rest = value % size
        return rest < 0 ? rest + size : rest
    }

    private static func daysIn(_ month: Int, _ year: Int) -> Int {
        let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
        return next - days(year, month, 1)
    }

    /// Days since 1970 in the Gregorian calendar, with the year begun in March so that the leap day
    /// is its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }
}

/// Reads digits and signs in order.
private struct DigitReader {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func number(_ count: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[offset..<offset + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte) - 48
        }
        offset += count
        return value
    }

    mutating func take(_ character: Character) -> Bool {
        guard offset < bytes.count, bytes[offset] == character.asciiValue else { return false }
        offset += 1
        return true
    }

    /// One to nine digits after the point; `length` is what the last one counts.
    mutating func fraction() -> (nanos: Int64, length: Int64)? {
        var nanos: Int64 = 0
        var length: Int64 = 1_000_000_000
        while offset < bytes.count, (48...57).contains(bytes[offset]) {
            guard length > 1 else { return nil }
            length /= 10
            nanos += Int64(bytes[offset] - 48) * length
            offset += 1
        }
        return length == 1_000_000_000 ? nil : (nanos, length)
    }

    /// Minutes that a zone is ahead.
    mutating func zone() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), hours <= 23 else { return nil }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
