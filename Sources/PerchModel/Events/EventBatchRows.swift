extension EventBatch {
    /// A batch of `rows` of this one, in the order given, with the columns of `projection`.
    ///
    /// Columns and resources without a row left are not in it. A row may be given once.
    package func selecting(
        rows: [UInt32], projection: EventQuery.Projection = .all
    ) -> EventBatch {
        var result = EventBatch(dataset: dataset)
        result.times = rows.map { times[Int($0)] }
        gatherResources(rows, into: &result)
        guard !rows.isEmpty else { return result }
        let all = (0..<UInt32(rows.count)).map { $0 }
        // Columns that stand together often have the same rows.
        var last: (rows: [UInt32], places: [UInt32], indexes: [UInt32])?
        for column in columns where projection.includes(column) {
            if column.rows.count == rowCount {
                // Fast path: every row has a value.
                result.columns.append(column.gathering(rows, at: all))
                continue
            }
            let share: (rows: [UInt32], places: [UInt32], indexes: [UInt32])
            if let last, last.rows == column.rows {
                share = last
            } else {
                let (places, indexes) = self.places(of: column, rows)
                share = (column.rows, places, indexes)
                last = share
            }
            guard !share.places.isEmpty else { continue }
            result.columns.append(column.gathering(share.indexes, at: share.places))
        }
        return result
    }

    /// Which of `rows` have a value of a column, by their place, and where it stands.
    private func places(
        of column: Column, _ rows: [UInt32]
    ) -> (places: [UInt32], indexes: [UInt32]) {
        var places: [UInt32] = []
        var indexes: [UInt32] = []
        if rowCount > 8 * rows.count {
            for place in rows.indices {
                guard let index = column.index(ofRow: Int(rows[place])) else { continue }
                places.append(UInt32(place))
                indexes.append(UInt32(index))
            }
            return (places, indexes)
        }
        // One more than the place of each row's value.
        var known = [UInt32](repeating: 0, count: rowCount)
        var span = known.mutableSpan
        for index in column.rows.indices {
            span[Int(column.rows[index])] = UInt32(truncatingIfNeeded: index &+ 1)
        }
        for place in rows.indices {
            let index = span[Int(rows[place])]
            guard index > 0 else { continue }
            places.append(UInt32(truncatingIfNeeded: place))
            indexes.append(index &- 1)
        }
        return (places, indexes)
    }

    private func gatherResources(_ rows: [UInt32], into result: inout EventBatch) {
        var indexes: [Int32] = Array(repeating: -1, count: resources.count)
        result.resourceIndexes.reserveCapacity(rows.count)
        for row in rows {
            let resource = Int(resourceIndexes[Int(row)])
            if indexes[resource] < 0 {
                indexes[resource] = Int32(result.resources.count)
                result.resources.append(resources[resource])
            }
            result.resourceIndexes.append(UInt32(indexes[resource]))
        }
    }

    /// A batch of the rows in `range`, in their order; it looks at these only.
    package func slicing(_ range: Range<Int>) -> EventBatch {
        var result = EventBatch(dataset: dataset)
        result.times = Array(times[range])
        gatherResources(range.map { UInt32($0) }, into: &result)
        for column in columns {
            let part = column.slicing(range)
            if !part.rows.isEmpty { result.columns.append(part) }
        }
        return result
    }

    /// Adds the rows of `other` after those of this batch.
    ///
    /// Both are of one dataset, and neither the rows nor the bytes of one column reach 2^32
    /// together: whoever joins batches bounds their bytes.
    package mutating func append(contentsOf other: EventBatch) {
        var index = EventBatchIndex()
        append(contentsOf: other, &index)
    }

    /// The same for a batch that grows by many: `index` remembers what is in it from one call to
    /// the next, so that nothing of it is looked at again.
    package mutating func append(contentsOf other: EventBatch, _ index: inout EventBatchIndex) {
        precondition(dataset == other.dataset, "\(other.dataset) among \(dataset)")
        let firstRow = UInt32(rowCount)
        times.append(contentsOf: other.times)
        appendResources(of: other, &index)
        for position in other.columns.indices {
            let added = other.columns[position]
            // Fast path: batches of one sender have their columns in one order.
            if position < columns.count, columns[position].isSameField(as: added) {
                columns[position].append(
                    contentsOf: added, firstRow: firstRow, &index[entriesOf: position])
            } else if let known = index.position(of: added, in: columns) {
                columns[known].append(
                    contentsOf: added, firstRow: firstRow, &index[entriesOf: known])
            } else {
                var column = Column(name: added.name, space: added.space, kind: added.kind)
                column.append(
                    contentsOf: added, firstRow: firstRow, &index[entriesOf: columns.count])
                columns.append(column)
            }
        }
    }

    private mutating func appendResources(of other: EventBatch, _ index: inout EventBatchIndex) {
        if resources == other.resources {
            resourceIndexes.append(contentsOf: other.resourceIndexes)
            return
        }
        let mapped = other.resources.map { resource -> UInt32 in
            if let known = index.position(of: resource, in: resources) { return known }
            resources.append(resource)
            return UInt32(resources.count - 1)
        }
        for index in other.resourceIndexes { resourceIndexes.append(mapped[Int(index)]) }
    }
}

extension EventQuery.Projection {
    /// Whether an answer holds this column.
    package func includes(_ column: Column) -> Bool {
        includes(column.name, column.space, column.kind)
    }

    /// Whether an answer holds the column of a field and kind.
    package func includes(_ name: String, _ space: FieldSpace, _ kind: ColumnKind) -> Bool {
        switch self {
        case .all: true
        case .fields(let fields):
            space == .record && kind == .int && name == RecordField.weight
                || fields.contains {
                    ($0.space == nil || $0.space == space) && $0.name == name
                }
        }
    }
}
