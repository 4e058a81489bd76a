import Foundation

/// How busy the shop is: a sine over the day, with slow noise on top.
struct DailyRhythm: Sendable {
    /// The busiest moment of the day (UTC), as a part of it: 15:00.
    private static let peak = 0.625
    private static let secondsOfDay = 86_400.0

    /// A slow random walk around 1 that pulls back to it.
    private var noise = 1.0

    /// The part of the peak rate at a time, without noise: from 0.4 at night to 1.
    static func level(atSeconds seconds: Double) -> Double {
        let day = seconds.truncatingRemainder(dividingBy: secondsOfDay) / secondsOfDay
        return 0.7 + 0.3 * cos(2 * .pi * (day - peak))
    }

    /// The part of the peak rate for the next visit.
    mutating func next(atSeconds seconds: Double, using random: inout SeededRandom) -> Double {
        noise += (1 - noise) * 0.05 + Double.random(in: -0.06...0.06, using: &random)
        noise = min(max(noise, 0.6), 1.4)
        return Self.level(atSeconds: seconds) * noise
    }
}
