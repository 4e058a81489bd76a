/// Durations and sizes as Prometheus writes them.
package enum ScrapeText {
    private static let units: [(name: String, nanos: Int64)] = [
        ("y", 365 * 86_400_000_000_000), ("w", 7 * 86_400_000_000_000), ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ]

    /// Nanoseconds of a duration as `1h30m`; each unit once, from large to small.
    package static func duration(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var rest = Substring(text)
        var total: Int64 = 0
        var allowed = units[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let unit = rest[digits.endIndex...].prefix { $0.isASCII && $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let number = Int64(digits),
                let place = allowed.firstIndex(where: { $0.name == unit })
            else { return nil }
            let (product, isTooLong) = number.multipliedReportingOverflow(
                by: allowed[place].nanos)
            let (sum, isTooLarge) = total.addingReportingOverflow(product)
            guard !isTooLong, !isTooLarge else { return nil }
            total = sum
            allowed = allowed[(place + 1)...]
        }
        return total
    }

    /// The duration of nanoseconds, as Prometheus prints it.
    package static func text(ofNanos nanos: Int64) -> String {
        guard nanos >= 1_000_000 else { return "0s" }
        var rest = nanos
        var text = ""
        for (name, unit) in units {
            // Years and weeks are printed only when nothing is left.
            if name == "y" || name == "w", rest % unit != 0 { continue }
            if rest / unit > 0 { text += "\(rest / unit)\(name)" }
            rest %= unit
        }
        return text
    }

    /// Bytes of a size as `10MB`; units are powers of 1,024 as in Prometheus.
    package static func byteCount(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let shift: Int
        switch text[digits.endIndex...] {
        case "": return number == 0 ? 0 : nil
        case "B": shift = 0
        case "KB", "KiB", "K": shift = 10
        case "MB", "MiB", "M": shift = 20
        case "GB", "GiB", "G": shift = 30
        case "TB", "TiB", "T": shift = 40
        default: return nil
        }
        let (count, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : count
    }
}
