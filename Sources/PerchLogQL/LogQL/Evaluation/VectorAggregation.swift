import PerchModel

/// Makes series of many.
struct VectorAggregation {
    let function: VectorFunction
    let parameter: Int
    let grouping: LabelGrouping?
    let engine: LogQLEngine

    init(
        _ function: VectorFunction, _ parameter: Int?, _ grouping: LabelGrouping?,
        _ engine: LogQLEngine
    ) {
        self.function = function
        self.parameter = parameter ?? 0
        self.grouping = grouping
        self.engine = engine
    }

    func apply(_ table: SeriesTable) throws(LogQLFailure) -> SeriesTable {
        switch function {
        case .sort, .sortDescending: return sorted(table)
        case .topK, .bottomK, .approximateTopK: return try picked(table)
        case .sum, .average, .minimum, .maximum, .count, .deviation, .variance:
            return try reduced(table)
        }
    }

    /// The group of each series and the labels of each group.
    private func groups(_ table: SeriesTable) throws(LogQLFailure) -> ([Int], [Labels]) {
        // Without labels to look at, none need to be made.
        guard let grouping, !(grouping.labels.isEmpty && !grouping.isWithout) else {
            return (
                [Int](repeating: 0, count: table.count), table.count == 0 ? [] : [Labels([])]
            )
        }
        var groups: [Int] = []
        var labels: [Labels] = []
        var known: [Labels: Int] = [:]
        let names = Set(grouping.labels)
        for series in 0..<table.count {
            if series % 4096 == 0 { try engine.check() }
            let key = Labels(
                table.labels(series).pairs.filter { names.contains($0.name) != grouping.isWithout })
            if let group = known[key] {
                groups.append(group)
            } else {
                known[key] = labels.count
                groups.append(labels.count)
                labels.append(key)
            }
        }
        return (groups, labels)
    }

    private func reduced(_ table: SeriesTable) throws(LogQLFailure) -> SeriesTable {
        let (groups, labels) = try groups(table)
        let steps = table.stepCount
        var states = [State](repeating: State(), count: labels.count * steps)
        for series in 0..<table.count {
            for step in 0..<steps {
                let value = table.value(series, step)
                guard !SeriesTable.isAbsent(value) else { continue }
                states[groups[series] * steps + step].add(value, function)
            }
        }
        var result = SeriesTable(stepCount: steps)
        for (group, labels) in labels.enumerated() {
            result.append(
                labels, states[(group * steps)..<((group + 1) * steps)].map { $0.value(function) })
        }
        return result
    }

    private struct State {
        var count = 0.0
        var value = 0.0
        var squares = 0.0

        mutating func add(_ next: Double, _ function: VectorFunction) {
            count += 1
            switch function {
            case .minimum: if count == 1 || next < value || value.isNaN { value = next }
            case .maximum: if count == 1 || next > value || value.isNaN { value = next }
            case .sum, .count: value += next
            default:
                // The mean so far, and the squares of the distances from it.
                let distance = next - value
                value += distance / count
                squares += distance * (next - value)
            }
        }

        func value(_ function: VectorFunction) -> Double {
            guard count > 0 else { return SeriesTable.absent }
            switch function {
            case .count: return count
            case .variance: return squares / count
            case .deviation: return (squares / count).squareRoot()
            default: return value
            }
        }
    }

    /// The largest or smallest series of each group and step.
    private func picked(_ table: SeriesTable) throws(LogQLFailure) -> SeriesTable {
        let (groups, labels) = try groups(table)
        let steps = table.stepCount
        var members = [[Int]](repeating: [], count: labels.count)
        for series in 0..<table.count { members[groups[series]].append(series) }
        var kept: [Int: [Int]] = [:]
        for member in members {
            for step in 0..<steps {
                try engine.check()
                let best = member.filter { !SeriesTable.isAbsent(table.value($0, step)) }
                    .sorted { isBefore(table, $0, $1, step) }.prefix(parameter)
                for series in best { kept[series, default: []].append(step) }
            }
        }
        var result = SeriesTable(stepCount: steps)
        // The best first at a single time.
        let order = kept.keys.sorted {
            steps == 1 ? isBefore(table, $0, $1, 0) : $0 < $1
        }
        for series in order {
            var row = [Double](repeating: SeriesTable.absent, count: steps)
            for step in kept[series] ?? [] { row[step] = table.value(series, step) }
            result.append(table.labels(series), row)
        }
        return result
    }

    private func isBefore(_ table: SeriesTable, _ left: Int, _ right: Int, _ step: Int) -> Bool {
        let first = table.value(left, step)
        let second = table.value(right, step)
        if first.isNaN || second.isNaN { return !first.isNaN && second.isNaN }
        if first == second {
            return table.labels(left).bytes.lexicographicallyPrecedes(table.labels(right).bytes)
        }
        return function == .bottomK ? first < second : first > second
    }

    private func sorted(_ table: SeriesTable) -> SeriesTable {
        guard table.stepCount == 1 else { return table }
        let order = (0..<table.count).filter { !SeriesTable.isAbsent(table.value($0, 0)) }.sorted {
            let (left, right) = (table.value($0, 0), table.value($1, 0))
            if left.isNaN || right.isNaN { return !left.isNaN && right.isNaN }
            return function == .sort ? left < right : left > right
        }
        var result = SeriesTable(stepCount: 1)
        for series in order { result.append(table.labels(series), table.row(series)) }
        return result
    }
}
