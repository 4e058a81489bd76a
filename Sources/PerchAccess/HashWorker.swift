import Synchronization

/// Runs scrypt, one hash at a time.
///
/// Each hash takes 16 MB and tens of milliseconds of a core. Without a turn to wait for, a flood of
/// wrong passwords would take all memory and every thread of the server.
final class HashWorker: Sendable {
    /// Too many wait already.
    struct Busy: Error {}

    private actor Lane {
        func make(_ secret: String) throws -> String { try SecretHash.make(secret) }
        func matches(_ secret: String, _ stored: String) -> Bool {
            SecretHash.matches(secret, stored)
        }
    }

    private let lane = Lane()
    private let waiting = Mutex(0)
    private let waitingMax: Int

    init(waitingMax: Int = Limits.hashesWaitingMax) {
        self.waitingMax = waitingMax
    }

    func make(_ secret: String) async throws -> String {
        try enter()
        defer { leave() }
        return try await lane.make(secret)
    }

    func matches(_ secret: String, _ stored: String) async throws(Busy) -> Bool {
        try enter()
        defer { leave() }
        return await lane.matches(secret, stored)
    }

    private func enter() throws(Busy) {
        let hasRoom = waiting.withLock { waiting in
            guard waiting < waitingMax else { return false }
            waiting += 1
            return true
        }
        if !hasRoom { throw Busy() }
    }

    private func leave() {
        waiting.withLock { $0 -= 1 }
    }
}
