import PerchModel

/// Rows of one batch in the order of a query, taken from the front.
struct EventRun: Sendable {
    let batch: EventBatch
    let byteCount: Int
    /// The rows; they stand by time.
    private let rows: [UInt32]
    private var position = 0
    private let order: EventQuery.Order

    init(_ batch: EventBatch, _ order: EventQuery.Order) {
        self.batch = batch
        self.order = order
        byteCount = batch.byteCount
        let times = batch.times
        var rows = times.indices.map { UInt32($0) }
        // Fast path: mostly rows come as they were written, or as an answer goes out.
        switch order {
        case .newestFirst:
            if zip(times, times.dropFirst()).allSatisfy(<=) {
                rows.reverse()
            } else if !zip(times, times.dropFirst()).allSatisfy(>=) {
                rows.sort { times[Int($0)] > times[Int($1)] }
            }
        case .oldestFirst, .unordered:
            if !zip(times, times.dropFirst()).allSatisfy(<=) {
                rows.sort { times[Int($0)] < times[Int($1)] }
            }
        }
        self.rows = rows
    }

    var rowCount: Int { rows.count - position }

    /// The time of the row in front; there is one.
    var nextTime: Int64 { batch.times[Int(rows[position])] }

    /// Takes the row in front.
    mutating func pop() -> UInt32 {
        position += 1
        return rows[position - 1]
    }

    /// How many rows come before or at `edge`.
    func rowCount(before edge: Int64) -> Int {
        var low = position
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if order.isBefore(batch.times[Int(rows[middle])], edge) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low - position
    }
}

extension EventQuery.Order {
    /// Whether a row of this time may go out before one at `edge`.
    func isBefore(_ time: Int64, _ edge: Int64) -> Bool {
        self == .newestFirst ? time >= edge : time <= edge
    }
}
