import Synchronization

/// Bounds how many queries run at once; some more wait for their turn.
final class QueryTurns: Sendable {
    /// Too many wait already.
    struct Busy: Error {}

    /// The right to run; given back by `leave`, or when it is forgotten.
    final class Turn: Sendable {
        private let owner: QueryTurns
        private let hasLeft = Atomic(false)

        fileprivate init(_ owner: QueryTurns) {
            self.owner = owner
        }

        deinit { leave() }

        func leave() {
            if !hasLeft.exchange(true, ordering: .relaxed) { owner.leave() }
        }
    }

    private struct State {
        var runningCount = 0
        var nextID = 0
        /// In the order they came.
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state = Mutex(State())
    private let runningMax: Int
    private let waitingMax: Int

    init(runningMax: Int, waitingMax: Int) {
        self.runningMax = runningMax
        self.waitingMax = waitingMax
    }

    /// Waits for a turn.
    ///
    /// Throws ``Busy`` when too many wait, `CancellationError` when the task is cancelled.
    func enter() async throws -> Turn {
        let (id, isFree) = state.withLock { state in
            state.nextID += 1
            let isFree = state.runningCount < runningMax && !Task.isCancelled
            if isFree { state.runningCount += 1 }
            return (state.nextID, isFree)
        }
        // Fast path: nobody is ahead.
        if isFree { return Turn(self) }
        let hasTurn = try await withTaskCancellationHandler {
            try await wait(id)
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
        guard hasTurn else { throw CancellationError() }
        return Turn(self)
    }

    /// Answers false when the wait was cancelled.
    private func wait(_ id: Int) async throws -> Bool {
        var isBusy = false
        let hasTurn = await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if Task.isCancelled { return false }
                if state.runningCount < runningMax {
                    state.runningCount += 1
                    return true
                }
                guard state.waiting.count < waitingMax else {
                    isBusy = true
                    return false
                }
                state.waiting.append((id, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        if isBusy { throw Busy() }
        return hasTurn
    }

    /// Hands the turn to the next that waits.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.runningCount -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
