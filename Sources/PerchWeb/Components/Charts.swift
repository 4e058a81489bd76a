import PerchLogQL

/// Charts that the server draws: they need no script, and positions are SVG attributes because our
/// content security policy refuses inline styles.
enum Chart {
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
