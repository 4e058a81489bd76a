/// Times as loggers write them, in nanoseconds since 1970.
package enum TimeText {
    /// Reads `YYYY-MM-DD`, a `T` or space, `HH:MM:SS`, a fraction after a point or comma, and a
    /// zone (`Z`, `+HH:MM`, `+HHMM`, `+HH`, or none for UTC); or a number as ``epoch(_:_:)`` does.
    static func parse(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        var scanner = Scanner(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2),
            scanner.take("-"), let day = scanner.digits(2),
            (1...12).contains(month), (1...31).contains(day)
        else { return epoch(bytes, range) }
        guard scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.digits(2), scanner.take(":"), let minute = scanner.digits(2),
            hour < 24, minute < 60
        else { return nil }
        var second: Int64 = 0
        if scanner.take(":") {
            guard let value = scanner.digits(2), value <= 60 else { return nil }
            second = value
        }
        var nanos: Int64 = 0
        if scanner.take(".") || scanner.take(",") {
            guard let value = scanner.fraction() else { return nil }
            nanos = value
        }
        guard let offset = scanner.zone(), scanner.position == scanner.end else { return nil }
        let seconds =
            days(year: year, month: month, day: day) * 86_400 + hour * 3_600 + minute * 60
            + second - offset
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(nanos)
        return overflow || carry ? nil : sum
    }

    /// Reads a number of seconds, milliseconds, microseconds or nanoseconds; which of them, its
    /// size says.
    ///
    /// Numbers that would be before 1973 are no times.
    static func epoch(_ bytes: [UInt8], _ range: Range<Int>) -> Int64? {
        var scanner = Scanner(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        guard let whole = scanner.number() else { return nil }
        var nanos: Int64 = 0
        if scanner.take(".") {
            guard let value = scanner.fraction() else { return nil }
            nanos = value
        }
        guard scanner.position == scanner.end else { return nil }
        switch whole {
        case 100_000_000..<9_000_000_000: return whole * 1_000_000_000 + nanos
        case 100_000_000_000..<9_000_000_000_000: return whole * 1_000_000 + nanos / 1_000
        case 100_000_000_000_000..<9_000_000_000_000_000: return whole * 1_000 + nanos / 1_000_000
        case 100_000_000_000_000_000...: return whole
        default: return nil
        }
    }

    /// Days since 1970 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date
    /// algorithms").
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position: Int
        let end: Int

        mutating func digit() -> Int64? {
            guard position < end, bytes[position] &- UInt8(ascii: "0") < 10 else { return nil }
            defer { position += 1 }
            return Int64(bytes[position] - UInt8(ascii: "0"))
        }

        mutating func digits(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        /// One digit or more, 18 at most but for times in nanoseconds, which have 19.
        mutating func number() -> Int64? {
            guard var value = digit() else { return nil }
            while let digit = digit() {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(digit)
                guard !overflow, !carry else { return nil }
                value = sum
            }
            return value
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < end, UInt32(bytes[position]) == character.value else { return false }
            position += 1
            return true
        }

        /// Digits after the point, as billionths; those beyond the ninth are left out.
        mutating func fraction() -> Int64? {
            guard let first = digit() else { return nil }
            var value = first * 100_000_000
            var weight: Int64 = 10_000_000
            while let digit = digit() {
                value += digit * weight
                weight /= 10
            }
            return value
        }

        /// Seconds east of Greenwich.
        mutating func zone() -> Int64? {
            _ = take(" ")
            if position == end || take("Z") || take("z") { return 0 }
            if take("U") { return take("T") && take("C") ? 0 : nil }
            let isWest = position < end && bytes[position] == UInt8(ascii: "-")
            guard take("+") || take("-"), let hours = digits(2) else { return nil }
            var minutes: Int64 = 0
            if position < end {
                _ = take(":")
                guard let value = digits(2) else { return nil }
                minutes = value
            }
            let offset = hours * 3_600 + minutes * 60
            return isWest ? -offset : offset
        }
    }
}
