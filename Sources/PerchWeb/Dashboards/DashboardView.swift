package import PerchDashboards
package import PerchModel

/// A dashboard with the values of its variables, for one address.
package struct DashboardView: Sendable {
    package var file: DashboardFile
    package var dashboard: Dashboard
    package var state: VariableState
    package var range: TimeRange
    package var parameters: FormParameters
    /// Where the page stands: `/d/UID`, or `/share/TOKEN` for who has only that link.
    package var base: Link

    /// Finds the values of the variables; what they ask is answered by `answers`.
    package init(
        file: DashboardFile, base: Link, parameters: FormParameters, now: Int64,
        cache: DashboardCache = DashboardCache(),
        answer:
            @escaping @Sendable (VariableQuestion, PerchDashboards.TimeRange) async ->
            VariableAnswer
    ) async throws(DashboardFailure) {
        self.file = file
        self.base = base
        self.parameters = parameters
        dashboard = try cache.dashboard(file.bytes)
        let isTold = parameters["range"] != nil || parameters["from"] != nil
        range =
            isTold
            ? TimeRange(parameters, now: now)
            : TimeRange(
                from: dashboard.timeFrom, to: dashboard.timeTo, now: now, otherwise: .hours6)
        let times = Self.times(range)
        state = await VariableState.resolve(
            dashboard, address: parameters, range: times,
            takesOnlyOptions: base.text.hasPrefix("/share/")
        ) {
            question, _ in await answer(question, times)
        }
    }

    static func times(_ range: TimeRange) -> PerchDashboards.TimeRange {
        PerchDashboards.TimeRange(
            fromMillis: range.nanos.lowerBound / 1_000_000,
            toMillis: range.nanos.upperBound / 1_000_000)
    }

    /// Whether it is seen through a read-only link.
    var isShared: Bool { base.text.hasPrefix("/share/") }

    /// The values of the variables as an address has them.
    var variables: [(name: String, value: String?)] {
        state.variables.flatMap { resolved -> [(name: String, value: String?)] in
            let name = "var-" + resolved.variable.name
            if case .adHoc = resolved.variable.kind {
                return resolved.filters.map { (name, $0.address) }
            }
            if resolved.isAll { return [(name, Variable.all)] }
            return resolved.selected.map { (name, $0.value) }
        }
    }

    /// The address of this page with other parameters.
    func link(
        range: TimeRange? = nil, extra: [(name: String, value: String?)] = []
    ) -> Link {
        let times = (range ?? self.range).query.map { (String(describing: $0.name), $0.value) }
        // An hour is no part of an address elsewhere; here the file's own range is the usual one.
        let told = times.contains { $0.1 != nil } ? times : [("range", "1h")]
        let kept = ["kiosk", "edit", "viewPanel"].compactMap { name in
            extra.contains { $0.name == name } ? nil : (name, parameters[name])
        }
        return base.adding(told + variables + kept + extra)
    }

    /// The address of one panel's content.
    func panelLink(_ key: String, isWide: Bool) -> Link {
        let times = range.query.map { (String(describing: $0.name), $0.value) }
        let told = times.contains { $0.1 != nil } ? times : [("range", "1h")]
        return base.appending("panel").adding(
            [("key", key), ("wide", isWide ? "1" : nil)] + told + variables)
    }
}

extension AdHocFilter {
    /// `label|=|value`, as addresses have it.
    var address: String {
        let parts = [label, comparison.rawValue, value].map { $0.replacing("|", with: "__gfp__") }
        return parts.joined(separator: "|")
    }
}
