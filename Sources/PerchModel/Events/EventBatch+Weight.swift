// How many events rows stand for, see ``RecordField/weight``.

extension EventBatch {
    /// How many events a row stands for: its weight, or 1.
    package func weight(ofRow row: Int) -> Int64 {
        guard let column = weightColumn, let index = column.index(ofRow: row) else { return 1 }
        return max(1, column.ints[index])
    }

    /// How many events each row stands for; nil where each stands for itself.
    package var weights: [Int64]? {
        guard let column = weightColumn else { return nil }
        var weights = [Int64](repeating: 1, count: rowCount)
        for index in column.rows.indices {
            weights[Int(column.rows[index])] = max(1, column.ints[index])
        }
        return weights
    }

    /// How many events all rows stand for.
    package var totalWeight: Int64 {
        guard let column = weightColumn else { return Int64(rowCount) }
        return column.ints.reduce(Int64(rowCount)) { $0 &+ max(1, $1) &- 1 }
    }

    private var weightColumn: Column? { columns.first(where: \.isWeight) }
}
