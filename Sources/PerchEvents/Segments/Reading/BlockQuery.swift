import PerchFiles
import PerchModel

extension BlockReader {
    /// The rows that satisfy a query, with the columns that it asks for; nil for none.
    ///
    /// Only what the predicate looks at is read first, and nothing if what is known of it shows that
    /// no row can satisfy it.
    mutating func rows(of query: EventQuery) throws -> EventBatch? {
        guard query.predicate.mayHold(in: directory) else { return nil }
        var found = try rowsFound(query)
        guard !found.isEmpty else { return nil }
        if let joining = query.joining, query.order == .unordered, query.limit == nil,
            let joined = try joined(found, joining, query)
        {
            return joined
        }
        // Rows are in the order of time: the others come after as many as are asked for.
        if let limit = query.limit, limit < block.rowCount {
            found.keep(max(0, limit), last: query.order == .newestFirst)
            guard !found.isEmpty else { return nil }
        }
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        batch.times = try readTimes()
        batch.resourceIndexes = try readResourceIndexes()
        return try answer(batch, found, query)
    }

    /// The rows of the query's times that satisfy its predicate.
    private mutating func rowsFound(_ query: EventQuery) throws -> RowMask {
        var candidates = RowMask(all: block.rowCount)
        if !block.times.lies(within: query.times) {
            let times = try readTimes()
            let first = Self.firstIndex(of: query.times.lowerBound, in: times)
            let end = Self.firstIndex(of: query.times.upperBound, in: times)
            candidates = RowMask(range: first..<max(first, end), of: block.rowCount)
        }
        guard query.predicate != .all, !candidates.isEmpty else { return candidates }
        let looked = directory.columns.filter { query.predicate.looks(at: $0) }
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        if query.predicate.looksAtResources(of: directory) {
            batch.resourceIndexes = try readResourceIndexes()
        }
        // Only the names: a condition reads the rest if it comes to that.
        batch.columns = looked.map { Column(name: $0.name, space: $0.space, kind: $0.kind) }
        return try batch.rows(satisfying: query.predicate, among: candidates) {
            try presence(of: looked[$0])
        } apply: { index, test, open, found in
            try apply(test, looked[index], open, into: &found)
        }
    }

    /// The first place of a time that is not before this one.
    static func firstIndex(of time: Int64, in times: [Int64]) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func answer(
        _ batch: EventBatch, _ found: RowMask, _ query: EventQuery
    ) throws -> EventBatch {
        let wanted = directory.columns.filter {
            query.projection.includes($0.name, $0.space, $0.kind)
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
