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
        // Where a row of this batch stands in the result; -1 for nowhere. Made when first needed.
        var places: [Int32] = []
        for column in columns where projection.includes(column) {
            let gathered: Column
            if column.rows.count == rowCount {
                // Fast path: every row has a value.
                gathered = column.gathering(rows.indices.map { ($0, Int(rows[$0])) })
            } else if column.rows.count > 4 * rows.count || rowCount > 8 * rows.count {
                gathered = column.gathering(
                    rows.indices.compactMap { place in
                        column.index(ofRow: Int(rows[place])).map { (place, $0) }
                    })
            } else {
                if places.isEmpty {
                    places = Array(repeating: -1, count: rowCount)
                    for place in rows.indices { places[Int(rows[place])] = Int32(place) }
                }
                var pairs: [(place: Int, index: Int)] = []
                for index in column.rows.indices {
                    let place = Int(places[Int(column.rows[index])])
                    if place >= 0 { pairs.append((place, index)) }
                }
                if zip(pairs, pairs.dropFirst()).contains(where: { $0.place > $1.place }) {
                    pairs.sort { $0.place < $1.place }
                }
                gathered = column.gathering(pairs)
            }
            if !gathered.rows.isEmpty { result.columns.append(gathered) }
        }
        return result
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
                columns[position].append(contentsOf: added, firstRow: firstRow)
            } else if let known = index.position(of: added, in: columns) {
                columns[known].append(contentsOf: added, firstRow: firstRow)
            } else {
                var column = Column(name: added.name, space: added.space, kind: added.kind)
                column.append(contentsOf: added, firstRow: firstRow)
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
        switch self {
        case .all: true
        case .fields(let fields):
            column.isWeight
                || fields.contains {
                    $0.name == column.name && ($0.space == nil || $0.space == column.space)
                }
        }
    }
}
