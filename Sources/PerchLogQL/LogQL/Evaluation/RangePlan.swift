import PerchModel

/// How the numbers of one range aggregation are made.
struct RangePlan: Sendable {
    /// What is measured of each row.
    enum Measure: Sendable {
        case rows
        case bytes
        case value
    }

    let function: RangeFunction
    let parameter: Double
    let lines: LinePlan
    let unwrap: Unwrap?
    let unwrapFilters: [RowLabelFilter]
    let unwrapFields: [FieldReference]
    let measure: Measure
    /// The labels of groups; nil for all but those in `excluded`.
    let labels: [String]?
    let excluded: Set<String>
    /// Fields that the query names around this, beside the labels of the stream.
    let named: [String]
    let keys: [GroupingKey]
    let query: EventQuery
    let window: StepWindow

    init(
        _ aggregation: RangeAggregation, grouping: LabelGrouping?, naming names: [String],
        times: LogQLTimes, catalog: LabelCatalog, now: Int64
    ) throws(LogQLFailure) {
        function = aggregation.function
        parameter = aggregation.parameter ?? 0
        var lines = try LinePlan(aggregation.selector, catalog, now: now)
        unwrap = aggregation.unwrap
        var filters: [RowLabelFilter] = []
        for filter in aggregation.unwrap?.filters ?? [] {
            filters.append(try RowLabelFilter(filter))
        }
        unwrapFilters = filters
        unwrapFields = aggregation.unwrap.map { catalog.references($0.label) } ?? []
        switch aggregation.function {
        case .bytesRate, .bytesOverTime: measure = .bytes
        default: measure = aggregation.unwrap == nil ? .rows : .value
        }
        let grouping =
            aggregation.function == .absentOverTime
            ? LabelGrouping(labels: [], isWithout: false) : aggregation.grouping ?? grouping
        if let grouping, !grouping.isWithout {
            var seen: Set<String> = []
            let names = grouping.labels.filter { seen.insert($0).inserted }
            labels = names
            named = []
            excluded = []
            keys = names.map { catalog.key($0) }
        } else {
            labels = nil
            var seen: Set<String> = [LabelCatalog.level]
            named = names.filter { seen.insert($0).inserted }
            // An unwrapped label is a number of each row, which would make each a series.
            excluded = Set(grouping?.labels ?? [])
                .union(aggregation.unwrap.map { names.contains($0.label) ? [] : [$0.label] } ?? [])
            keys = [.resource, .level] + named.map { catalog.key($0) }
        }
        if let labels {
            let unwrapped = aggregation.unwrap.map { [$0.label] } ?? []
            lines.limit(to: Set(labels + unwrapped + filters.flatMap(\.labels)))
        }
        self.lines = lines
        window = try StepWindow(aggregation, times)
        var query = EventQuery(dataset: .logs, times: window.times)
        query.predicate = lines.predicate
        query.order = .unordered
        query.projection = .fields(
            Self.fields(
                lines, (labels ?? [LabelCatalog.level]) + named, aggregation.unwrap, measure,
                filters, catalog))
        if measure == .rows, lines.stages.isEmpty, filters.isEmpty {
            query.joining = Self.joining(window, keys)
            // Whoever asks for the word itself gets it.
            let others = Set(labels ?? []).union(named).union(lines.labels)
                .subtracting([LabelCatalog.level])
            if !others.flatMap(catalog.columns).contains(where: {
                $0.name == EventQuery.Joining.Implied.levelText.name
            }) {
                query.joining?.implied = .levelText
            }
        }
        self.query = query
    }

    /// Rows that may come as one, as far as only their number counts.
    private static func joining(
        _ window: StepWindow, _ keys: [GroupingKey]
    ) -> EventQuery.Joining? {
        let keepsResources = keys.contains { key in
            switch key {
            case .resource: true
            case .level: false
            case .field(let references):
                references.contains { $0.space == nil || $0.space == .resource }
            }
        }
        if window.count == 1 {
            return EventQuery.Joining(stretches: nil, keepsResources: keepsResources)
        }
        // Rows of one stretch count for the same steps.
        guard window.range % window.step == 0 else { return nil }
        return EventQuery.Joining(
            stretches: EventQuery.Joining.Stretches(
                start: window.times.lowerBound, length: window.step),
            keepsResources: keepsResources)
    }

