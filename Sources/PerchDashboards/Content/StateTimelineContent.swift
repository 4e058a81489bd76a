import PerchModel

/// States over time, a lane a field.
package struct StateTimelineContent: Sendable {
    package var lanes: [Lane]
    package var range: TimeRange
    /// `auto`, `always` or `never`.
    package var showsValues: String
    /// The states that appear, with their colours.
    package var legend: [State]
    /// Whether equal neighbours are one segment; a status history keeps them apart.
    package var isMerged: Bool

    package struct State: Sendable, Hashable {
        package var text: String
        package var colour: Colour
    }

    package struct Lane: Sendable {
        package var name: String
        package var segments: [Segment]
    }

    package struct Segment: Sendable, Hashable {
        package var fromMillis: Int64
        package var toMillis: Int64
        package var state: State
    }
}

extension ContentMaker {
    func stateTimeline(isHistory: Bool) -> StateTimelineContent? {
        let range = data.answers.first?.query.range ?? scope.range
        let step = data.answers.map(\.query.stepMillis).max() ?? 0
        let isMerged = !isHistory && option("mergeValues")?.flag ?? true
        var lanes: [StateTimelineContent.Lane] = []
        for frame in frames {
            guard let frameTimes = frame.first(where: { $0.field.kind == .time })?.frame else {
                continue
            }
            let times = Self.times(frameTimes)
            for one in frame
            where one.field.kind != .time && !one.style.draw.isHidden
                && lanes.count < Limits.seriesMax
            {
                lanes.append(
                    StateTimelineContent.Lane(
                        name: one.name,
                        segments: segments(one, times, step, end: range.toMillis, isMerged)))
            }
        }
        guard !lanes.isEmpty else { return nil }
        var seen: Set<StateTimelineContent.State> = []
        var legend: [StateTimelineContent.State] = []
        for segment in lanes.flatMap(\.segments)
        where legend.count < 20 && seen.insert(segment.state).inserted {
            legend.append(segment.state)
        }
        let isHidden = option("legend")?.at("showLegend")?.flag == false
        return StateTimelineContent(
            lanes: lanes, range: range,
            showsValues: option("showValue")?.scalarText ?? "auto",
            legend: isHidden ? [] : legend, isMerged: isMerged)
    }

    private func segments(
        _ one: StyledField, _ times: [Int64], _ step: Int64, end: Int64, _ isMerged: Bool
    ) -> [StateTimelineContent.Segment] {
        var segments: [StateTimelineContent.Segment] = []
        let spansNulls = one.style.draw.gaps == .joined
        for row in times.indices {
            let cell = one.field.column[row]
            if cell.isNull, spansNulls { continue }
            let shown = one.display(cell)
            if cell.isNull, shown.text.isEmpty { continue }
            var until = row + 1 < times.count ? times[row + 1] : max(end, times[row])
            if step > 0, !spansNulls { until = min(until, times[row] &+ step) }
            let state = StateTimelineContent.State(
                text: shown.text, colour: shown.colour ?? Self.colour(cell))
            if isMerged, let last = segments.last, last.state == state,
                last.toMillis >= times[row] || spansNulls
            {
                segments[segments.count - 1].toMillis = until
            } else {
                segments.append(
                    StateTimelineContent.Segment(
                        fromMillis: times[row], toMillis: until, state: state))
            }
        }
        return segments
    }

    /// States without a colour have one by their text, the same in every lane.
    private static func colour(_ cell: Cell) -> Colour {
        cell.isNull ? Palette.neutral : Palette.series(named: cell.text)
    }
}
