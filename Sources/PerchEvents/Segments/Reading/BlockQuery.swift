import PerchFiles
import PerchModel

extension BlockReader {
    /// The rows that satisfy a query, with the columns that it asks for; nil for none.
    ///
    /// Only what the predicate looks at is read first, and nothing if what is known of it shows that
    /// no row can satisfy it.
    mutating func rows(of query: EventQuery) throws -> EventBatch? {
        guard query.predicate.mayHold(in: directory) else { return nil }
        let looked = directory.columns.filter { query.predicate.looks(at: $0) }
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        if query.predicate.looksAtResources(of: directory) {
            batch.resourceIndexes = try readResourceIndexes()
        }
        for entry in looked {
            // Only the rows: a condition reads the values if it comes to that.
            var shell = Column(name: entry.name, space: entry.space, kind: entry.kind)
            shell.rows = try rows(of: entry)
            batch.columns.append(shell)
        }
        var candidates = RowMask(all: block.rowCount)
        if !block.times.lies(within: query.times) {
            let times = try readTimes()
            for row in times.indices where !query.times.contains(times[row]) {
                candidates.remove(row)
            }
        }
        let found = try batch.rows(satisfying: query.predicate, among: candidates) {
            index, test, open, found in
            try apply(test, looked[index], open, into: &found)
        }
        guard !found.isEmpty else { return nil }
        batch.columns = []
        batch.times = try readTimes()
        if batch.resourceIndexes.isEmpty { batch.resourceIndexes = try readResourceIndexes() }
        return try answer(batch, found, query)
    }

    private mutating func answer(
        _ batch: EventBatch, _ found: RowMask, _ query: EventQuery
    ) throws -> EventBatch {
        let wanted = directory.columns.filter {
            query.projection.includes(Column(name: $0.name, space: $0.space, kind: $0.kind))
        }
        if found.count == block.rowCount {
            var whole = batch
            for entry in wanted { whole.columns.append(try column(entry)) }
            return whole
        }
        let rows = found.rows
        var result = batch.selecting(rows: rows)
        // By the rows that have a value: which of them are in the answer, and where.
        var shares: [Int: (rows: [UInt32], indexes: [UInt32])] = [:]
        shares[0] = ((0..<UInt32(rows.count)).map { $0 }, rows)
        var places: [UInt32] = []
        for entry in wanted {
            if shares[entry.presence] == nil {
                if places.isEmpty {
                    places = [UInt32](repeating: 0, count: block.rowCount)
                    for (place, row) in rows.enumerated() { places[Int(row)] = UInt32(place) }
                }
                var share: (rows: [UInt32], indexes: [UInt32]) = ([], [])
                for (index, row) in try self.rows(of: entry).enumerated()
                where found.contains(Int(row)) {
                    share.rows.append(places[Int(row)])
                    share.indexes.append(UInt32(index))
                }
                shares[entry.presence] = share
            }
            guard let share = shares[entry.presence], !share.rows.isEmpty else { continue }
            result.columns.append(try column(entry, share.rows, share.indexes))
        }
        return result
    }
}
