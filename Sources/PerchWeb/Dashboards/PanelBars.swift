import PerchDashboards

/// Bars by category; buckets of a histogram as columns beside each other.
struct PanelBars {
    var bars: BarChartContent

    private static let rowsMax = 40

    /// Few bars have a row each, so that every name and number can be read.
    var html: Markup {
        guard bars.categories.count * bars.series.count <= Self.rowsMax else { return columns }
        let greatest = bars.series.flatMap(\.values).filter(\.isFinite).map(\.magnitude).max() ?? 0
        return tag(.div, .class("meters")) {
            for (row, category) in bars.categories.enumerated() {
                for series in bars.series where row < series.values.count {
                    PanelMeter(
                        name: bars.series.count > 1 ? "\(category) · \(series.name)" : category,
                        value: series.texts[row],
                        share: greatest > 0 && series.values[row].isFinite
                            ? series.values[row].magnitude / greatest : 0,
                        colour: row < series.colours.count ? series.colours[row] : series.colour
                    ).html
                }
            }
        }
    }

    var columns: Markup {
        let count = bars.categories.count
        let greatest = bars.series.flatMap(\.values).filter(\.isFinite).max() ?? 0
        let width = 10.0 / Double(max(bars.series.count, 1))
        return group {
            tag(
                .svg, .class("columns"), .attribute("viewBox", "0 0 \(max(count, 1) * 10) 100"),
                .stretched, .attribute("role", "img"), .label("\(count) bars")
            ) {
                for (place, series) in bars.series.enumerated() {
                    for (row, value) in series.values.enumerated() where value > 0 && greatest > 0 {
                        let height = value / greatest * 98
                        tag(
                            .rect, .number("x", Double(row * 10) + Double(place) * width + 0.4),
                            .number("y", 100 - height), .number("width", max(width - 0.8, 0.2)),
                            .number("height", height),
                            .fill(row < series.colours.count ? series.colours[row] : series.colour)
                        ) {
                            tag(.title) { "\(bars.categories[row]): \(series.texts[row])" }
                        }
                    }
                }
            }
            if let first = bars.categories.first, let last = bars.categories.last {
                tag(.div, .class("scale-x")) {
                    tag(.span) { first }
                    tag(.span) { bars.categories[count / 2] }
                    tag(.span) { last }
                }
            }
        }
    }
}

/// Parts of a whole.
struct PanelPie {
    var pie: PieContent

    var html: Markup {
        var before = 0.0
        let slices = pie.slices.map { slice -> Markup in
            defer { before += slice.share }
            return tag(
                .circle, .number("cx", 50), .number("cy", 50), .number("r", pie.isDonut ? 35 : 24),
                .attribute("fill", "none"), .attribute("stroke", PanelView.paint(slice.colour)),
                .number("stroke-width", pie.isDonut ? 20 : 48), .attribute("pathLength", "100"),
                .attribute("stroke-dasharray", "\(ChartJSON.number(slice.share * 100)) 200"),
                .attribute("stroke-dashoffset", ChartJSON.number(-before * 100)),
                .attribute("transform", "rotate(-90 50 50)")
            ) {
                tag(.title) { "\(slice.name): \(slice.value.text)" }
            }
        }
        return tag(.div, .class(pie.legend.isRight ? "drawing beside" : "drawing")) {
            tag(
                .svg, .class("pie"), .attribute("viewBox", "0 0 100 100"),
                .attribute("role", "img"),
                .label(
                    pie.slices.prefix(12).map { "\($0.name) \($0.value.text)" }.joined(
                        separator: ", "))
            ) { MarkupBuilder.join(slices) }
            if pie.legend.form != .hidden {
                tag(.ul, .class("keys")) {
                    for row in pie.legend.rows.prefix(Limits.legendRowsMax) {
                        tag(.li) {
                            TimeChart.key(PanelView.pen(row.colour))
                            cut(row.name, 160)
                            for value in row.values { tag(.b) { value } }
                        }
                    }
                }
            }
        }
    }
}
