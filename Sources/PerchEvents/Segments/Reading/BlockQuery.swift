import PerchFiles
import PerchModel

extension BlockReader {
    /// The rows that satisfy a query, with the columns that it asks for; nil for none.
    ///
    /// Only what the predicate looks at is read first, and nothing if what is known of it shows that
    /// no row can satisfy it.
    mutating func rows(of query: EventQuery) throws -> EventBatch? {
        var query = query
        query.predicate = query.predicate.folded(in: directory)
        guard !query.predicate.isNone else { return nil }
        if let joining = query.joining, query.order == .unordered, query.limit == nil,
            let counted = try countedByValue(query, joining)
        {
            isJoined = true
            return counted.rowCount > 0 ? counted : nil
        }
        var found = try rowsFound(query)
        guard !found.isEmpty else { return nil }
        if let joining = query.joining, query.order == .unordered, query.limit == nil,
            let joined = try joined(found, joining, query)
        {
            isJoined = true
            return joined
        }
        if isTallied { return nil }
        // Rows are in the order of time: the others come after as many as are asked for.
        if let limit = query.limit, limit < block.rowCount {
            found.keep(max(0, limit), last: query.order == .newestFirst)
            guard !found.isEmpty else { return nil }
        }
        let wanted = directory.entries(of: query.projection)
        return found.count == block.rowCount ? try whole(wanted) : try answer(found.rows, wanted)
    }

    private mutating func whole(_ wanted: [SegmentDirectory.Entry]) throws -> EventBatch {
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        batch.times = try readTimes(isWhole: true).all()
        batch.resourceIndexes = try readResourceIndexes()
        for entry in wanted { batch.columns.append(try column(entry)) }
        return batch
    }

    /// The rows of the query's times that satisfy its predicate.
    private mutating func rowsFound(_ query: EventQuery) throws -> RowMask {
        var candidates = RowMask(all: block.rowCount)
        if !block.times.lies(within: query.times) {
            let times = try readTimes()
            let first = try times.first(from: query.times.lowerBound)?.row ?? block.rowCount
            let end = try times.first(from: query.times.upperBound)?.row ?? block.rowCount
            candidates = RowMask(range: first..<max(first, end), of: block.rowCount)
        }
        guard query.predicate != .all, !candidates.isEmpty else { return candidates }
        var places: Set<Int> = []
        query.predicate.addPlaces(in: directory, to: &places)
        let looked = places.sorted().map { directory.columns[$0] }
        var batch = EventBatch(dataset: block.dataset)
        batch.resources = directory.resources
        // Only the names: a condition reads the rest if it comes to that.
        batch.columns = looked.map { Column(name: $0.name, space: $0.space, kind: $0.kind) }
        return try batch.rows(satisfying: query.predicate, among: candidates) {
            try rows(sentBy: $0)
        } presence: {
            try presence(of: looked[$0])
        } apply: { index, test, open, found in
            try apply(test, looked[index], open, into: &found)
        }
    }

    /// Some rows, with some columns.
    private mutating func answer(
        _ rows: [UInt32], _ wanted: [SegmentDirectory.Entry]
    ) throws -> EventBatch {
        var found = EventBatch(dataset: block.dataset)
        found.resources = directory.resources
        found.times = try readTimes(isWhole: rows.count > Limits.timeRunsReadMax).values(at: rows)
        found.resourceIndexes = try readResourceIndexes(at: rows)
        answerTimes = found.times
        let all = (0..<UInt32(rows.count)).map { $0 }
        // Without senders that none of the rows has.
        var result = found.selecting(rows: all)
        // By the rows that have a value: which of them are in the answer, and where.
        var shares: [Int: (places: [UInt32], indexes: [UInt32])] = [0: (all, rows)]
        for entry in wanted {
            if shares[entry.presence] == nil, let presence = try presence(of: entry) {
                let share = presence.places(of: rows)
                shares[entry.presence] = (share.given, share.own)
            }
            guard let share = shares[entry.presence], !share.places.isEmpty else { continue }
            result.columns.append(try column(entry, share.places, share.indexes))
        }
        return result
    }
}
