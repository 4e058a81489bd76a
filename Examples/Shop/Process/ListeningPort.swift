import Synchronization

/// The port that a server got, known once it listens.
final class ListeningPort: Sendable {
    private let port = Mutex<Int?>(nil)

    var current: Int? { port.withLock { $0 } }

    func set(_ value: Int?) {
        port.withLock { $0 = value }
    }

    /// Waits until the server listens; it takes milliseconds once in a run.
    func wait() async throws -> Int {
        while true {
            if let current { return current }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
