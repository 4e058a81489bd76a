import PerchLogQL

/// Counts by level over time: a legend that narrows, and bars that lead to their time.
///
/// A script lets the pointer brush a stretch, and the arrow keys walk from bar to bar.
struct LogsHistogram {
    var histogram: LogHistogram
    var state: LogsState

    func html(_ frame: Frame) -> Markup {
        tag(.section, .class("card log-histogram"), .label("Records over time")) {
            legend
            drawing(frame)
        }
    }

    private var legend: Markup {
        tag(.div, .class("legend")) {
            tag(.strong) { "\(Units.count(histogram.total.total)) records" }
            for level in LogLevel.allCases.reversed() where histogram.total[level] > 0 {
                tag(
                    .a, .class("level l-\(level.name)"),
                    .href(state.with { $0.level = level }.link),
                    .title("Only \(level.name) and above")
                ) {
                    "\(Units.count(histogram.total[level])) \(level.name)"
                }
            }
            if histogram.total[nil] > 0 {
                tag(.span, .class("level l-none")) {
                    "\(Units.count(histogram.total[nil])) without level"
                }
            }
            if histogram.isPartial {
                tag(.span, .class("faint")) { "counted in part: there are too many" }
            }
        }
    }

    private func drawing(_ frame: Frame) -> Markup {
        let high = max(1, histogram.counts.map(\.total).max() ?? 1)
        let steps = histogram.steps
        return tag(.div, .class("histogram")) {
            tag(.div, .class("peak"), .hidden) { Units.count(high) }
            tag(
                .div, .class("brush"), .flag("data-brush"),
                .attribute("data-from", String(steps.start / 1_000_000)),
                .attribute("data-to", String(steps.time(steps.count) / 1_000_000)),
                .attribute("data-link", Link("/logs", query: state.kept).text)
            ) {
                tag(
                    .svg, .class("bars"), .attribute("viewBox", "0 0 \(steps.count) 100"),
                    .attribute("preserveAspectRatio", "none"), .attribute("role", "group"),
                    .label("Records over time; each bar is a stretch of time and opens it")
                ) {
                    for (index, counts) in histogram.counts.enumerated() where counts.total > 0 {
                        bar(counts, index, high)
                    }
                }
            }
            Chart.axis(from: steps.start, to: steps.time(steps.count), frame)
        }
    }

    private func bar(_ counts: LevelCounts, _ index: Int, _ high: Int) -> Markup {
        let from = histogram.steps.time(index)
        let range = TimeRange(from: from, to: from &+ histogram.steps.size)
        let levels = LogLevel.allCases.reversed().filter { counts[$0] > 0 }
            .map { ", \(Units.count(counts[$0])) \($0.name)" }.joined()
        let words =
            "\(Instant(nanos: from).plain.dropLast(4)) UTC: \(Units.count(counts.total)) records"
            + levels
        return tag(.a, .href(state.with { $0.range = range }.link), .label(words)) {
            tag(.title) { words }
            tag(
                .rect, .class("hit"), .attribute("x", String(index)), .attribute("y", "0"),
                .attribute("width", "1"), .attribute("height", "100"))
            stack(counts, index, high)
        }
    }

    private func stack(_ counts: LevelCounts, _ index: Int, _ high: Int) -> Markup {
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
}
