/// Counts attempts by who makes them, a minute at a time.
///
/// It reads no clock.
///
/// An attempt counts from its begin, so that many at once get no further than many in a row.
struct AttemptLimiter {
    private let attemptsMax: Int
    private let namesMax: Int
    private var counts: [String: Int] = [:]
    private var minute: Int64 = .min

    /// - Parameters:
    ///   - attemptsMax: attempts of one name in a minute.
    ///   - namesMax: names told apart; those that come later in the same minute share one count,
    ///     so that a flood of names neither grows the table nor empties it.
    init(attemptsMax: Int, namesMax: Int = Limits.limitedNamesMax) {
        self.attemptsMax = attemptsMax
        self.namesMax = namesMax
    }

    /// Counts one attempt; false when `name` has none left in this minute.
    mutating func begin(_ name: String, nowNanos: Int64) -> Bool {
        let current = nowNanos / 60_000_000_000
        if current != minute {
            counts = [:]
            minute = current
        }
        let name = slot(name)
        let count = counts[name] ?? 0
        guard count < attemptsMax else { return false }
        counts[name] = count + 1
        return true
    }

    /// Takes an attempt back, because it was no wrong one.
    mutating func succeed(_ name: String) {
        let name = slot(name)
        guard let count = counts[name], count > 0 else { return }
        counts[name] = count - 1
    }

    private func slot(_ name: String) -> String {
        counts[name] != nil || counts.count < namesMax ? name : "others"
    }
}
