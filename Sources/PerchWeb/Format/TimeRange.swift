package import PerchModel

/// The time range of a page, as its address says it.
package struct TimeRange: Sendable, Hashable {
    /// A range that ends now.
    package enum Relative: String, Sendable, CaseIterable {
        case minutes15 = "15m"
        case hour1 = "1h"
        case hours6 = "6h"
        case day1 = "24h"
        case week1 = "7d"
        case month1 = "30d"

        var nanos: Int64 {
            let minutes: Int64 =
                switch self {
                case .minutes15: 15
                case .hour1: 60
                case .hours6: 360
                case .day1: 1_440
                case .week1: 10_080
                case .month1: 43_200
                }
            return minutes * 60_000_000_000
        }

        /// What stands in the choice of ranges.
        var words: String {
            switch self {
            case .minutes15: "15 min"
            case .hour1: "1 hour"
            case .hours6: "6 hours"
            case .day1: "24 hours"
            case .week1: "7 days"
            case .month1: "30 days"
            }
        }
    }

    /// Nil when the address names both ends.
    package let relative: Relative?
    /// Half-open, nanoseconds since 1970; never empty.
    package let nanos: Range<Int64>
    /// What the address said of both ends when that goes by the present: `now-3h`, `now`.
    package let texts: Texts?

    package struct Texts: Sendable, Hashable {
        package var from: String
        package var to: String
    }

    /// Whether it goes on with the time.
    package var isLive: Bool { relative != nil || texts?.to == "now" }

    /// The range that ends just after `now`.
    package init(_ relative: Relative, now: Int64) {
        self.relative = relative
        texts = nil
        // The newest record may have this very time, so it belongs to the range.
        let end = Self.clamped(now) + 1
        nanos = end - 1 - relative.nanos..<end
    }

    /// Both ends.
    package init(from: Int64, to: Int64) {
        self.init(from: from, to: to, texts: nil)
    }

    /// Within 126 years of 1970, so that no sum with a stretch of time overflows.
    private static func clamped(_ nanos: Int64) -> Int64 {
        min(max(nanos, -4_000_000_000_000_000_000), 4_000_000_000_000_000_000)
    }

    private init(from: Int64, to: Int64, texts: Texts?) {
        relative = nil
        self.texts = texts
        let (start, end) = (Self.clamped(min(from, to)), Self.clamped(max(from, to)))
        nanos = start..<max(end, start + 1)
    }

    /// Reads `range`, or `from` and `to`; the last hour when they say nothing that can be read.
    ///
    /// An end may go by the present, as in dashboards: `now-3h`.
    package init(_ parameters: FormParameters, now: Int64) {
        self.init(
            from: parameters["from"], to: parameters["to"], now: now,
            otherwise: parameters["range"].flatMap(Relative.init(rawValue:)) ?? .hour1)
    }

    /// Both ends as text: a time, `now` or `now-6h`.
    package init(from: String?, to: String?, now: Int64, otherwise: Relative = .hour1) {
        guard let from, let to, let start = Self.nanos(from, now), let end = Self.nanos(to, now),
            start < Int64.max
        else {
            self.init(otherwise, now: now)
            return
        }
        if to == "now", from.hasPrefix("now-"),
            let relative = Relative(rawValue: String(from.dropFirst(4)))
        {
            self.init(relative, now: now)
            return
        }
        let isText = from.hasPrefix("now") || to.hasPrefix("now")
        self.init(from: start, to: end, texts: isText ? Texts(from: from, to: to) : nil)
    }

    /// A time, or `now` with a distance: `now-90m`, `now-1d`, `now-1d/d`, whose part behind the
    /// bar, the start of a day or week, is left out.
    private static func nanos(_ text: String, _ now: Int64) -> Int64? {
        guard text.hasPrefix("now") else { return Instant(text: text)?.nanos }
        let rest = text.dropFirst(3).prefix { $0 != "/" }
        guard let sign = rest.first else { return now &+ 1 }
        let units: [Character: Int64] = [
            "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 2_592_000,
            "y": 31_536_000,
        ]
        guard sign == "-" || sign == "+", let unit = rest.last.flatMap({ units[$0] }),
            let count = Int64(rest.dropFirst().dropLast()), count >= 0, count < 1_000_000
        else { return nil }
        let (distance, isTooLong) = count.multipliedReportingOverflow(by: unit &* 1_000_000_000)
        let (time, overflow) =
            sign == "-"
            ? now.subtractingReportingOverflow(distance) : now.addingReportingOverflow(distance)
        return isTooLong || overflow ? nil : time
    }

    package var seconds: Double { (Double(nanos.upperBound) - Double(nanos.lowerBound)) / 1e9 }

    /// What the address of a page in this range holds.
    var query: [(name: StaticString, value: String?)] {
        if let relative { return [("range", relative == .hour1 ? nil : relative.rawValue)] }
        if let texts { return [("from", texts.from), ("to", texts.to)] }
        return [
            ("from", String(nanos.lowerBound / 1_000_000)),
            ("to", String(nanos.upperBound / 1_000_000)),
        ]
    }

    /// Steps of a round length that cover the range: at most `count` of them.
    package func steps(_ count: Int) -> Steps {
        let sizes: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
            43_200, 86_400, 172_800, 604_800, 2_592_000, 31_536_000,
        ]
        let second: Int64 = 1_000_000_000
        let span = Double(nanos.upperBound) - Double(nanos.lowerBound)
        let size =
            sizes.first { span / Double($0 * second) <= Double(max(1, count - 1)) }
            ?? 315_360_000
        let start = nanos.lowerBound - Self.remainder(nanos.lowerBound, size * second)
        // Whole numbers: a double loses the last nanoseconds, and with them the last step.
        let (length, overflow) = nanos.upperBound.subtractingReportingOverflow(start)
        let whole = overflow ? count + 1 : Int((length - 1) / (size * second) + 1)
        return Steps(start: start, size: size * second, count: max(1, min(count + 1, whole)))
    }

    /// The range in so many parts of about the same length.
    func slices(_ count: Int) -> [Range<Int64>] {
        let (length, overflow) = nanos.upperBound.subtractingReportingOverflow(nanos.lowerBound)
        let size = (overflow ? .max : length) / Int64(max(1, count))
        guard size > 0, !overflow else { return [nanos] }
        return (0..<count).map { index in
            let low = nanos.lowerBound + Int64(index) * size
            return low..<(index == count - 1 ? nanos.upperBound : low + size)
        }
    }

    private static func remainder(_ value: Int64, _ size: Int64) -> Int64 {
        let rest = value % size
        // A start below the first representable round time stays where it is.
        guard rest < 0 else { return rest }
        return value < Int64.min + size ? 0 : rest + size
    }
}

/// Steps of equal length.
package struct Steps: Sendable, Hashable {
    /// Where the first begins, nanoseconds since 1970.
    package var start: Int64
    /// Nanoseconds of each.
    package var size: Int64
    package var count: Int

    /// The step that holds `time`, or nil when it is outside.
    package func index(of time: Int64) -> Int? {
        let (distance, overflow) = time.subtractingReportingOverflow(start)
        guard !overflow, distance >= 0, distance / size < Int64(count) else { return nil }
        return Int(distance / size)
    }

    /// Where a step begins.
    package func time(_ index: Int) -> Int64 { start &+ Int64(index) &* size }
}
