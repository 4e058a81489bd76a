import Synchronization

/// Times as ISO 8601 text in UTC with milliseconds, the date worked out once a second.
struct LogTime: Sendable {
    private var second: Int64 = .min
    private var text: [UInt8] = []

    /// Appends `2026-01-31T23:59:59.123Z`.
    mutating func append(_ nanoseconds: Int64, to output: inout [UInt8]) {
        let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let seconds = remainder < 0 ? quotient - 1 : quotient
        if seconds != second {
            second = seconds
            text = Self.date(seconds) + Array(".000Z".utf8)
        }
        let millis = Int((nanoseconds - seconds * 1_000_000_000) / 1_000_000)
        let end = text.count
        text[end - 4] = UInt8(truncatingIfNeeded: millis / 100) &+ 0x30
        text[end - 3] = UInt8(truncatingIfNeeded: millis / 10 % 10) &+ 0x30
        text[end - 2] = UInt8(truncatingIfNeeded: millis % 10) &+ 0x30
        output.append(contentsOf: text)
    }

    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    private static func date(_ seconds: Int64) -> [UInt8] {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var text: [UInt8] = []
        append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        append(rest / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(rest / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(rest % 60, digits: 2, to: &text)
        return text
    }

    private static func append(_ number: Int64, digits: Int, to output: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(truncatingIfNeeded: number / divisor % 10) + UInt8(ascii: "0"))
            divisor /= 10
        }
    }
}
