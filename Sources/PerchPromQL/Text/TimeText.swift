/// Times of the calendar, UTC.
enum TimeText {
    /// A day and a time of day.
    struct Moment {
        var year: Int
        /// 1 to 12.
        var month: Int
        /// 1 to 31.
        var day: Int
        /// 0 is Sunday.
        var weekday: Int
        /// 1 to 366.
        var dayOfYear: Int
        var hour: Int
        var minute: Int
        var second: Int

        /// Takes seconds since 1970.
        init(seconds: Int64) {
            let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
            let rest = Int(seconds - day * 86_400)
            (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
            let known = ((day + 4) % 7 + 7) % 7
            weekday = Int(known)
            // Source: Howard Hinnant, "chrono-compatible low-level date algorithms": eras of 400
            // years that begin on 1 March.
            let shifted = day + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra =
                (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let monthFromMarch = (5 * dayFromMarch + 2) / 153
            self.day = Int(dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1)
            month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
            year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
            dayOfYear =
                (1..<month).reduce(self.day) { [year] in $0 + Self.days(year: year, month: $1) }
        }

        /// How many days a month has.
        static func days(year: Int, month: Int) -> Int {
            switch month {
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }
    }

    /// `2006-01-02T15:04:05Z`.
    static func rfc3339(_ millis: Int64) -> String {
        let moment = Moment(seconds: Int64((Double(millis) / 1_000).rounded(.towardZero)))
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(padded(moment.year, 4))-\(padded(moment.month))-\(padded(moment.day))T"
            + "\(padded(moment.hour)):\(padded(moment.minute)):\(padded(moment.second))Z"
    }
}
