import PerchModel

/// Rows that satisfy a query and wait until it is their turn.
///
/// They stand in runs that are each in order, and are merged when they are taken.
struct EventPile: Sendable {
    private let order: EventQuery.Order
    private let dataset: Dataset
    private var runs: [EventRun] = []
    /// Small batches, joined until they are worth a run.
    private var loose: EventBatch
    private var looseIndex = EventBatchIndex()
    private var looseByteCount = 0
    private(set) var rowCount = 0
    /// Bytes of all batches of which a row waits.
    private(set) var byteCount = 0

    init(_ query: EventQuery) {
        order = query.order
        dataset = query.dataset
        loose = EventBatch(dataset: query.dataset)
    }

    /// Adds the rows of a batch that satisfy a query, with the columns that it asks for.
    mutating func add(_ batch: EventBatch, _ query: EventQuery) {
        if let rows = batch.rows(of: query) { put(rows) }
    }

    /// Adds rows that all satisfy the query.
    mutating func put(_ batch: EventBatch) {
        rowCount += batch.rowCount
        guard batch.rowCount < Limits.ownBlockRowCountMin else {
            addRun(batch)
            return
        }
        let batchByteCount = batch.byteCount
        loose.append(contentsOf: batch, &looseIndex)
        looseByteCount += batchByteCount
        byteCount += batchByteCount
        if loose.rowCount >= Limits.blockRowCountMax || looseByteCount >= Limits.blockByteCountMax {
            endLoose()
        }
    }

    private mutating func addRun(_ batch: EventBatch) {
        let run = EventRun(batch, order)
        byteCount += run.byteCount
        runs.append(run)
    }

    private mutating func endLoose() {
        guard loose.rowCount > 0 else { return }
        byteCount -= looseByteCount
        addRun(loose)
        loose = EventBatch(dataset: dataset)
        looseIndex = EventBatchIndex()
        looseByteCount = 0
    }

    /// How many rows come before or at `edge` in the query's order.
    func rowCount(before edge: Int64) -> Int {
        runs.reduce(loose.times.count { order.isBefore($0, edge) }) {
            $0 + $1.rowCount(before: edge)
        }
    }

    /// Takes the first rows in order: at most so many, only those before or at `edge`, and not
    /// many more bytes than an answer should have.
    mutating func take(
        _ rowCountMax: Int, before edge: Int64?, byteCountMax: Int = Limits.answerByteCountMax
    ) -> EventBatch? {
        endLoose()
        var front = EventRunHeap(order)
        for index in runs.indices { front.push(index, runs[index].nextTime) }
        // By run, the rows taken; and for each row in order, its run.
        var taken = [[UInt32]](repeating: [], count: runs.count)
        var sources: [Int] = []
        var takenByteCount = 0
        let perRow = runs.map { $0.byteCount / max(1, $0.batch.rowCount) }
        while sources.count < rowCountMax, takenByteCount < byteCountMax,
            let (index, time) = front.first
        {
            if let edge, !order.isBefore(time, edge) { break }
            taken[index].append(runs[index].pop())
            sources.append(index)
            takenByteCount += perRow[index]
            front.replaceFirst(runs[index].rowCount > 0 ? runs[index].nextTime : nil)
        }
        guard !sources.isEmpty else { return nil }
        rowCount -= sources.count
        let result = gather(taken, sources)
        for run in runs where run.rowCount == 0 { byteCount -= run.byteCount }
        runs.removeAll { $0.rowCount == 0 }
        return result
    }

    private func gather(_ taken: [[UInt32]], _ sources: [Int]) -> EventBatch {
        let used = taken.indices.filter { !taken[$0].isEmpty }
        if used.count == 1 { return runs[used[0]].batch.selecting(rows: taken[used[0]]) }
        var merged = EventBatch(dataset: dataset)
        var index = EventBatchIndex()
        var places = [UInt32](repeating: 0, count: taken.count)
        for run in used {
            places[run] = UInt32(merged.rowCount)
            merged.append(contentsOf: runs[run].batch.selecting(rows: taken[run]), &index)
        }
        return merged.selecting(
            rows: sources.map { run in
                defer { places[run] += 1 }
                return places[run]
            })
    }

    /// Drops rows that cannot be among the first `limit`, once there are many of them; `now` if
    /// there is any.
    mutating func keepFirst(_ limit: Int, now: Bool = false) {
        guard limit < Int.max / 4 else { return }
        guard rowCount > (now ? limit : 4 * limit + Limits.answerRowCountMax) else { return }
        var kept = EventPile(empty: self)
        while kept.rowCount < limit, let batch = take(limit - kept.rowCount, before: nil) {
            kept.put(batch)
        }
        self = kept
    }

    /// Drops the last rows until at most about half of `byteCountMax` are left, and answers the
    /// time of the first row that was dropped; nil if none was.
    ///
    /// Of one time it keeps all rows or none.
    mutating func cut(toHalfOf byteCountMax: Int) -> Int64? {
        var kept = EventPile(empty: self)
        var last: Int64?
        while kept.byteCount < byteCountMax / 2,
            let batch = take(
                Limits.answerRowCountMax, before: nil,
                byteCountMax: min(Limits.answerByteCountMax, byteCountMax / 2 - kept.byteCount))
        {
            last = batch.times.last
            kept.put(batch)
        }
        while let edge = last, let batch = take(Limits.answerRowCountMax, before: edge) {
            kept.put(batch)
        }
        let first = runs.map(\.nextTime)
        self = kept
        return order == .newestFirst ? first.max() : first.min()
    }

    private init(empty other: EventPile) {
        order = other.order
        dataset = other.dataset
        loose = EventBatch(dataset: other.dataset)
    }
}
