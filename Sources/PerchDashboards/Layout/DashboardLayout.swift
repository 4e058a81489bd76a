/// The rows and panels of a page, each copy of a repeated one with its value.
package struct DashboardLayout: Sendable {
    package struct Row: Sendable {
        /// Nil for the panels above the first heading.
        package var heading: Heading?
        package var panels: [Panel]
        /// How many cells the panels are high.
        package var height: Int
    }

    package struct Heading: Sendable, Hashable {
        package var key: String
        package var title: String
        package var isCollapsed: Bool
    }

    package struct Panel: Sendable {
        /// The same for the same copy on every load.
        package var key: String
        /// Its position is counted from the top of the row.
        package var panel: PerchDashboards.Panel
        package var scope: VariableScope
    }

    package private(set) var rows: [Row] = []
    package private(set) var notices: [PanelNotice] = []

    package init(_ dashboard: Dashboard, state: VariableState) {
        for row in dashboard.rows where room > 0 {
            let (copies, count) = Self.copies(row.heading?.repetition, state, state.scope)
            for copy in copies where room > 0 { add(row, copy, state) }
            if count > copies.count {
                notices.append(.tooMany(what: "rows", count: count, shown: copies.count))
            }
        }
        let total = Self.total(dashboard, state)
        if total > Limits.panelsMax {
            notices.append(.tooMany(what: "panels", count: total, shown: Limits.panelsMax))
        }
    }

    /// How many panels may still be placed, copies and all rows included.
    private var room = Limits.panelsMax

    /// How many panels there would be if there were room for all.
    private static func total(_ dashboard: Dashboard, _ state: VariableState) -> Int {
        var known: [String: Int] = [:]
        func count(_ repetition: PerchDashboards.Panel.Repetition?) -> Int {
            guard let name = repetition?.variable, let resolved = state[name] else { return 1 }
            if let count = known[name] { return count }
            let options = resolved.isAll ? resolved.options : resolved.selected
            let count = min(max(options.count, 1), Limits.repeatedPanelsMax)
            known[name] = count
            return count
        }
        return dashboard.rows.reduce(0) { total, row in
            let repetition = row.heading?.repetition
            // A panel is not repeated by the variable of its row again.
            let panels = row.panels.reduce(0) {
                $0 + ($1.repetition?.variable == repetition?.variable ? 1 : count($1.repetition))
            }
            return total + count(repetition) * panels
        }
    }

    private struct Copy {
        var suffix: String
        var scope: VariableScope
    }

    /// One copy for each value of the variable, and how many there would be without a limit; a
    /// single one when there is nothing to repeat by.
    private static func copies(
        _ repetition: PerchDashboards.Panel.Repetition?, _ state: VariableState,
        _ scope: VariableScope
    ) -> (copies: [Copy], count: Int) {
        let single = ([Copy(suffix: "", scope: scope)], 1)
        guard let repetition, let resolved = state[repetition.variable] else { return single }
        // Within a copy of a row the variable has one value already.
        if let value = scope.values[repetition.variable],
            value != state.scope.values[repetition.variable]
        {
            return single
        }
        let options = resolved.isAll ? resolved.options : resolved.selected
        guard !options.isEmpty else { return single }
        let copies = options.prefix(Limits.repeatedPanelsMax).map {
            Copy(
                suffix: "-" + repetition.variable + "-" + $0.value,
                scope: scope.with(repetition.variable, option: $0))
        }
        return (copies, options.count)
    }

    private mutating func add(_ row: DashboardRow, _ copy: Copy, _ state: VariableState) {
        let heading = row.heading.map { heading in
            Heading(
                key: "\(heading.id)\(copy.suffix)",
                title: Interpolator(scope: copy.scope, policy: .text).text(heading.title),
                isCollapsed: heading.isCollapsed)
        }
        let top = row.panels.map(\.position.y).min() ?? 0
        var panels: [Panel] = []
        // What stands below a repeated panel moves down by the lines that it grew.
        var grown: [(below: Int, by: Int)] = []
        for panel in row.panels where room > 0 {
            let shift = grown.filter { panel.position.y >= $0.below }.reduce(0) { $0 + $1.by }
            var placed = panel
            placed.position.y += shift - top
            let (copies, count) = Self.copies(panel.repetition, state, copy.scope)
            if count > copies.count {
                notices.append(.tooMany(what: "copies", count: count, shown: copies.count))
            }
            let fitting = Array(copies.prefix(room))
            room -= fitting.count
            let bottom = place(fitting, of: placed, rowSuffix: copy.suffix, in: &panels)
            let extra = bottom - placed.position.bottom
            if extra > 0 { grown.append((panel.position.bottom, extra)) }
        }
        rows.append(
            Row(
                heading: heading, panels: panels,
                height: panels.map(\.panel.position.bottom).max() ?? 0))
    }

    /// Puts copies beside or below each other, and says where they end.
    private func place(
        _ copies: [Copy], of panel: PerchDashboards.Panel, rowSuffix: String,
        in panels: inout [Panel]
    ) -> Int {
        var position = panel.position
        var bottom = position.bottom
        let isVertical = panel.repetition?.direction == .vertical
        if let repetition = panel.repetition, !isVertical, !copies[0].suffix.isEmpty {
            position.width = max(
                GridPosition.columns / copies.count, GridPosition.columns / repetition.maxPerRow)
            position.x = 0
        }
        for (place, copy) in copies.enumerated() {
            if place > 0 {
                if isVertical || position.x + 2 * position.width > GridPosition.columns {
                    position.y += position.height
                    if !isVertical { position.x = 0 }
                } else {
                    position.x += position.width
                }
            }
            var placed = panel
            placed.position = position
            bottom = max(bottom, position.bottom)
            panels.append(
                Panel(
                    key: "\(panel.id)\(rowSuffix)\(copy.suffix)", panel: placed, scope: copy.scope))
        }
        return bottom
    }
}
