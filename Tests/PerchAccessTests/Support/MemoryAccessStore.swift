import PerchModel
import Synchronization

/// An `AccessStore` in memory.
final class MemoryAccessStore: AccessStore {
    private struct State {
        var keys: [StoredKey] = []
        var users: [String: StoredUser] = [:]
        var sessions: [String: StoredSession] = [:]
        var failsNext = false
    }

    struct Broken: Error {}

    private let state = Mutex(State())

    /// Lets the next write fail.
    func failNextWrite() {
        state.withLock { $0.failsNext = true }
    }

    private func write<Value>(_ change: (inout State) -> Value) throws -> Value {
        try state.withLock { state in
            guard !state.failsNext else {
                state.failsNext = false
                throw Broken()
            }
            return change(&state)
        }
    }

    func keys() async throws -> [StoredKey] { state.withLock { $0.keys } }

    func key(id: String) async throws -> StoredKey? {
        state.withLock { $0.keys.first { $0.id == id } }
    }

    func insert(_ key: StoredKey) async throws { try write { $0.keys.append(key) } }

    func deleteKey(id: String) async throws -> Bool {
        try write { state in
            let count = state.keys.count
            state.keys.removeAll { $0.id == id }
            return state.keys.count < count
        }
    }

    func userCount() async throws -> Int { state.withLock { $0.users.count } }

    func user(name: String) async throws -> StoredUser? { state.withLock { $0.users[name] } }

    func upsert(_ user: StoredUser) async throws {
        try write { state in
            state.users[user.name] = user
            state.sessions = state.sessions.filter { $0.value.user != user.name }
        }
    }

    func session(tokenHash: String) async throws -> StoredSession? {
        state.withLock { $0.sessions[tokenHash] }
    }

    func upsert(_ session: StoredSession) async throws {
        try write { $0.sessions[session.tokenHash] = session }
    }

    func deleteSession(tokenHash: String) async throws {
        try write { $0.sessions[tokenHash] = nil }
    }

    func deleteSessions(expiredBefore nanos: Int64) async throws {
        try write { state in
            state.sessions = state.sessions.filter { $0.value.expiresNanos >= nanos }
        }
    }

    var sessionHashes: [String] { state.withLock { Array($0.sessions.keys) } }
}
