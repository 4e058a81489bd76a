import PerchModel

extension BlockReader {
    /// Joined rows as far as counts that stand in the block tell them, without a look at rows; nil
    /// where they do not.
    ///
    /// `entries` are the columns asked for; `ranges` are the rows of each stretch of time.
    mutating func counted(
        _ found: RowMask, _ ranges: [Range<Int>], keepsResources: Bool,
        _ entries: [SegmentDirectory.Entry]
    ) throws -> EventBatch? {
        let hasResources = keepsResources && directory.resources.count > 1
        if entries.isEmpty, !hasResources { return try counted(found, ranges) }
        // Where a time was read, some rows may be out of the query's or apart in time.
        guard ranges.count == 1, times == nil else { return nil }
        if entries.isEmpty { return try countedBySender(found) }
        guard entries.count == 1, !hasResources else { return nil }
        return try counted(found, by: entries[0])
    }

    private mutating func counted(
        _ found: RowMask, _ ranges: [Range<Int>]
    ) throws -> EventBatch? {
        var rows: [Int] = []
        var counts: [Int64] = []
        for range in ranges {
            let count = found.count(in: range)
            guard count > 0, let first = range.first(where: found.contains) else { continue }
            rows.append(first)
            counts.append(Int64(count))
        }
        var batch = joinedRows(counts)
        if let times { batch.times = rows.map { times[$0] } }
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

    private mutating func counted(
        _ found: RowMask, by entry: SegmentDirectory.Entry
    ) throws -> EventBatch? {
        let sum = directory.count(of: entry, rowCount: block.rowCount)
        guard sum > 0, entry.counts != nil || entry.layout == .dictionary && entry.entryCount == 1
        else { return nil }
        // All rows with a value must be wanted; others may be.
        if var rest = try presence(of: entry) {
            rest.subtract(found)
            guard rest.isEmpty else { return nil }
        } else if found.count < block.rowCount {
            return nil
        }
        var column = Column(name: entry.name, space: entry.space, kind: entry.kind)
        let counts: [Int64]
        if entry.layout == .dictionary {
            counts = try entryCounts(entry, sum)
            let entries = try entries(of: entry)
            (column.ends, column.bytes) = (entries.ends, entries.bytes)
            column.codes = counts.indices.filter { counts[$0] > 0 }.map { UInt32($0) }
        } else {
            guard let chunk = entry.counts else { return nil }
            var reader = try reader(chunk)
            let found = try ValueCounts.readInts(sum: sum, &reader)
            counts = found.counts
            column.ints = counts.indices.filter { counts[$0] > 0 }.map { found.values[$0] }
        }
        var present = counts.filter { $0 > 0 }
        column.rows = (0..<UInt32(present.count)).map { $0 }
        let without = found.count - sum
        if without > 0 { present.append(Int64(without)) }
        var batch = joinedRows(present)
        batch.columns.insert(column, at: 0)
        return batch
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
