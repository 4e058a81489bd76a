import PerchModel

/// Which run has the next row: a binary heap of runs by the time of the row in front.
struct EventRunHeap {
    private var items: [(run: Int, time: Int64)] = []
    private let order: EventQuery.Order

    init(_ order: EventQuery.Order) {
        self.order = order
    }

    var first: (run: Int, time: Int64)? { items.first }

    mutating func push(_ run: Int, _ time: Int64) {
        items.append((run, time))
        var child = items.count - 1
        while child > 0, precedes(items[child], items[(child - 1) / 2]) {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Gives the first run its next time, or takes it out when it has none.
    mutating func replaceFirst(_ time: Int64?) {
        if let time {
            items[0].time = time
        } else {
            items.swapAt(0, items.count - 1)
            items.removeLast()
        }
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < items.count && precedes(items[child], items[best]) {
                best = child
            }
            if best == parent { return }
            items.swapAt(parent, best)
            parent = best
        }
    }

    /// Rows of one time come in the order of the runs.
    private func precedes(_ left: (run: Int, time: Int64), _ right: (run: Int, time: Int64)) -> Bool
    {
        if left.time == right.time { return left.run < right.run }
        return (order == .newestFirst) == (left.time > right.time)
    }
}
