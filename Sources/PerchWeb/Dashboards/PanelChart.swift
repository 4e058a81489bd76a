import PerchDashboards

/// A chart over time with its legend.
struct PanelChart {
    var chart: TimeSeriesContent
    var marks: [TimeChart.Mark] = []
    var hasLinks = true

    var html: Markup {
        let form = chart.legend.form
        return tag(.div, .class(chart.legend.isRight ? "drawing beside" : "drawing")) {
            drawing.html(
                TimeChart.Place(
                    "\(chart.series.count) series over time", size: "fill", showsLegend: false))
            if form == .table {
                tag(.div, .class("scroll")) { table }
            } else if form == .list {
                tag(.ul, .class("keys")) {
                    for row in chart.legend.rows.prefix(Limits.legendRowsMax) {
                        tag(.li) { button(row) { valuesInWords(row) } }
                    }
                }
            }
        }
    }

    private func valuesInWords(_ row: Legend.Row) -> Markup {
        group {
            for (name, value) in zip(chart.legend.columns, row.values) {
                tag(.b, .title(name)) { value }
            }
        }
    }

    private var table: Markup {
        tag(.table, .class("keys")) {
            tag(.thead) {
                tag(.tr) {
                    tag(.th, .attribute("scope", "col")) { "Name" }
                    for name in chart.legend.columns {
                        tag(.th, .attribute("scope", "col")) { name }
                    }
                }
            }
            tag(.tbody) {
                for row in chart.legend.rows.prefix(Limits.legendRowsMax) {
                    tag(.tr) {
                        tag(.th, .attribute("scope", "row")) { button(row) { .empty } }
                        for value in row.values { tag(.td) { value } }
                    }
                }
            }
        }
    }

    private func button(_ row: Legend.Row, @MarkupBuilder _ rest: () -> Markup) -> Markup {
        tag(
            .button, .type("button"), .attribute("data-line", String(row.series)),
            .title("Show this alone; with Ctrl, show or hide it")
        ) {
            TimeChart.key(PanelView.pen(row.colour))
            cut(row.name, 160)
            rest()
        }
    }

    // MARK: - The drawing

    private var drawing: TimeChart {
        let nanos = { (millis: Int64) in
            millis.multipliedReportingOverflow(by: 1_000_000).partialValue
        }
        let from = nanos(chart.range.fromMillis)
        var result = TimeChart(
            times: chart.times.map { Double($0) / 1_000 },
            range: from..<max(from &+ 1, nanos(chart.range.toMillis)))
        result.marks = marks
        result.points = chart.exemplars.map { exemplar in
            TimeChart.Point(
                timeNanos: nanos(exemplar.timeMillis), value: exemplar.value,
                words: "trace \(exemplar.traceID)",
                link: hasLinks ? Link("/trace", segment: exemplar.traceID) : nil)
        }
        let sides = Sides(chart.axes)
        let totals = percentTotals
        result.lines = chart.series.map { line($0, sides, totals) }
        let shown = [sides.left, sides.right].compactMap { $0 }.map { chart.axes[$0] }
        let isPercent = chart.series.contains { $0.style.stacking == .percent }
        result.units = shown.map { isPercent ? Self.percent : Self.unit($0.unit, $0.decimals) }
        result.axisLabels = shown.map { $0.label.isEmpty ? nil : $0.label }
        result.minimums = shown.map { isPercent ? 0 : $0.min }
        result.maximums = shown.map { isPercent ? 100 : $0.max }
        result.logarithms = shown.map(\.logBase)
        // What is measured from zero on stays so: bars, areas upon each other, an axis that asks.
        result.floats =
            !chart.series.contains { $0.style.form == .bars || $0.style.stacking != .none }
            && !shown.contains { ($0.softMin ?? 1) <= 0 }
        if chart.showsThresholdLines || chart.showsThresholdAreas {
            result.thresholds = thresholds
        }
        return result
    }

    private var thresholds: [TimeChart.Threshold] {
        chart.thresholds.enumerated().compactMap { place, step in
            guard step.value.isFinite else { return nil }
            var threshold = TimeChart.Threshold(
                value: step.value, colour: PanelView.pen(step.colour))
            threshold.hasLine = chart.showsThresholdLines
            threshold.hasArea = chart.showsThresholdAreas
            if place + 1 < chart.thresholds.count {
                threshold.upTo = chart.thresholds[place + 1].value
            }
            return threshold
        }
    }

    private func line(
        _ series: TimeSeriesContent.Series, _ sides: Sides, _ totals: [String: [Double]]
    ) -> TimeChart.Line {
        let style = series.style
        var values = series.values
        if style.stacking == .percent, let total = totals[style.stackGroup] {
            values = zip(values, total).map { $1 > 0 ? $0 / $1 * 100 : .nan }
        }
        var line = TimeChart.Line(
            name: series.name, values: values.map { $0.isFinite ? $0 : nil },
            colour: PanelView.pen(series.colour))
        line.style = Self.form(style)
        line.width = style.lineWidth
        line.fill = style.fillOpacity / 100
        line.dash = style.dashes
        if style.stacking != .none { line.stack = style.stackGroup }
        line.axis = sides.side(of: series.axis)
        if style.points != .auto { line.showsPoints = style.points == .always }
        line.joinsGaps = style.gaps != .shown || !series.isSpanned.isEmpty
        return line
    }

    /// What lines of a group come to together, where they are shown as shares.
    private var percentTotals: [String: [Double]] {
        var totals: [String: [Double]] = [:]
        for series in chart.series where series.style.stacking == .percent {
            var sum =
                totals[series.style.stackGroup] ?? Array(repeating: 0, count: chart.times.count)
            for (place, value) in series.values.enumerated() where value.isFinite {
                sum[place] += value.magnitude
            }
            totals[series.style.stackGroup] = sum
        }
        return totals
    }

    private static func form(_ style: DrawStyle) -> TimeChart.Style {
        switch style.form {
        case .bars: .bars
        case .points: .points
        case .line:
            switch style.interpolation {
            case .linear: .line
            case .smooth: .smooth
            case .stepBefore: .stepAfter
            case .stepAfter: .step
            }
        }
    }

    private static let percent = ChartUnit(steps: [ChartUnit.Step(1, "%")])

    /// Units of numbers as the chart writes them; others have ticks without a unit.
    static func unit(_ unit: UnitFormat, _ decimals: Int?) -> ChartUnit {
        guard case .number = unit.kind else { return .plain }
        return ChartUnit(
            steps: unit.steps.map { ChartUnit.Step($0.factor, $0.suffix) }, prefix: unit.prefix,
            decimals: decimals)
    }

    /// The axes that are drawn: the first on each side.
    private struct Sides {
        var left: Int?
        var right: Int?
        private let places: [Int]

        init(_ axes: [TimeSeriesContent.Axis]) {
            left = axes.firstIndex { $0.side != .right }
            right = axes.firstIndex { $0.side == .right }
            // A chart always has a left axis.
            if left == nil { (left, right) = (right, nil) }
            let hasRight = right != nil
            places = axes.map { $0.side == .right && hasRight ? 1 : 0 }
        }

        func side(of axis: Int) -> Int { places.indices.contains(axis) ? places[axis] : 0 }
    }
}
