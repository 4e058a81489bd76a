import Synchronization

/// Hands out the batches of a query to the tasks that work on them, and their results in order.
///
/// Batches are begun in order, and none is begun that is far ahead of what was taken, so that
/// results that wait are few.
final class BatchQueue<Batch: Sendable>: Sendable {
    /// What became of the batch that is wanted next.
    enum Turn {
        case ready(Batch)
        /// Whoever asked is to make it.
        case mine
        /// Another is to be made meanwhile.
        case ahead(Int)
        /// Somebody is at it, and nothing else may be begun.
        case pending
    }

    private struct State {
        /// The first that nobody has begun.
        var next = 0
        var takenCount = 0
        var results: [Int: Batch] = [:]
        var isStopped = false
        /// Helpers that wait until they may begin another.
        var idle: [CheckedContinuation<Void, Never>] = []
        /// Waits for the batch that comes next.
        var taker: CheckedContinuation<Void, Never>?
    }

    private let count: Int
    private let aheadMax: Int
    private let state = Mutex(State())

    /// For `count` batches, of which `aheadMax` may be begun and not taken.
    init(count: Int, aheadMax: Int) {
        self.count = count
        self.aheadMax = aheadMax
    }

    // MARK: Helpers

    /// The batch to make next; nil when there is no more to do.
    func claim() async -> Int? {
        while true {
            let (claimed, isOver) = state.withLock { state in
                let isOver = state.isStopped || state.next == count
                return (isOver ? nil : begin(&state), isOver)
            }
            if claimed != nil || isOver { return claimed }
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isStopped || state.next == count || mayBegin(state) { return true }
                    state.idle.append(continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        }
    }

    func finish(_ number: Int, _ batch: Batch) {
        let taker = state.withLock { state in
            state.results[number] = batch
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume()
    }

    private func mayBegin(_ state: State) -> Bool {
        state.next < count && state.next < state.takenCount + aheadMax
    }

    private func begin(_ state: inout State) -> Int? {
        guard mayBegin(state) else { return nil }
        state.next += 1
        return state.next - 1
    }

    // MARK: The one that takes

    /// Takes the batch with this number, which is the next one.
    func take(_ number: Int) -> Turn {
        let (turn, idle) = state.withLock { state -> (Turn, CheckedContinuation<Void, Never>?) in
            if let batch = state.results.removeValue(forKey: number) {
                state.takenCount = number + 1
                return (.ready(batch), state.idle.popLast())
            }
            if state.next == number {
                state.next += 1
                state.takenCount = number + 1
                return (.mine, state.idle.popLast())
            }
            return (begin(&state).map { .ahead($0) } ?? .pending, nil)
        }
        idle?.resume()
        return turn
    }

    /// Waits until some batch is finished.
    func wait(for number: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.results[number] != nil { return true }
                state.taker = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Lets the helpers end.
    func stop() {
        let idle = state.withLock { state in
            state.isStopped = true
            defer { state.idle = [] }
            return state.idle
        }
        for continuation in idle { continuation.resume() }
    }
}
