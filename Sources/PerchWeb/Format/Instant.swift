/// A time in nanoseconds since 1970 as text in UTC.
///
/// Scripts show it in the reader's zone.
package struct Instant: Sendable, Hashable {
    package let nanos: Int64

    package init(nanos: Int64) {
        self.nanos = nanos
    }

    /// `2026-11-21T05:45:05.123Z`, as the `datetime` attribute takes it.
    package var iso: String { date + "T" + clock + "Z" }

    /// `2026-11-21 05:45:05.123`.
    package var plain: String { date + " " + clock }

    /// The time alone on the day of `now`, with the day before or after it, with the year in another
    /// one; without milliseconds where those are not asked for.
    package func short(now: Int64, millis: Bool) -> String {
        let (then, today) = (date, Instant(nanos: now).date)
        let time = millis ? clock : String(clock.prefix(8))
        if then == today { return time }
        return (then.prefix(4) == today.prefix(4) ? then.dropFirst(5) : then[...]) + " " + time
    }

    private var date: String {
        let (year, month, day) = Self.civil(days: Self.floor(nanos, 86_400_000_000_000))
        return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))"
    }

    private var clock: String {
        let day: Int64 = 86_400_000_000_000
        let rest = nanos % day
        let millis = (rest < 0 ? rest + day : rest) / 1_000_000
        let seconds = millis / 1_000
        return Self.pad(seconds / 3_600, 2) + ":" + Self.pad(seconds / 60 % 60, 2) + ":"
            + Self.pad(seconds % 60, 2) + "." + Self.pad(millis % 1_000, 3)
    }

    /// How long before `now`: `12 s ago`.
    package func ago(now: Int64) -> String {
        let (difference, overflow) = now.subtractingReportingOverflow(nanos)
        guard !overflow else { return "long ago" }
        let seconds = difference / 1_000_000_000
        switch seconds {
        case ..<(-5): return "ahead of this server's clock"
        case ..<2: return "just now"
        case ..<60: return "\(seconds) s ago"
        case ..<3_600: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3_600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }

    /// Reads `2026-11-21T05:45`, with seconds, a fraction and Z if one likes, as UTC; or a plain
    /// number of milliseconds since 1970.
    ///
    /// Nil for anything else.
    package init?(text: String) {
        if let millis = Int64(text) {
            let (nanos, overflow) = millis.multipliedReportingOverflow(by: 1_000_000)
            guard !overflow else { return nil }
            self.nanos = nanos
            return
        }
        var body = Substring(text)
        if body.hasSuffix("Z") { body = body.dropLast() }
        let halves = body.split(whereSeparator: { $0 == "T" || $0 == " " })
        guard let date = halves.first, halves.count <= 2 else { return nil }
        let days = date.split(separator: "-").map { Int64($0) ?? -1 }
        guard days.count == 3, (1970...2261).contains(days[0]), (1...12).contains(days[1]),
            (1...31).contains(days[2])
        else { return nil }
        var seconds = 0.0
        if halves.count == 2 {
            let parts = halves[1].split(separator: ":").map { Double($0) ?? -1 }
            guard (2...3).contains(parts.count), (0..<24).contains(parts[0]),
                (0..<60).contains(parts[1]), (0..<61).contains(parts.count > 2 ? parts[2] : 0)
            else { return nil }
            seconds = parts[0] * 3_600 + parts[1] * 60 + (parts.count > 2 ? parts[2] : 0)
        }
        let day = Self.days(year: days[0], month: days[1], day: days[2])
        nanos = day * 86_400_000_000_000 + Int64((seconds * 1_000).rounded()) * 1_000_000
    }

    // The two below are Howard Hinnant's "chrono-compatible low-level date algorithms".

    private static func civil(days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floor(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func floor(_ value: Int64, _ size: Int64) -> Int64 {
        value / size - (value % size < 0 ? 1 : 0)
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
