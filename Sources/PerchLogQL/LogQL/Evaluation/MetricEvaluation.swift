import PerchModel
import PerchRegex

/// Computes the series of an expression.
struct MetricEvaluation {
    let engine: LogQLEngine
    let times: LogQLTimes
    let catalog: LabelCatalog
    private(set) var stats = LogQLStats()

    init(engine: LogQLEngine, times: LogQLTimes, catalog: LabelCatalog) {
        self.engine = engine
        self.times = times
        self.catalog = catalog
    }

    /// The series of an expression; what is around it names some labels.
    mutating func table(
        _ expression: MetricExpression, naming names: [String] = []
    ) async throws(LogQLFailure) -> SeriesTable {
        try engine.check()
        switch expression {
        case .number(let value), .vector(let value):
            var table = SeriesTable(stepCount: times.count)
            table.append(Labels([]), repeatElement(value, count: times.count))
            return table
        case .range(let aggregation):
            return try await range(aggregation, grouping: nil, naming: names)
        case .aggregation(let function, let parameter, let grouping, let inner):
            let (table, isDone) = try await argument(function, grouping, inner, names)
            // Its series are those of the sum already, each with labels of its own.
            if isDone { return table }
            return try VectorAggregation(function, parameter, grouping, engine).apply(table)
        case .binary(let operation, let left, let right, let matching, let returnsBool):
            let names = names + (matching?.isOn ?? false ? matching?.labels ?? [] : [])
            let first = try await side(left, names)
            let second = try await side(right, names)
            let binary = BinaryEvaluation(
                operation: operation, matching: matching ?? VectorMatching(),
                returnsBool: returnsBool, engine: engine)
            return try binary.apply(first, second)
        case .labelReplace(let inner, let destination, let replacement, let source, let pattern):
            let table = try await table(inner, naming: names + [source])
            return try LabelReplacement(destination, replacement, source, pattern).apply(table)
        }
    }

    private mutating func side(
        _ expression: MetricExpression, _ names: [String]
    ) async throws(LogQLFailure) -> BinaryEvaluation.Side {
        if case .number(let value) = expression { return .number(value) }
        return .table(try await table(expression, naming: names))
    }

    /// The series that an aggregation takes, and whether they are its result: a sum is made while
    /// rows are read.
    private mutating func argument(
        _ function: VectorFunction, _ grouping: LabelGrouping?, _ inner: MetricExpression,
        _ names: [String]
    ) async throws(LogQLFailure) -> (table: SeriesTable, isDone: Bool) {
        if function == .sum, case .range(let aggregation) = inner {
            switch aggregation.function {
            case .rate, .countOverTime, .bytesRate, .bytesOverTime, .sumOverTime:
                let grouping = grouping ?? LabelGrouping(labels: [], isWithout: false)
                let table = try await range(aggregation, grouping: grouping, naming: names)
                return (table, !grouping.isWithout && aggregation.grouping == nil)
            default: break
            }
        }
        let own = grouping.map { $0.isWithout ? [] : $0.labels } ?? []
        switch function {
        case .topK, .bottomK, .approximateTopK, .sort, .sortDescending:
            return (try await table(inner, naming: names + own), false)
        default:
            let named = grouping?.isWithout ?? false ? names : own
            return (try await table(inner, naming: named), false)
        }
    }

    mutating func range(
        _ aggregation: RangeAggregation, grouping: LabelGrouping?, naming names: [String] = []
    ) async throws(LogQLFailure) -> SeriesTable {
        let plan = try RangePlan(
            aggregation, grouping: grouping, naming: names, times: times, catalog: catalog,
            now: engine.options.now)
        var scan = try await scan(plan)
        stats.lines += scan.stats.lines
        var result = RangeResult(plan, engine)
        return try result.table(&scan, aggregation)
    }

    private func scan(_ plan: RangePlan) async throws(LogQLFailure) -> RangeScan {
        let cursors = engine.source.read(plan.query, parts: Limits.readersMax)
        guard cursors.count > 1 else {
            guard let cursor = cursors.first else { return RangeScan(plan) }
            return try await read(cursor, plan)
        }
        do {
            return try await withThrowingTaskGroup(of: RangeScan.self) { group in
                for cursor in cursors {
                    group.addTask { try await read(cursor, plan) }
                }
                var all: RangeScan?
                while let part = try await group.next() {
                    if all == nil { all = part } else { try all?.merge(part) }
                }
                return all ?? RangeScan(plan)
            }
        } catch let failure as LogQLFailure {
            throw failure
        } catch {
            throw .cancelled
        }
    }

    private func read(
        _ cursor: any EventCursor, _ plan: RangePlan
    ) async throws(LogQLFailure) -> RangeScan {
        var cursor = cursor
        var scan = RangeScan(plan)
        while true {
            let batch: EventBatch?
            do {
                batch = try await cursor.next()
            } catch {
                throw LogQLFailure(store: error)
            }
            guard let batch else { return scan }
            try engine.check()
            try scan.add(batch)
        }
    }
}
