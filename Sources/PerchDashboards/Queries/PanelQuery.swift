import PerchModel

/// A query that is ready to run: interpolated, with its times and step.
package struct PanelQuery: Sendable, Hashable {
    package enum Language: Sendable, Hashable {
        case promQL
        case logQL
    }

    package var refID: String
    package var language: Language
    package var expression: String
    /// Asked at the range's end alone.
    package var isInstant: Bool
    package var range: TimeRange
    package var stepMillis: Int64
    /// The template of names, as `{{job}}`; empty for all labels.
    package var legend: String
    package var shape: PanelTarget.Shape
    package var wantsExemplars: Bool
    /// Log lines at most, and from which end.
    package var limit: Int
    package var isForward: Bool
    /// Matchers that the caller adds to each selector.
    package var filters: [AdHocFilter]
}

/// What a panel asks, or why it asks nothing.
package struct PanelQuestions: Sendable, Hashable {
    package var queries: [PanelQuery] = []
    package var notices: [PanelNotice] = []
    /// The panel whose queries these are, when it is another one.
    package var borrowedFrom: Int?

    /// The questions of a panel that is `width` pixels wide.
    ///
    /// `scrapeMillis` says how often samples come, for `$__rate_interval`, where a target does not
    /// say it itself.
    package init(
        _ panel: Panel, in dashboard: Dashboard, state: VariableState,
        scope: VariableScope? = nil, width: Int, nowMillis: Int64, scrapeMillis: Int64 = 15_000
    ) {
        guard panel.libraryName == nil || !panel.targets.isEmpty else {
            notices = [.libraryPanel(panel.libraryName ?? "")]
            return
        }
        var maker = QuestionMaker(
            state: state, scope: scope ?? state.scope, panel: panel, width: max(width, 100),
            nowMillis: nowMillis, scrapeMillis: max(scrapeMillis, 1))
        let borrowed = panel.targets.first {
            ($0.dataSource ?? panel.dataSource)?.kind == .dashboard && $0.panelID != nil
        }
        if let id = borrowed?.panelID, id != panel.id {
            guard let other = dashboard.panel(id: id),
                !other.targets.contains(where: { $0.panelID != nil })
            else {
                notices = [.missingPanel(id)]
                return
            }
            borrowedFrom = id
            maker.panel = other
            maker.run()
        } else {
            maker.run()
        }
        queries = maker.queries
        notices = maker.notices
    }
}

private struct QuestionMaker {
    var state: VariableState
    var scope: VariableScope
    var panel: Panel
    var width: Int
    var nowMillis: Int64
    var scrapeMillis: Int64
    var queries: [PanelQuery] = []
    var notices: [PanelNotice] = []

    mutating func run() {
        let range = self.range
        for target in panel.targets where !target.isHidden {
            let kind = scope.kind(of: source(of: target), state.variables)
            switch kind {
            case .prometheus, .unnamed, .loki: add(target, kind, range)
            case .mixed where !target.expression.isEmpty: add(target, .unnamed, range)
            default: note(.dataSource(kind))
            }
        }
    }

    private func source(of target: PanelTarget) -> DataSource? {
        guard let own = target.dataSource else { return panel.dataSource }
        if own.kind == .unnamed, own.name.isEmpty { return panel.dataSource }
        return own
    }

    private mutating func note(_ notice: PanelNotice) {
        if !notices.contains(notice) { notices.append(notice) }
    }

    /// The dashboard's range, unless the panel has its own or is moved back.
    private var range: TimeRange {
        var range = scope.range
        let interpolator = Interpolator(scope: scope, policy: .text)
        if let millis = DurationText.millis(Self.past(interpolator.text(panel.timeFrom))) {
            range = TimeRange(fromMillis: nowMillis - millis, toMillis: nowMillis)
        }
        if let millis = DurationText.millis(Self.past(interpolator.text(panel.timeShift))) {
            range = TimeRange(
                fromMillis: range.fromMillis - millis, toMillis: range.toMillis - millis)
        }
        return range
    }

    /// `now-6h` and `6h` mean the same.
    private static func past(_ text: String) -> String {
        text.hasPrefix("now-") ? String(text.dropFirst(4)) : text
    }

    private mutating func add(_ target: PanelTarget, _ kind: DataSource.Kind, _ range: TimeRange) {
        guard !target.expression.trimmed.isEmpty else { return }
        let isLoki = kind == .loki
        let policy: Interpolator.Policy = isLoki ? .loki : .prometheus
        // The least step and the panel's own may be variables.
        let plain = Interpolator(scope: scope, policy: .text)
        let own = DurationText.millis(plain.text(target.interval))
        let least = own ?? DurationText.millis(plain.text(panel.interval))
        let points = min(panel.maxDataPoints ?? width, Int(Limits.pointsMax))
        let safe = range.millis / Limits.pointsMax + 1
        let raw = QueryInterval.step(range, points: points, leastMillis: least ?? 0)
        let floor = isLoki ? 1_000 : scrapeMillis
        let step = max(max(raw, least ?? floor), safe) &* target.intervalFactor
        let expression = Interpolator(
            scope: timed(step: step, range: range, scrape: own ?? scrapeMillis), policy: policy
        ).text(target.expression)
        for isInstant in [false, true] where isInstant ? target.isInstant : target.isRange {
            queries.append(
                PanelQuery(
                    refID: target.refID, language: isLoki ? .logQL : .promQL,
                    expression: expression, isInstant: isInstant, range: range,
                    stepMillis: step, legend: plain.text(target.legend), shape: target.shape,
                    wantsExemplars: target.wantsExemplars, limit: target.limit ?? 1_000,
                    isForward: target.isForward, filters: state.filters))
        }
    }

    /// The scope with the names that depend on the step.
    private func timed(step: Int64, range: TimeRange, scrape: Int64) -> VariableScope {
        var scope = scope
        scope.range = range
        let rate = QueryInterval.rate(stepMillis: step, scrapeMillis: scrape)
        scope.setBuiltIn("__interval", DurationText.text(millis: step))
        scope.setBuiltIn("__interval_ms", String(step))
        scope.setBuiltIn("__rate_interval", DurationText.text(millis: rate))
        scope.setBuiltIn("__rate_interval_ms", String(rate))
        scope.setBuiltIn("__auto", DurationText.text(millis: step))
        scope.setBuiltIn("__from", String(range.fromMillis))
        scope.setBuiltIn("__to", String(range.toMillis))
        let seconds = max(range.millis / 1_000, 1)
        scope.setBuiltIn("__range", "\(seconds)s")
        scope.setBuiltIn("__range_s", String(seconds))
        scope.setBuiltIn("__range_ms", String(max(range.millis, 1)))
        return scope
    }
}
