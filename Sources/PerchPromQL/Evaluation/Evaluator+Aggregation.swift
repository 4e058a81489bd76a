import PerchModel

extension Evaluator {
    func evaluate(
        _ node: Aggregation, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        let grouping = Grouping(labels: node.labels, isWithout: node.isWithout)
        if node.operation == .countValues {
            try await countValues(node, grid, sink)
            return
        }
        var parameters: [Double] = []
        if let parameter = node.parameter {
            parameters = try await scalars(parameter, grid)
            try check(parameters, of: node)
            if isNothing(parameters, of: node.operation) { return }
        }
        if node.operation.picksSeries {
            let held = try await collect(node.content, grid)
            var picker = SeriesPicker(
                operation: node.operation, parameters: parameters, place: node.range)
            let results = try picker.pick(held.series, grouping, stepCount: grid.count) {
                () throws(QueryFailure) in try checkTime()
            }
            annotations.merge(picker.annotations)
            release(held)
            for series in results { try sink(series) }
            return
        }
        var groups: [Labels: Int] = [:]
        var columns: [AggregationColumns] = []
        let (samples, bytes) = (heldSamples, heldBytes)
        try await evaluate(node.content, grid) { (series) throws(QueryFailure) in
            let key = grouping.key(series.labels)
            let place = groups[key] ?? columns.count
            if place == columns.count {
                groups[key] = place
                try hold(grid.count, grid.count * 40)
                columns.append(
                    AggregationColumns(
                        node.operation, labels: key, stepCount: grid.count,
                        place: node.content.range))
            }
            let before = columns[place].heldSamples
            columns[place].add(series)
            let added = columns[place].heldSamples - before
            if added > 0 { try hold(added, added * 8) }
        }
        release(heldSamples - samples, heldBytes - bytes)
        for index in columns.indices {
            let result = columns[index].result(parameters)
            annotations.merge(columns[index].annotations)
            if let result { try sink(result) }
        }
    }

    /// Refuses parameters that mean nothing, and warns of those that are out of bounds.
    private func check(
        _ parameters: [Double], of node: Aggregation
    ) throws(QueryFailure) {
        let place = node.parameter?.range ?? node.range
        let hasNaN = parameters.contains(where: \.isNaN)
        let least = parameters.filter { !$0.isNaN }.min() ?? .nan
        let most = parameters.filter { !$0.isNaN }.max() ?? .nan
        switch node.operation {
        case .topk, .bottomk, .limitk:
            if hasNaN { throw .execution("Parameter value is NaN") }
            if least <= -0x1p63 {
                throw .execution("Scalar value \(NumberText.general(least)) underflows int64")
            }
            if most >= 0x1p63 {
                throw .execution("Scalar value \(NumberText.general(most)) overflows int64")
            }
        case .limitRatio:
            if hasNaN { throw .execution("Ratio value is NaN") }
            for (value, bound) in [(most, 1.0), (least, -1.0)]
            where bound > 0 ? value > bound : value < bound {
                annotations.add(
                    .warning,
                    "ratio value should be between -1 and 1, got \(NumberText.general(value)), "
                        + "capping to \(NumberText.general(bound))", place)
            }
        case .quantile:
            if hasNaN { annotations.add(.warning, Quantile.invalidText(.nan), place) }
            for value in [least, most] where value < 0 || value > 1 {
                annotations.add(.warning, Quantile.invalidText(value), place)
            }
        default: break
        }
    }

    /// Whether no series is picked at any step.
    private func isNothing(_ parameters: [Double], of operation: AggregateOperator) -> Bool {
        switch operation {
        case .topk, .bottomk, .limitk: parameters.allSatisfy { $0 < 1 }
        case .limitRatio: parameters.allSatisfy { $0 == 0 }
        default: false
        }
    }

    private func countValues(
        _ node: Aggregation, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        guard case .string(let literal) = node.parameter else { return }
        guard GoText.isUTF8(literal.bytes), !literal.bytes.isEmpty else {
            throw .execution("invalid label name \(GoText.quote(bytes: literal.bytes))")
        }
        let name = literal.value
        let grouping = Grouping(
            labels: node.isWithout ? node.labels : node.labels + [name], isWithout: node.isWithout)
        var places: [Labels: Int] = [:]
        var results: [StepSeries] = []
        let (samples, bytes) = (heldSamples, heldBytes)
        try await evaluate(node.content, grid) { (series) throws(QueryFailure) in
            // The same value often stands at many steps.
            var known: [String: Int] = [:]
            for step in 0..<grid.count {
                guard let sample = series.operand(step) else { continue }
                let text =
                    switch sample {
                    case .float(let value): NumberText.plain(value)
                    case .histogram(let histogram): histogram.text
                    }
                if known[text] == nil {
                    let key = grouping.key(series.labels.setting([(name, text)]))
                    if places[key] == nil {
                        places[key] = results.count
                        try hold(grid.count, grid.count * 8)
                        results.append(StepSeries(labels: key, count: grid.count))
                    }
                    known[text] = places[key]
                }
                guard let place = known[text] else { continue }
                let old = results[place].values[step]
                results[place].values[step] = StepSeries.isAbsent(old) ? 1 : old + 1
            }
        }
        release(heldSamples - samples, heldBytes - bytes)
        for series in results { try sink(series) }
    }
}

/// By which labels series are put together.
struct Grouping {
    private let names: [[UInt8]]
    private let isWithout: Bool

    init(labels: [String], isWithout: Bool) {
        names = (isWithout ? labels + ["__name__"] : labels).map { Array($0.utf8) }
        self.isWithout = isWithout
    }

    /// The labels of the group of a series.
    func key(_ labels: Labels) -> Labels { labels.filtered(names, keeps: !isWithout) }
}
