import PerchLogQL

/// Charts that the server draws: they need no script, and positions are SVG attributes because our
/// content security policy refuses inline styles.
enum Chart {
    /// Bars of log counts by level over time; each bar leads to its time.
    static func histogram(
        _ histogram: LogHistogram, _ frame: Frame, _ link: (TimeRange) -> Link
    ) -> Markup {
        let high = max(1, histogram.counts.map(\.total).max() ?? 1)
        let steps = histogram.steps
        return tag(.div, .class("histogram")) {
            tag(.div, .class("peak"), .hidden) { Units.count(high) }
            tag(
                .svg, .class("bars"), .attribute("viewBox", "0 0 \(steps.count) 100"),
                .attribute("preserveAspectRatio", "none"), .attribute("role", "img"),
                .label("\(Units.count(histogram.total.total)) records over time")
            ) {
                for (index, counts) in histogram.counts.enumerated() where counts.total > 0 {
                    let from = steps.time(index)
                    tag(.a, .href(link(TimeRange(from: from, to: from &+ steps.size)))) {
                        tag(.title) {
                            "\(Instant(nanos: from).plain.dropLast(4)) UTC: "
                            "\(Units.count(counts.total)) records"
                        }
                        tag(
                            .rect, .class("hit"), .attribute("x", String(index)),
                            .attribute("y", "0"), .attribute("width", "1"),
                            .attribute("height", "100"))
                        stack(counts, at: index, high: high)
                    }
                }
            }
            axis(from: steps.start, to: steps.time(steps.count), frame)
        }
    }

    private static func stack(_ counts: LevelCounts, at index: Int, high: Int) -> Markup {
        var top = 100.0
        var parts: [Markup] = []
        // The worst stands on top, where a bar's end is looked at.
        for level in [nil] + LogLevel.allCases.map(Optional.some) where counts[level] > 0 {
            let height = max(1.5, Double(counts[level]) / Double(high) * 100)
            top = max(0, top - height)
            parts.append(
                tag(
                    .rect, .class("l-\(level?.name ?? "none")"),
                    .attribute("x", "\(index).12"), .attribute("y", Units.fixed(top, 2)),
                    .attribute("width", "0.76"), .attribute("height", Units.fixed(height, 2))))
        }
        return MarkupBuilder.join(parts)
    }

    /// The first, the middle and the last time under a chart.
    static func axis(from: Int64, to: Int64, _ frame: Frame) -> Markup {
        tag(.div, .class("axis")) {
            frame.time(from, style: "axis")
            frame.time(from &+ (to &- from) / 2, style: "axis")
            frame.time(to, style: "axis")
        }
    }

    /// A line the size of a word.
    static func sparkline(_ values: [Double], words: String) -> Markup {
        guard values.count > 1 else { return .empty }
        let high = max(values.max() ?? 0, .leastNonzeroMagnitude)
        let points = values.enumerated().map { index, value in
            "\(index),\(Units.fixed(20 - max(0, value) / high * 18, 1))"
        }
        return tag(
            .svg, .class("spark"), .attribute("viewBox", "0 0 \(values.count - 1) 21"),
            .attribute("preserveAspectRatio", "none"), .attribute("role", "img"), .label(words)
        ) {
            tag(
                .path, .class("spark-area"),
                .attribute(
                    "d", "M0,21L" + points.joined(separator: "L") + "L\(values.count - 1),21Z"))
            tag(.polyline, .attribute("points", points.joined(separator: " ")))
        }
    }

    /// Shares of log records by level, in one bar.
    static func levelBar(_ counts: LevelCounts) -> Markup {
        let total = counts.total
        guard total > 0 else { return .empty }
        var x = 0.0
        var parts: [Markup] = []
        for level in LogLevel.allCases.reversed().map(Optional.some) + [nil] where counts[level] > 0
        {
            let width = Double(counts[level]) / Double(total) * 100
            parts.append(
                tag(
                    .rect, .class("l-\(level?.name ?? "none")"),
                    .attribute("x", Units.fixed(x, 2)), .attribute("y", "0"),
                    .attribute("width", Units.fixed(max(width, 1.2), 2)), .attribute("height", "6"))
            )
            x += width
        }
        return tag(
            .svg, .class("level-bar"), .attribute("viewBox", "0 0 100 6"),
            .attribute("preserveAspectRatio", "none"), .hidden
        ) { MarkupBuilder.join(parts) }
    }
}
