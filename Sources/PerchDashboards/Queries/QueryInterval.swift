/// The steps of queries, as Grafana counts them.
package enum QueryInterval {
    /// Steps that a chart may have, each with the number of milliseconds below which it is taken.
    private static let steps: [(below: Int64, step: Int64)] = [
        (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500),
        (1_500, 1_000), (3_500, 2_000), (7_500, 5_000), (12_500, 10_000), (17_500, 15_000),
        (25_000, 20_000), (45_000, 30_000), (90_000, 60_000), (210_000, 120_000),
        (450_000, 300_000), (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000),
        (2_700_000, 1_800_000), (5_400_000, 3_600_000), (9_000_000, 7_200_000),
        (16_200_000, 10_800_000), (32_400_000, 21_600_000), (86_400_000, 43_200_000),
        (604_800_000, 86_400_000), (1_814_400_000, 604_800_000),
        (3_628_800_000, 2_592_000_000),
    ]

    /// The round step nearest to a duration.
    package static func rounded(_ millis: Double) -> Int64 {
        steps.first { millis < Double($0.below) }?.step ?? 31_536_000_000
    }

    /// The step of a range that is shown in so many points, none below `least`.
    package static func step(_ range: TimeRange, points: Int, leastMillis: Int64) -> Int64 {
        max(rounded(Double(range.millis) / Double(max(points, 1))), leastMillis, 1)
    }

    /// The value of an interval variable's `auto`.
    static func auto(_ auto: Variable.IntervalAuto, _ range: TimeRange) -> Int64 {
        step(range, points: auto.count, leastMillis: DurationText.millis(auto.least) ?? 10_000)
    }

    /// `$__rate_interval`: long enough for four scrapes.
    package static func rate(stepMillis: Int64, scrapeMillis: Int64) -> Int64 {
        max(stepMillis &+ scrapeMillis, 4 &* scrapeMillis)
    }
}
