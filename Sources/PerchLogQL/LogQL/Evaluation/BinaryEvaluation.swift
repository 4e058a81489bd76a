import PerchModel

/// An operation between two sides.
struct BinaryEvaluation {
    enum Side {
        case number(Double)
        case table(SeriesTable)
    }

    let operation: BinaryOperator
    let matching: VectorMatching
    let returnsBool: Bool
    let engine: LogQLEngine

    func apply(_ left: Side, _ right: Side) throws(LogQLFailure) -> SeriesTable {
        switch (left, right) {
        case (.table(let first), .table(let second)):
            return operation.isSet ? set(first, second) : try matched(first, second)
        case (.table(let table), .number(let number)):
            return scaled(table) { combine($0, number, kept: $0) }
        case (.number(let number), .table(let table)):
            return scaled(table) { combine(number, $0, kept: $0) }
        case (.number, .number): return SeriesTable(stepCount: 0)
        }
    }

    /// The value of two; absent where a comparison does not hold.
    private func combine(_ left: Double, _ right: Double, kept: Double) -> Double {
        guard operation.isComparison else {
            return SampleArithmetic.compute(operation, left, right)
        }
        let holds = SampleArithmetic.compare(operation, left, right)
        if returnsBool { return holds ? 1 : 0 }
        return holds ? kept : SeriesTable.absent
    }

    private func scaled(_ table: SeriesTable, _ body: (Double) -> Double) -> SeriesTable {
        var result = table
        for place in result.values.indices {
            let value = result.values[place]
            if !SeriesTable.isAbsent(value) { result.values[place] = body(value) }
        }
        return result
    }

    /// The labels by which a series is matched.
    private func signature(_ labels: Labels) -> Labels {
        guard let names = matching.labels else { return labels }
        let wanted = Set(names)
        return Labels(labels.pairs.filter { wanted.contains($0.name) == matching.isOn })
    }

    // MARK: Sets

    private func set(_ left: SeriesTable, _ right: SeriesTable) -> SeriesTable {
        let steps = max(left.stepCount, right.stepCount)
        func presence(_ table: SeriesTable) -> [Labels: [Bool]] {
            var present: [Labels: [Bool]] = [:]
            for series in 0..<table.count {
                let key = signature(table.labels(series))
                var flags = present[key] ?? [Bool](repeating: false, count: steps)
                for step in 0..<steps where !SeriesTable.isAbsent(table.value(series, step)) {
                    flags[step] = true
                }
                present[key] = flags
            }
            return present
        }
        var result = SeriesTable(stepCount: steps)
        let others = presence(operation == .or ? left : right)
        func add(_ table: SeriesTable, where isKept: (Bool) -> Bool) {
            for series in 0..<table.count {
                let labels = table.labels(series)
                let flags = others[signature(labels)]
                result.append(
                    labels,
                    (0..<steps).map { step in
                        isKept(flags?[step] ?? false)
                            ? table.value(series, step) : SeriesTable.absent
                    })
            }
        }
        switch operation {
        case .and: add(left) { $0 }
        case .unless: add(left) { !$0 }
        default:
            add(left) { _ in true }
            add(right) { !$0 }
        }
        return Self.joined(result)
    }

    /// Series of the same labels as one: both sides of `or` may have one.
    private static func joined(_ table: SeriesTable) -> SeriesTable {
        var known: [Labels: Int] = [:]
        var order: [Labels] = []
        var rows: [[Double]] = []
        for series in 0..<table.count {
            let labels = table.labels(series)
            guard let place = known[labels] else {
                known[labels] = rows.count
                order.append(labels)
                rows.append(Array(table.row(series)))
                continue
            }
            for (step, value) in table.row(series).enumerated()
            where SeriesTable.isAbsent(rows[place][step]) {
                rows[place][step] = value
            }
        }
        var result = SeriesTable(stepCount: table.stepCount)
        for (labels, row) in zip(order, rows) { result.append(labels, row) }
        return result
    }

    // MARK: Arithmetic and comparisons

    private func matched(
        _ left: SeriesTable, _ right: SeriesTable
    ) throws(LogQLFailure) -> SeriesTable {
        let isSwapped = matching.cardinality == .oneToMany
        let (many, one) = isSwapped ? (right, left) : (left, right)
        let steps = many.stepCount
        var ones: [Labels: [Int]] = [:]
        for series in 0..<one.count {
            ones[signature(one.labels(series)), default: []].append(series)
        }
        var rows: [Labels: [Double]] = [:]
        var order: [Labels] = []
        var isTaken: [Labels: [Bool]] = [:]
        for series in 0..<many.count {
            try engine.check()
            let labels = many.labels(series)
            let key = signature(labels)
            for other in ones[key] ?? [] {
                let result = resultLabels(labels, one.labels(other), key)
                if rows[result] == nil {
                    rows[result] = [Double](repeating: SeriesTable.absent, count: steps)
                    order.append(result)
                }
                var taken = isTaken[key] ?? [Bool](repeating: false, count: steps)
                for step in 0..<steps {
                    let first = many.value(series, step)
                    let second = one.value(other, step)
                    guard !SeriesTable.isAbsent(first), !SeriesTable.isAbsent(second) else {
                        continue
                    }
                    let isDuplicate =
                        matching.cardinality == .oneToOne
                        ? taken[step] : !SeriesTable.isAbsent(rows[result]?[step] ?? 0)
                    guard !isDuplicate else { throw Self.duplicate(matching.cardinality) }
                    taken[step] = true
                    rows[result]?[step] =
                        isSwapped
                        ? combine(second, first, kept: second) : combine(first, second, kept: first)
                }
                isTaken[key] = taken
            }
        }
        var table = SeriesTable(stepCount: steps)
        for labels in order { table.append(labels, rows[labels] ?? []) }
        return table
    }

    private static func duplicate(_ cardinality: VectorMatching.Cardinality) -> LogQLFailure {
        .badRequest(
            cardinality == .oneToOne
                ? "multiple matches for labels: many-to-one matching must be explicit "
                    + "(group_left/group_right)"
                : "multiple matches for labels: grouping labels must ensure unique matches")
    }

    private func resultLabels(_ many: Labels, _ one: Labels, _ key: Labels) -> Labels {
        switch matching.cardinality {
        case .oneToOne:
            // A filter keeps what it lets through as it is.
            if operation.isComparison, !returnsBool { return many }
            guard matching.labels != nil else { return many }
            return key
        case .manyToOne, .oneToMany:
            var pairs = many.pairs.filter { !matching.included.contains($0.name) }
            for name in matching.included {
                if let value = one[name] { pairs.append((name, value)) }
            }
            return Labels(pairs)
        }
    }
}