    private static func fields(
        _ lines: LinePlan, _ labels: [String], _ unwrap: Unwrap?, _ measure: Measure,
        _ filters: [RowLabelFilter], _ catalog: LabelCatalog
    ) -> [FieldReference] {
        var names = Set(labels).union(lines.labels).union(filters.flatMap(\.labels))
        if let unwrap { names.insert(unwrap.label) }
        var fields = names.sorted().flatMap { catalog.columns($0) }
        if measure == .bytes || !lines.stages.isEmpty { fields.append(LabelCatalog.body) }
        return fields
    }

    /// Whether each row must be looked at by itself.
    var isByRow: Bool { !lines.stages.isEmpty || !unwrapFilters.isEmpty }

    /// Whether values are kept, to be looked at by window.
    var keepsValues: Bool { measure == .value && function != .absentOverTime }

    /// Whether groups may be told apart without making their labels.
    func areGroupsDistinct(_ grouper: EventGrouper) -> Bool {
        guard let labels, !labels.contains(LabelCatalog.service) else { return false }
        return !grouper.hasEmptyText
    }

    /// The labels of a group of the grouper.
    func labels(_ grouper: EventGrouper, _ group: Int) -> Labels {
        let values = grouper.values(of: group)
        guard let labels else {
            var pairs = grouper.resource(of: group)?.labelPairs() ?? []
            pairs.append((LabelCatalog.level, values[1] ?? ""))
            // The stream's own come first, and the first of a name counts.
            for (name, value) in zip(named, values.dropFirst(2)) {
                pairs.append((name, value ?? ""))
            }
            return Labels(pairs.filter { !excluded.contains($0.name) })
        }
        return Labels(
            zip(labels, values).map { name, value in
                (
                    name,
                    value.map { $0.isEmpty ? LabelCatalog.missing(name) : $0 }
                        ?? LabelCatalog.missing(name)
                )
            })
    }
}

/// Which steps a row counts for.
struct StepWindow: Sendable {
    let start: Int64
    let step: Int64
    let count: Int
    let range: Int64
    let offset: Int64
    /// The times of rows that count for any step.
    let times: Range<Int64>

    init(_ aggregation: RangeAggregation, _ times: LogQLTimes) throws(LogQLFailure) {
        start = times.start
        step = times.step ?? 1
        count = times.count
        range = aggregation.rangeNanos
        offset = aggregation.offsetNanos
        let last = times.start &+ Int64(count - 1) &* (times.step ?? 1)
        let (first, isTooEarly) = times.start.subtractingReportingOverflow(aggregation.offsetNanos)
        let (low, isTooLow) = first.subtractingReportingOverflow(aggregation.rangeNanos - 1)
        let (high, isTooHigh) = last.subtractingReportingOverflow(aggregation.offsetNanos)
        guard !isTooEarly, !isTooHigh, high < .max else {
            throw .badRequest("the range is out of what times can be")
        }
        self.times = (isTooLow ? .min : low)..<(high + 1)
    }

    /// Whether each row counts for one step at most.
    var isTumbling: Bool { count == 1 || range == step }

    /// Whether some rows between the first and the last step count for none.
    var hasGaps: Bool { count > 1 && range < step }

    var rangeSeconds: Double { Double(range) / 1e9 }

    /// The time of a step, on the clock of rows.
    func time(_ index: Int) -> Int64 { start &+ Int64(index) &* step &- offset }

    /// The first and last step that a row counts for; empty for none.
    func steps(_ time: Int64) -> Range<Int> {
        let distance = (time &+ offset) &- start
        let first = distance <= 0 ? 0 : (distance &+ step &- 1) / step
        let reach = distance &+ range &- 1
        guard reach >= 0 else { return 0..<0 }
        let last = min(reach / step, Int64(count - 1))
        return first <= last ? Int(first)..<Int(last) + 1 : 0..<0
    }
}
