import Synchronization

/// The conditions that the services work under: the incident of the moment, and whether the shop
/// is closing.
final class Conditions: Sendable {
    private struct State {
        var incident: Incident?
        var closing = false
    }

    private let state = Mutex(State())

    var isClosing: Bool { state.withLock { $0.closing } }

    func isActive(_ incident: Incident) -> Bool {
        state.withLock { $0.incident == incident }
    }

    func begin(_ incident: Incident) {
        state.withLock { $0.incident = incident }
    }

    func end() {
        state.withLock { $0.incident = nil }
    }

    /// Ends incidents and every simulated delay, so that work in progress finishes soon.
    func close() {
        state.withLock { state in
            state.incident = nil
            state.closing = true
        }
    }

    /// Pretends to work for a while; shorter when the shop closes.
    func work(for duration: Duration) async {
        let end = ContinuousClock.now + duration
        while !isClosing {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return }
            do { try await Task.sleep(for: min(left, .milliseconds(50))) } catch { return }
        }
    }
}
