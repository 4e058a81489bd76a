import PerchModel

/// Lines, bars and points over time.
package struct TimeSeriesContent: Sendable {
    /// Milliseconds, ascending; one for each value of every series.
    package var times: [Int64]
    package var series: [Series]
    package var axes: [Axis]
    package var thresholds: [Thresholds.Step]
    package var showsThresholdLines: Bool
    package var showsThresholdAreas: Bool
    package var legend: Legend
    package var tooltip: Tooltip
    package var range: TimeRange
    /// Single measurements, of the left axis.
    package var exemplars: [PanelData.Exemplar] = []

    package struct Series: Sendable {
        package var name: String
        package var refID: String
        package var labels: [FrameLabel]
        /// NaN for a gap.
        package var values: [Double]
        /// Where there is no value and yet no gap, since the series comes in longer steps; empty
        /// when there is no such place.
        package var isSpanned: [Bool]
        package var colour: Colour
        package var style: DrawStyle
        /// The place of its axis.
        package var axis: Int
        package var decimals: Int?
    }

    package struct Axis: Sendable, Hashable {
        package enum Side: Sendable, Hashable {
            case left
            case right
            case hidden
        }

        package var side: Side
        package var unit: UnitFormat
        package var decimals: Int?
        package var label: String
        package var min: Double?
        package var max: Double?
        package var softMin: Double?
        package var softMax: Double?
        package var logBase: Int?
    }

    package struct Tooltip: Sendable, Hashable {
        package enum Form: Sendable, Hashable {
            case single
            case all
            case none
        }

        package var form: Form
        /// `asc`, `desc` or nothing.
        package var sort: String
    }
}

extension ContentMaker {
    func timeSeries(_ notices: inout [PanelNotice]) -> TimeSeriesContent? {
        var fields: [StyledField] = []
        for frame in frames where frame.contains(where: { $0.field.kind == .time }) {
            fields += frame.filter {
                ($0.field.kind == .number || $0.field.kind == .bool) && !$0.style.draw.isHidden
            }
        }
        guard !fields.isEmpty else { return nil }
        let count = fields.count
        fields = Array(fields.prefix(Limits.seriesMax))
        let steps = Dictionary(
            data.answers.map { ($0.query.refID, $0.query.stepMillis) },
            uniquingKeysWith: { first, _ in first })
        let grid = TimeGrid(
            fields.map { Self.gridInput($0, stepMillis: steps[$0.frame.refID] ?? 0) })
        Self.note("series", count, grid, &notices)
        fields = Array(fields.prefix(grid.values.count))
        guard !fields.isEmpty else { return nil }
        var axes: [TimeSeriesContent.Axis] = []
        let series = fields.enumerated().map { place, one in
            let sign: Double = one.style.draw.isNegated ? -1 : 1
            return TimeSeriesContent.Series(
                name: one.name, refID: one.frame.refID, labels: one.field.labels,
                values: sign < 0 ? grid.values[place].map { -$0 } : grid.values[place],
                isSpanned: grid.isSpanned[place], colour: one.colour, style: one.style.draw,
                axis: Self.axis(of: one, in: &axes), decimals: one.style.decimals)
        }
        let defaults = FieldStyle(panel.fieldConfig.defaults)
        let lines = fields.first { $0.style.draw.thresholdLines || $0.style.draw.thresholdAreas }
        let style = lines?.style ?? defaults
        var content = TimeSeriesContent(
            times: grid.times, series: series, axes: axes,
            thresholds: style.thresholds.absolute(
                min: lines?.least ?? 0, max: lines?.greatest ?? 100),
            showsThresholdLines: style.draw.thresholdLines,
            showsThresholdAreas: style.draw.thresholdAreas, legend: legend(fields),
            tooltip: tooltip, range: data.answers.first?.query.range ?? scope.range)
        content.exemplars = data.answers.flatMap(\.exemplars).filter { $0.value.isFinite }
        return content
    }

    /// What a grid takes of a field: the rows that have a time.
    static func gridInput(_ one: StyledField, stepMillis: Int64) -> TimeGrid.Input {
        let times = times(one.frame)
        let values = one.field.column.doubles
        guard let column = one.frame.timeField?.column, case .numbers(let millis) = column,
            millis.contains(where: \.isNaN)
        else { return TimeGrid.Input(times: times, values: values, stepMillis: stepMillis) }
        let rows = millis.indices.filter { !millis[$0].isNaN }
        return TimeGrid.Input(
            times: rows.map { times[$0] }, values: rows.map { values[$0] },
            stepMillis: stepMillis)
    }

    /// Tells of what a grid had no room for.
    static func note(
        _ what: String, _ count: Int, _ grid: TimeGrid, _ notices: inout [PanelNotice]
    ) {
        guard grid.values.count < count else { return }
        notices.append(.tooMany(what: what, count: count, shown: grid.values.count))
    }

    static func times(_ frame: Frame) -> [Int64] {
        guard let field = frame.timeField else { return [] }
        if case .times(let times) = field.column { return times }
        return field.column.doubles.map { Int64(min(max($0.isNaN ? 0 : $0, -8.64e15), 8.64e15)) }
    }

    private static func axis(
        of field: StyledField, in axes: inout [TimeSeriesContent.Axis]
    ) -> Int {
        let style = field.style
        // A second unit goes to the right by itself, as long as there is room for it.
        var side: TimeSeriesContent.Axis.Side =
            switch style.draw.placement {
            case .right: .right
            case .hidden: .hidden
            case .left, .auto: .left
            }
        if style.draw.placement == .auto, let first = axes.first,
            first.unit != style.unit, first.side == .left
        {
            side = .right
        }
        let place = axes.firstIndex {
            $0.side == side && $0.unit == style.unit && $0.logBase == style.draw.logBase
                && $0.min == style.min && $0.max == style.max
        }
        if let place {
            if axes[place].label.isEmpty { axes[place].label = style.draw.axisLabel }
            return place
        }
        axes.append(
            TimeSeriesContent.Axis(
                side: side, unit: style.unit, decimals: style.decimals,
                label: style.draw.axisLabel, min: style.min, max: style.max,
                softMin: style.draw.softMin, softMax: style.draw.softMax,
                logBase: style.draw.logBase))
        return axes.count - 1
    }

    private var tooltip: TimeSeriesContent.Tooltip {
        let json = option("tooltip") ?? option("tooltipOptions")
        if json == nil, let old = panel.json.at("tooltip") {
            let sort = old.at("sort")?.integer ?? 0
            return TimeSeriesContent.Tooltip(
                form: old.at("shared")?.flag == false ? .single : .all,
                sort: sort == 1 ? "asc" : sort == 2 ? "desc" : "")
        }
        let sort = json?.at("sort")?.scalarText ?? ""
        let form: TimeSeriesContent.Tooltip.Form =
            switch json?.at("mode")?.scalarText {
            case "multi": .all
            case "none": .none
            default: .single
            }
        return TimeSeriesContent.Tooltip(form: form, sort: sort == "none" ? "" : sort)
    }
}
