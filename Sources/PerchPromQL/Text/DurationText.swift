/// Durations as Prometheus writes them: `1h30m`, `5m`, `250ms`.
package enum DurationText {
    private static let units: [(name: String, millis: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// The milliseconds of a text, or nil when it is no duration.
    ///
    /// Units stand from the longest to the shortest, each at most once; `0` needs none.
    package static func millis(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        guard !text.isEmpty else { return nil }
        var total: Int64 = 0
        var rest = Substring(text)
        var nextUnit = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard let index = units[nextUnit...].firstIndex(where: { $0.name == name }) else {
                return nil
            }
            nextUnit = index + 1
            let (part, isTooLong) = number.multipliedReportingOverflow(by: units[index].millis)
            let (sum, isSumTooLong) = total.addingReportingOverflow(part)
            // Prometheus counts nanoseconds in 64 bits.
            guard !isTooLong, !isSumTooLong, sum <= .max / 1_000_000 else { return nil }
            total = sum
        }
        return total
    }

    /// The text of a number of milliseconds that is not negative.
    package static func text(millis: Int64) -> String {
        guard millis > 0 else { return "0s" }
        var rest = millis
        var text = ""
        for unit in units {
            // 90d reads better than 12w6d.
            if ["y", "w"].contains(unit.name), rest % unit.millis != 0 { continue }
            let count = rest / unit.millis
            guard count > 0 else { continue }
            text += "\(count)\(unit.name)"
            rest -= count * unit.millis
        }
        return text
    }
}
