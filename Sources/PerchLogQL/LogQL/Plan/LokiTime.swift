/// Times and durations as Loki's API takes them.
package enum LokiTime {
    /// Nanoseconds since 1970 of whole seconds (up to ten digits), nanoseconds, seconds with a
    /// fraction, or RFC 3339; nil for anything else.
    package static func nanos(_ text: String) -> Int64? {
        if let whole = Int64(text) {
            guard text.utf8.count <= 10 else { return whole }
            let (nanos, isTooLarge) = whole.multipliedReportingOverflow(by: 1_000_000_000)
            return isTooLarge ? nil : nanos
        }
        if let seconds = Double(text) {
            // Whole seconds and the rest apart, so that milliseconds stay exact.
            let whole = seconds.rounded(.down)
            guard whole.magnitude < 9.2e9 else { return nil }
            let rest = ((seconds - whole) * 1_000).rounded()
            return Int64(whole) &* 1_000_000_000 &+ Int64(rest) &* 1_000_000
        }
        return GoTime.nanos(text, layout: "2006-01-02T15:04:05Z07:00")
    }

    /// Nanoseconds of seconds with a fraction, or of a duration such as `5m`.
    package static func durationNanos(_ text: String) -> Int64? {
        let nanos = Double(text).map { $0 * 1e9 } ?? LogQLNumber.durationNanos(text)
        guard let nanos, nanos.magnitude < 9.2e18 else { return nil }
        return Int64(nanos)
    }
}
