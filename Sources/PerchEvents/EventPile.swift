import PerchModel

/// Rows that satisfy a query and wait until it is their turn.
struct EventPile: Sendable {
    private let query: EventQuery
    private var blocks: [EventBlock] = []
    private(set) var rowCount = 0

    init(_ query: EventQuery) {
        self.query = query
    }

    /// Adds the rows of a batch that satisfy the query, with the columns asked for.
    mutating func add(_ batch: EventBatch) {
        let rows = batch.matchingRows(of: query.predicate, times: query.times)
        guard !rows.isEmpty else { return }
        let isWhole = rows.count == batch.rowCount && query.projection == .all
        put(isWhole ? batch : batch.selecting(rows: rows, projection: query.projection))
    }

    /// How many rows come before or at `edge` in the query's order.
    func rowCount(before edge: Int64) -> Int {
        blocks.reduce(0) { sum, block in
            switch query.order {
            case .newestFirst where block.minTime >= edge, .oldestFirst where block.maxTime <= edge:
                sum + block.batch.rowCount
            case .newestFirst where block.maxTime < edge, .oldestFirst where block.minTime > edge:
                sum
            case .newestFirst, .oldestFirst:
                sum + block.batch.times.count { isBefore($0, edge) }
            }
        }
    }

    /// Takes out the rows before or at `edge`, as one batch and the order of its rows.
    mutating func take(before edge: Int64) -> (EventBatch, ArraySlice<UInt32>) {
        let all = blocks
        blocks = []
        rowCount = 0
        var taken: [EventBatch] = []
        for block in all {
            var first: [UInt32] = []
            var rest: [UInt32] = []
            for row in block.batch.times.indices {
                if isBefore(block.batch.times[row], edge) {
                    first.append(UInt32(row))
                } else {
                    rest.append(UInt32(row))
                }
            }
            if rest.isEmpty {
                taken.append(block.batch)
            } else if first.isEmpty {
                blocks.append(block)
                rowCount += block.batch.rowCount
            } else {
                taken.append(block.batch.selecting(rows: first))
                put(block.batch.selecting(rows: rest))
            }
        }
        return ordered(taken)
    }

    /// Takes out all rows, as one batch and the order of its rows.
    mutating func takeAll() -> (EventBatch, ArraySlice<UInt32>) {
        let taken = blocks.map(\.batch)
        blocks = []
        rowCount = 0
        return ordered(taken)
    }

    /// Drops rows that cannot be among the first `limit`, once there are many of them.
    mutating func keepFirst(_ limit: Int) {
        guard limit < Int.max / 4, rowCount > 4 * limit + Limits.answerRowCountMax else { return }
        let (batch, order) = takeAll()
        let rows = Array(order.prefix(limit))
        guard !rows.isEmpty else { return }
        put(batch.selecting(rows: rows))
    }

    private mutating func put(_ batch: EventBatch) {
        rowCount += batch.rowCount
        let byteCount = batch.byteCount
        // Small batches are joined, so that the number of blocks stays small too.
        if let last = blocks.indices.last,
            blocks[last].hasRoom(for: batch, byteCount: byteCount)
        {
            blocks[last].append(batch, byteCount: byteCount)
        } else {
            blocks.append(EventBlock(batch))
        }
    }

    private func isBefore(_ time: Int64, _ edge: Int64) -> Bool {
        query.order == .newestFirst ? time >= edge : time <= edge
    }

    private func ordered(_ batches: [EventBatch]) -> (EventBatch, ArraySlice<UInt32>) {
        var merged = EventBatch(dataset: query.dataset)
        // Fast path: one batch needs no copy.
        if batches.count == 1 {
            merged = batches[0]
        } else {
            for batch in batches { merged.append(contentsOf: batch) }
        }
        var order = (0..<merged.rowCount).map { UInt32($0) }
        let times = merged.times
        switch query.order {
        case .newestFirst: order.sort { times[Int($0)] > times[Int($1)] }
        case .oldestFirst: order.sort { times[Int($0)] < times[Int($1)] }
        }
        return (merged, order[...])
    }
}
