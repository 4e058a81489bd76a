import Synchronization

/// Elements that wait for the one task that takes them; bounded by count and weight.
final class WaitingLine<Element: Sendable>: Sendable {
    private struct State {
        var elements: [(element: Element, weight: Int)] = []
        var weight = 0
        var isStopped = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let countMax: Int
    private let weightMax: Int
    private let state = Mutex(State())

    init(countMax: Int, weightMax: Int = .max) {
        self.countMax = countMax
        self.weightMax = weightMax
    }

    /// Adds an element; false when there is no room.
    func add(_ element: Element, weight: Int = 0) -> Bool {
        let (isAdded, waiter) = state.withLock {
            state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard state.elements.count < countMax, state.weight + weight <= weightMax else {
                return (false, nil)
            }
            state.elements.append((element, weight))
            state.weight += weight
            defer { state.waiter = nil }
            return (true, state.waiter)
        }
        waiter?.resume()
        return isAdded
    }

    /// The first element, or nil when none waits.
    func take() -> Element? {
        state.withLock { state in
            guard !state.elements.isEmpty else { return nil }
            let first = state.elements.removeFirst()
            state.weight -= first.weight
            return first.element
        }
    }

    /// The first element, when there is one; nil after ``stop()`` when none is left.
    ///
    /// For one task at a time.
    func next() async -> Element? {
        while true {
            if let element = take() { return element }
            if state.withLock({ $0.isStopped }) { return nil }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mayGo = state.withLock { state in
                    if state.isStopped || !state.elements.isEmpty { return true }
                    state.waiter = continuation
                    return false
                }
                if mayGo { continuation.resume() }
            }
        }
    }

    /// Lets ``next()`` end when nothing is left.
    func stop() {
        let waiter = state.withLock { state in
            state.isStopped = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Undoes ``stop()``.
    func reopen() { state.withLock { $0.isStopped = false } }
}
