/// Durations in words and clocks, as Grafana's units of time have them.
enum DurationWords {
    private static let units: [(name: String, millis: Double)] = [
        ("year", 31_536_000_000), ("month", 2_592_000_000), ("week", 604_800_000),
        ("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000), ("second", 1_000),
        ("millisecond", 1),
    ]

    /// `2 hours, 5 minutes`: the greatest unit and as many more as there are decimals.
    static func duration(_ value: Double, unitMillis: Double, _ decimals: Int?) -> String {
        if value == 0 {
            let name = units.first { $0.millis == unitMillis }?.name ?? "second"
            return "0 \(name)s"
        }
        if value < 0 { return duration(-value, unitMillis: unitMillis, decimals) + " ago" }
        var rest = value * unitMillis
        var parts: [String] = []
        for (name, millis) in units {
            let count = (rest / millis).rounded(.down)
            guard count >= 1 || !parts.isEmpty else { continue }
            parts.append(NumberText.plain(count) + " " + name + (count == 1 ? "" : "s"))
            rest -= count * millis
            if parts.count > min(max(decimals ?? 0, 0), units.count) { break }
        }
        return parts.isEmpty ? "0 milliseconds" : parts.joined(separator: ", ")
    }

    /// `20ms`, `03s:020ms`, `05m:03s:020ms`, `02h:05m:03s:020ms`, with fewer parts for few decimals.
    static func clock(_ millis: Double, _ decimals: Int?) -> String {
        let size = Int64(min(max(millis, 0), 8.64e15))
        let parts = [
            DateText.pad(size / 3_600_000, 2) + "h", DateText.pad(size / 60_000 % 60, 2) + "m",
            DateText.pad(size / 1_000 % 60, 2) + "s", DateText.pad(size % 1_000, 3) + "ms",
        ]
        let first = size < 1_000 ? 3 : size < 60_000 ? 2 : size < 3_600_000 ? 1 : 0
        let wanted = decimals.map { max($0, 0) + 1 } ?? 4
        return parts[first...].prefix(max(wanted, 1)).joined(separator: ":")
    }

    /// `01:02:03` of seconds.
    static func hours(_ value: Double, withDays: Bool) -> String {
        if value < 0 { return hours(-value, withDays: withDays) + " ago" }
        var seconds = Int64(min(value, 8.64e12))
        var text = ""
        if withDays, seconds >= 86_400 {
            text = "\(seconds / 86_400) d "
            seconds %= 86_400
        }
        return text + DateText.pad(seconds / 3_600, 2) + ":" + DateText.pad(seconds / 60 % 60, 2)
            + ":" + DateText.pad(seconds % 60, 2)
    }

    /// `5 minutes ago`, `in 2 hours`.
    static func fromNow(_ millis: Int64, nowMillis: Int64) -> String {
        let difference = Double(millis) - Double(nowMillis)
        let words = span(difference.magnitude / 1_000)
        return difference > 0 ? "in " + words : words + " ago"
    }

    private static func span(_ seconds: Double) -> String {
        func count(_ size: Double, _ name: String) -> String {
            let number = Int64((seconds / size).rounded())
            return "\(number) \(name)s"
        }
        switch seconds {
        case ..<45: return "a few seconds"
        case ..<90: return "a minute"
        case ..<2_700: return count(60, "minute")
        case ..<5_400: return "an hour"
        case ..<79_200: return count(3_600, "hour")
        case ..<129_600: return "a day"
        case ..<2_246_400: return count(86_400, "day")
        case ..<3_888_000: return "a month"
        case ..<27_648_000: return count(2_629_746, "month")
        case ..<47_347_200: return "a year"
        default: return count(31_556_952, "year")
        }
    }
}
