package import PerchModel

/// A variable with its options and what is chosen of them.
package struct ResolvedVariable: Sendable, Hashable {
    package var variable: Variable
    package var options: [VariableOption]
    package var selected: [VariableOption]
    package var isAll: Bool
    package var filters: [AdHocFilter]
    /// Why the options are not what the file asks for.
    package var notice: String?

    /// The value that texts and queries see.
    var scopeValue: VariableScope.Value {
        let chosen = isAll ? options : selected
        let isList = variable.isMulti || isAll
        return VariableScope.Value(
            name: variable.name, values: chosen.map(\.value), texts: chosen.map(\.text),
            isList: isList, isPattern: variable.isMulti || variable.includesAll,
            allValue: variable.allValue.isEmpty ? nil : variable.allValue, isAll: isAll)
    }
}

/// The variables of a dashboard with their values, for one address and one range of time.
package struct VariableState: Sendable {
    package private(set) var variables: [ResolvedVariable]
    package private(set) var scope: VariableScope

    /// Answers the question of a variable.
    package typealias Answer =
        @Sendable (VariableQuestion, Variable) async -> VariableAnswer

    /// Finds the values of all variables, those first that others ask with.
    ///
    /// A value stands in the address (`var-name=a`, as often as there are values), else in the
    /// file, else it is the first option.
    ///
    /// With `takesOnlyOptions` the address can choose between options and nothing else: what it
    /// has for text boxes and ad hoc filters, and values that are no option, count as absent. So
    /// whoever has only a link cannot ask for more than the dashboard does.
    package static func resolve(
        _ dashboard: Dashboard, address: FormParameters, range: TimeRange,
        takesOnlyOptions: Bool = false, answer: Answer
    ) async -> VariableState {
        var state = VariableState(dashboard, range: range)
        for variable in ordered(dashboard.variables) {
            let resolved = await state.resolve(
                variable, address: address, takesOnlyOptions: takesOnlyOptions, answer: answer)
            state.add(resolved)
        }
        // As the file has them, whatever they wait for.
        let places = Dictionary(
            dashboard.variables.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { a, _ in a })
        state.variables.sort {
            (places[$0.variable.name] ?? 0) < (places[$1.variable.name] ?? 0)
        }
        return state
    }

    private init(_ dashboard: Dashboard, range: TimeRange) {
        variables = []
        scope = VariableScope(range: range)
        scope.setBuiltIn("__from", String(range.fromMillis))
        scope.setBuiltIn("__to", String(range.toMillis))
        scope.setBuiltIn("__range", "\(max(range.millis / 1_000, 1))s")
        scope.setBuiltIn("__range_s", String(max(range.millis / 1_000, 1)))
        scope.setBuiltIn("__range_ms", String(max(range.millis, 1)))
        scope.setBuiltIn("__dashboard", dashboard.title)
        scope.setBuiltIn("__org", "1")
        scope.setBuiltIn("__user", "")
        scope.paths["__dashboard.title"] = dashboard.title
        scope.paths["__dashboard.name"] = dashboard.title
        scope.paths["__dashboard.uid"] = dashboard.uid
        scope.paths["__org.id"] = "1"
        scope.paths["__org.name"] = "Perch"
        for path in ["__user.id", "__user.login", "__user.email"] { scope.paths[path] = "" }
    }

    private mutating func add(_ resolved: ResolvedVariable) {
        variables.append(resolved)
        scope.set(resolved.scopeValue)
    }

    /// The filters that every query of Prometheus and Loki gets.
    package var filters: [AdHocFilter] { variables.flatMap(\.filters) }

    package subscript(name: String) -> ResolvedVariable? {
        variables.first { $0.variable.name == name }
    }

    // MARK: - Order

    /// Each variable behind those that stand in its texts; as in the file where they go in a ring.
    static func ordered(_ variables: [Variable]) -> [Variable] {
        let names = Set(variables.map(\.name))
        var rest: [(variable: Variable, waitsFor: Set<String>)] = variables.map {
            ($0, references(of: $0).intersection(names).subtracting([$0.name]))
        }
        var result: [Variable] = []
        var done: Set<String> = []
        while !rest.isEmpty {
            let place = rest.firstIndex { $0.waitsFor.isSubset(of: done) } ?? 0
            let next = rest.remove(at: place).variable
            done.insert(next.name)
            result.append(next)
        }
        return result
    }

    private static func references(of variable: Variable) -> Set<String> {
        var texts = [variable.regex, variable.allValue, variable.dataSource?.name ?? ""]
        switch variable.kind {
        case .query(let query): texts += query.templates
        case .custom(let options): texts += options.map(\.value)
        case .constant(let text), .textBox(let text): texts.append(text)
        case .interval, .adHoc, .dataSource, .unknown: break
        }
        return texts.reduce(into: []) { $0.formUnion(Interpolator.names(in: $1)) }
    }

    // MARK: - One variable

    private func resolve(
        _ variable: Variable, address: FormParameters, takesOnlyOptions: Bool, answer: Answer
    ) async -> ResolvedVariable {
        var resolved = ResolvedVariable(
            variable: variable, options: [], selected: [], isAll: false, filters: [], notice: nil)
        var requested = address.all("var-" + variable.name)
        switch variable.kind {
        case .query(let query):
            (resolved.options, resolved.notice) = await options(of: query, variable, answer)
        case .custom(let options): resolved.options = options
        case .interval(let options, let auto):
            resolved.options = options
            if let auto {
                let value = DurationText.text(millis: QueryInterval.auto(auto, scope.range))
                resolved.options.insert(VariableOption(text: "auto", value: value), at: 0)
                if requested == ["auto"] || requested.first?.hasPrefix("$__auto") ?? false {
                    resolved.selected = [VariableOption(text: "auto", value: value)]
                    return resolved
                }
            }
        case .constant(let text):
            resolved.options = [VariableOption(text)]
            resolved.selected = resolved.options
            return resolved
        case .textBox(let text):
            let typed = takesOnlyOptions ? nil : requested.first
            let value = typed ?? variable.current.first?.value ?? text
            resolved.selected = [VariableOption(value)]
            return resolved
        case .adHoc(let filters):
            let own = requested.compactMap(AdHocFilter.init(address:))
            resolved.filters = requested.isEmpty || takesOnlyOptions ? filters : own
            return resolved
        case .dataSource(let type):
            resolved.options = Self.dataSources(of: type, variable)
        case .unknown(let type):
            resolved.options = variable.storedOptions
            resolved.notice = "variables of the type \(type) are not known"
        }
        if takesOnlyOptions {
            let options = Set(resolved.options.flatMap { [$0.value, $0.text] })
            requested.removeAll { value in
                !options.contains(value) && !(variable.includesAll && Self.isAll(value))
            }
        }
        select(&resolved, requested: requested)
        return resolved
    }

    private static func isAll(_ value: String) -> Bool { value == Variable.all || value == "All" }

    /// Perch is the only Prometheus and the only Loki; what else a file asks for keeps its name.
    private static func dataSources(of type: String, _ variable: Variable) -> [VariableOption] {
        switch DataSource.kind(type: type, name: "") {
        case .prometheus, .loki: [VariableOption(text: "Perch", value: "perch")]
        default: variable.current
        }
    }

    private func options(
        of query: VariableQuery, _ variable: Variable, _ answer: Answer
    ) async -> ([VariableOption], String?) {
        let kind = scope.kind(of: variable.dataSource, variables)
        switch kind {
        case .prometheus, .loki, .unnamed: break
        default:
            return (
                variable.storedOptions.isEmpty ? variable.current : variable.storedOptions,
                PanelNotice.dataSource(kind).text
            )
        }
        guard let question = query.question(scope, isLoki: kind == .loki || query.loki != nil)
        else { return (variable.storedOptions, nil) }
        let answered = await answer(question, variable)
        if case .failed(let reason) = answered { return (variable.storedOptions, reason) }
        let maker = OptionMaker(
            regex: Interpolator(scope: scope, policy: .text).text(variable.regex),
            sort: variable.sort)
        return maker.options(answered.lines)
    }

    /// Chooses of the options: what the address has, else the file, else the first.
    private func select(_ resolved: inout ResolvedVariable, requested: [String]) {
        let variable = resolved.variable
        var isStored = false
        var wanted = requested
        if wanted.isEmpty {
            wanted = variable.current.map(\.value)
            isStored = true
        }
        if variable.includesAll, wanted.contains(where: Self.isAll) {
            resolved.isAll = true
            return
        }
        wanted.removeAll { $0 == Variable.all }
        let byValue = Dictionary(
            resolved.options.map { ($0.value, $0) }, uniquingKeysWith: { first, _ in first })
        let byText = Dictionary(
            resolved.options.map { ($0.text, $0) }, uniquingKeysWith: { first, _ in first })
        var chosen = wanted.compactMap { text -> VariableOption? in
            if let option = byValue[text] ?? byText[text] { return option }
            // What a link names is kept; what a file remembers may be gone.
            return isStored && !resolved.options.isEmpty ? nil : VariableOption(text)
        }
        if !variable.isMulti { chosen = Array(chosen.prefix(1)) }
        if chosen.isEmpty {
            if variable.includesAll {
                resolved.isAll = true
                return
            }
            chosen = Array(resolved.options.prefix(1))
        }
        resolved.selected = chosen
    }
}

extension VariableScope {
    /// The kind of a data source, also when its name is that of a variable.
    func kind(of source: DataSource?, _ variables: [ResolvedVariable]) -> DataSource.Kind {
        guard let source else { return .unnamed }
        for name in Interpolator.names(in: source.name) {
            let named = variables.first { $0.variable.name == name }
            if case .dataSource(let type)? = named?.variable.kind {
                return DataSource.kind(type: type, name: "")
            }
        }
        return source.kind
    }
}
