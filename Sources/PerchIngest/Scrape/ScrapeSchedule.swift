/// When a target is scraped: each interval, at a place in it that only the target decides.
///
/// So targets are spread evenly, and a restart finds the same places again.
struct ScrapeSchedule: Equatable {
    let intervalNanos: Int64
    /// From 0 up to the interval.
    let offsetNanos: Int64

    init(intervalNanos: Int64, key: String) {
        self.intervalNanos = max(1, intervalNanos)
        // FNV-1a, then mixed: only its even spread matters.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 32)) &* 0x9e37_79b9_7f4a_7c15
        offsetNanos = Int64((hash ^ (hash >> 29)) % UInt64(self.intervalNanos))
    }

    /// The first planned time after `now`.
    func next(after now: Int64) -> Int64 {
        let (since, isFar) = now.subtractingReportingOverflow(offsetNanos)
        guard !isFar, now < .max - 2 * intervalNanos else { return now }
        let rest = since % intervalNanos
        return since - (rest < 0 ? rest + intervalNanos : rest) + intervalNanos + offsetNanos
    }

    /// The time that the samples of a scrape get: the planned one, when the start is close to it.
    func sampleNanos(planned: Int64, started: Int64) -> Int64 {
        let tolerance = min(intervalNanos / 100, ScrapeLimits.toleranceNanosMax)
        return abs(started &- planned) <= tolerance ? planned : started
    }
}
