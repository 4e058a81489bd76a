/// Durations as dashboards have them: `30s`, `5m`, `1.5h`, `>10s`.
package enum DurationText {
    private static let units: [(suffix: String, millis: Double)] = [
        ("ms", 1), ("y", 31_536_000_000), ("M", 2_592_000_000), ("w", 604_800_000),
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// Milliseconds; a number alone is seconds.
    ///
    /// Nil when the text is no duration.
    package static func millis(_ text: String) -> Int64? {
        let trimmed = text.trimmed
        let body = trimmed.hasPrefix(">") ? trimmed.dropFirst().trimmed : trimmed
        if let seconds = Double(body) { return whole(seconds * 1_000) }
        // Prometheus' durations may have several parts: `1h30m`.
        var total = 0.0
        var rest = body[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest[digits.endIndex...]
            guard let unit = units.first(where: { rest.hasPrefix($0.suffix) }) else { return nil }
            total += number * unit.millis
            rest = rest.dropFirst(unit.suffix.count)
        }
        return body.isEmpty ? nil : whole(total)
    }

    private static func whole(_ millis: Double) -> Int64? {
        guard millis.isFinite, millis >= 0, millis < 1e15 else { return nil }
        return Int64(millis.rounded())
    }

    /// The shortest text with one whole unit: `90s` stays, `120s` is `2m`.
    package static func text(millis: Int64) -> String {
        for (suffix, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
            as [(String, Int64)] where millis >= size && millis % size == 0
        {
            return "\(millis / size)\(suffix)"
        }
        return "\(max(millis, 1))ms"
    }
}
