import PerchModel

extension BlockReader {
    /// Joined rows as far as counts that stand in the block tell them, without a look at rows; nil
    /// where they do not.
    ///
    /// `entries` are the columns asked for.
    mutating func counted(
        _ found: RowMask, _ stretches: [Stretch], keepsResources: Bool,
        _ entries: [SegmentDirectory.Entry]
    ) throws -> EventBatch? {
        let hasResources = keepsResources && directory.resources.count > 1
        if entries.isEmpty, !hasResources { return counted(found, stretches) }
        // Where a time was read, some rows may be out of the query's or apart in time.
        guard stretches.count == 1, times == nil, entries.isEmpty else { return nil }
        return try countedBySender(found)
    }

    private func counted(_ found: RowMask, _ stretches: [Stretch]) -> EventBatch? {
        var times: [Int64] = []
        var counts: [Int64] = []
        for stretch in stretches {
            let count = found.count(in: stretch.rows)
            guard count > 0 else { continue }
            times.append(stretch.time)
            counts.append(Int64(count))
        }
        var batch = joinedRows(counts)
        batch.times = times
        return batch
    }

    private mutating func countedBySender(_ found: RowMask) throws -> EventBatch? {
        guard let chunk = directory.resourceCounts, found.count == block.rowCount else {
            return nil
        }
        let count = directory.resources.count
        var reader = try reader(chunk)
        let counts = try ValueCounts.read(count: count, sum: block.rowCount, &reader)
        let present = counts.indices.filter { counts[$0] > 0 }
        var batch = joinedRows(present.map { counts[$0] })
        batch.resourceIndexes = present.map { UInt32($0) }
        return batch
    }

    /// Joined rows where nothing but one column is asked for and looked at, and the block says how
    /// many rows have each of its values: conditions are evaluated once for each.
    mutating func countedByValue(
        _ query: EventQuery, _ joining: EventQuery.Joining
    ) throws -> EventBatch? {
        guard block.times.lies(within: query.times),
            joining.stretches.map({ $0.end(of: block.times.min) > block.times.max }) ?? true,
            !joining.keepsResources || directory.resources.count == 1
        else { return nil }
        let places = directory.places(of: query.projection).filter {
            let entry = directory.columns[$0]
            return !(joining.implied.map { isImplied(entry, $0) } ?? false)
        }
        guard places.count == 1, !directory.columns[places[0]].isWeight,
            query.predicate.looksOnly(at: places[0], directory),
            let (values, counts) = try valueCounts(directory.columns[places[0]])
        else { return nil }
        return joinedRows(values, counts, valuesFound(query.predicate, values, counts))
    }

    /// Which values satisfy a predicate that looks at nothing else; the last is none.
    private func valuesFound(
        _ predicate: EventPredicate, _ values: Column, _ counts: [Int64]
    ) -> RowMask {
        guard !predicate.isAll else { return RowMask(all: counts.count) }
        var batch = EventBatch(dataset: block.dataset)
        batch.columns = [values]
        let presence = RowMask(range: 0..<counts.count - 1, of: counts.count)
        return batch.rows(satisfying: predicate, among: RowMask(all: counts.count)) { _ in
            RowMask(none: counts.count)
        } presence: { _ in
            presence
        } apply: { _, test, open, found in
            test.apply(to: values, open, into: &found)
        }
    }

    /// A row for each value found, and one for rows without.
    private func joinedRows(
        _ values: Column, _ counts: [Int64], _ found: RowMask
    ) -> EventBatch {
        let places = counts.indices.filter { counts[$0] > 0 && found.contains($0) }
        var batch = joinedRows(places.map { counts[$0] })
        batch.resources = Array(directory.resources.prefix(1))
        var column = values
        let valueCount = places.last == counts.count - 1 ? places.count - 1 : places.count
        column.rows = (0..<UInt32(valueCount)).map { $0 }
        if values.codes.isEmpty {
            column.ints = places.prefix(valueCount).map { values.ints[$0] }
        } else {
            column.codes = places.prefix(valueCount).map { values.codes[$0] }
        }
        if valueCount > 0 { batch.columns.insert(column, at: 0) }
        return batch
    }

    /// The values of a column as rows, and how many rows of the block have each.
    ///
    /// The last count is of those without. Nil where the block does not say.
    private mutating func valueCounts(
        _ entry: SegmentDirectory.Entry
    ) throws -> (values: Column, counts: [Int64])? {
        let sum = directory.count(of: entry, rowCount: block.rowCount)
        var values = Column(name: entry.name, space: entry.space, kind: entry.kind)
        var counts: [Int64]
        if entry.layout == .dictionary, entry.counts != nil || entry.entryCount == 1 {
            counts = try entryCounts(entry, sum)
            let entries = try entries(of: entry)
            (values.ends, values.bytes) = (entries.ends, entries.bytes)
            values.codes = (0..<UInt32(counts.count)).map { $0 }
        } else if let chunk = entry.counts, entry.kind == .int {
            var reader = try reader(chunk)
            let found = try ValueCounts.readInts(sum: sum, &reader)
            counts = found.counts
            values.ints = found.values
        } else {
            return nil
        }
        values.rows = (0..<UInt32(counts.count)).map { $0 }
        counts.append(Int64(block.rowCount - sum))
        return (values, counts)
    }

    private func entryCounts(_ entry: SegmentDirectory.Entry, _ sum: Int) throws -> [Int64] {
        guard let chunk = entry.counts else { return [Int64(sum)] }
        var reader = try reader(chunk)
        return try ValueCounts.read(count: entry.entryCount, sum: sum, &reader)
    }

    /// Rows of these weights and nothing else.
    private func joinedRows(_ counts: [Int64]) -> EventBatch {
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        batch.times = [Int64](repeating: block.times.min, count: counts.count)
        batch.resourceIndexes = [UInt32](repeating: 0, count: counts.count)
        var weight = Column(name: RecordField.weight, space: .record, kind: .int)
        weight.rows = (0..<UInt32(counts.count)).map { $0 }
        weight.ints = counts
        batch.columns.append(weight)
        return batch
    }
}
