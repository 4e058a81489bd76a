import Crypto
import Foundation
package import PerchModel
import Synchronization

/// Keys, users and sessions.
package final class AccessService: Sendable {
    /// Why something was not done, for the person who asked.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String

        init(_ description: String) {
            self.description = description
        }
    }

    private struct State {
        /// The one-time link's token, until it was used or somebody else made the first user.
        var firstRunToken: String?
        /// Wrong passwords by name in the current minute.
        var loginFailures: [String: Int] = [:]
        var failuresMinute: Int64 = 0
    }

    private static let sessionNanos: Int64 = 30 * 86_400 * 1_000_000_000
    private static let loginFailuresPerMinuteMax = 5
    private static let passwordLengths = 10...200
    private static let nameLengths = 1...100

    private let store: any AccessStore
    private let now: @Sendable () -> Int64
    private let environmentSecrets: [(secret: String, kind: KeyKind)]
    private let csrfKey = SymmetricKey(size: .bits256)
    private let state = Mutex(State())
    /// A hash of nothing anybody knows: checked when a name is unknown, so that the answer takes as
    /// long as for a known one.
    private let decoyHash: String

    /// - Parameters:
    ///   - environmentSecrets: keys that the operator set by the environment.
    ///   - now: nanoseconds since 1970.
    package init(
        store: any AccessStore, environmentSecrets: [(secret: String, kind: KeyKind)],
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.store = store
        self.environmentSecrets = environmentSecrets
        self.now = now
        decoyHash = try SecretHash.make(Hex.encode(SecretHash.random(byteCount: 16)))
    }

    // MARK: Keys

    /// Makes a key; its secret is told here once and kept nowhere.
    package func createKey(_ kind: KeyKind, name: String) async throws -> String {
        guard Self.nameLengths.contains(name.count) else {
            throw Failure("a key's name has 1 to 100 characters")
        }
        let id = Hex.encode(SecretHash.random(byteCount: 6))
        let secret = "perch_\(kind.rawValue)_\(id)_\(Hex.encode(SecretHash.random(byteCount: 32)))"
        try await store.insert(
            StoredKey(
                id: id, kind: kind.rawValue, name: name, hash: try SecretHash.make(secret),
                createdNanos: now()))
        return secret
    }

    /// All keys, without secrets.
    package func keys() async throws -> [StoredKey] {
        try await store.keys()
    }

    /// Takes a key back; false when there is none of that id.
    package func revokeKey(id: String) async throws -> Bool {
        try await store.deleteKey(id: id)
    }

    /// Whose secret this is, or nil.
    func principal(ofSecret secret: String) async throws -> Principal? {
        for known in environmentSecrets where SecretHash.isEqual(secret, known.secret) {
            return Principal(rights: known.kind.rights)
        }
        let parts = secret.split(separator: "_")
        guard parts.count == 4, parts[0] == "perch",
            let key = try await store.key(id: String(parts[2])),
            let kind = KeyKind(rawValue: key.kind), SecretHash.matches(secret, key.hash)
        else { return nil }
        return Principal(rights: kind.rights)
    }

    // MARK: Users

    /// The token of the link by which the first administrator sets a password; nil when there are
    /// users already. It is valid once, until the server stops.
    package func makeFirstRunToken() async throws -> String? {
        guard try await store.userCount() == 0 else { return nil }
        let token = Hex.encode(SecretHash.random(byteCount: 32))
        state.withLock { $0.firstRunToken = token }
        return token
    }

    /// Whether the link's token is the one that was made and not used.
    package func isFirstRunToken(_ token: String) -> Bool {
        state.withLock { $0.firstRunToken.map { SecretHash.isEqual($0, token) } ?? false }
    }

    /// Makes the first administrator and uses up the link.
    package func createFirstUser(token: String, name: String, password: String) async throws {
        try Self.check(name: name, password: password)
        let isValid = state.withLock { state in
            guard let expected = state.firstRunToken, SecretHash.isEqual(expected, token) else {
                return false
            }
            state.firstRunToken = nil
            return true
        }
        guard isValid else { throw Failure("this link was used or is not valid") }
        try await setPassword(name: name, password: password)
    }

    /// Makes a user, or gives one a new password and ends their sessions.
    package func setPassword(name: String, password: String) async throws {
        try Self.check(name: name, password: password)
        try await store.upsert(
            StoredUser(name: name, hash: try SecretHash.make(password), createdNanos: now()))
    }

    private static func check(name: String, password: String) throws(Failure) {
        guard nameLengths.contains(name.count) else {
            throw Failure("a name has 1 to 100 characters")
        }
        guard passwordLengths.contains(password.count) else {
            throw Failure("a password has 10 to 200 characters")
        }
    }

    // MARK: Sessions

    /// Logs a person in and answers the token for the cookie; nil for a wrong name or password.
    package func login(name: String, password: String) async throws -> String? {
        let minute = now() / 60_000_000_000
        let failures = state.withLock { state in
            if state.failuresMinute != minute || state.loginFailures.count > 4_096 {
                state.loginFailures = [:]
                state.failuresMinute = minute
            }
            return state.loginFailures[name] ?? 0
        }
        guard failures < Self.loginFailuresPerMinuteMax else {
            throw Failure("too many wrong passwords; try again in a minute")
        }
        let user = try await store.user(name: name)
        let isValid = SecretHash.matches(password, user?.hash ?? decoyHash)
        guard let user, isValid else {
            state.withLock { $0.loginFailures[name, default: 0] += 1 }
            return nil
        }
        let token = Hex.encode(SecretHash.random(byteCount: 32))
        try await store.deleteSessions(expiredBefore: now())
        try await store.upsert(
            StoredSession(
                tokenHash: SecretHash.digest(token), user: user.name,
                expiresNanos: now() + Self.sessionNanos))
        return token
    }

    /// The person of a session, or nil. A session in use lasts on.
    package func user(ofSession token: String) async throws -> String? {
        guard var session = try await store.session(tokenHash: SecretHash.digest(token)),
            session.expiresNanos > now()
        else { return nil }
        // Written once a day at most, not at every request.
        if session.expiresNanos < now() + Self.sessionNanos - 86_400_000_000_000 {
            session.expiresNanos = now() + Self.sessionNanos
            try await store.upsert(session)
        }
        return session.user
    }

    /// Ends a session.
    package func logout(token: String) async throws {
        try await store.deleteSession(tokenHash: SecretHash.digest(token))
    }

    /// The token that forms of a session carry. Empty text is the session of nobody.
    package func csrfToken(session token: String) -> String {
        Hex.encode(HMAC<SHA256>.authenticationCode(for: Array(token.utf8), using: csrfKey))
    }

    /// Whether a form carries its session's token.
    package func isCSRFToken(_ presented: String, session token: String) -> Bool {
        SecretHash.isEqual(presented, csrfToken(session: token))
    }
}
