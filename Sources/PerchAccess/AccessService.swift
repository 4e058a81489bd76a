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
        /// Wrong passwords by name, by address, and by name where the address is not known.
        var namesLimiter = AttemptLimiter(attemptsMax: Limits.loginsPerNameMax)
        var peersLimiter = AttemptLimiter(attemptsMax: Limits.loginsPerPeerMax)
        var peerlessLimiter = AttemptLimiter(attemptsMax: Limits.loginsWithoutPeerMax)
    }

    /// A key that was verified: what it opens, and which stored one it is.
    struct VerifiedKey: Sendable {
        var principal: Principal
        /// Nil for a key of the environment, which lasts as long as the process.
        var stored: StoredKey?
    }

    private static let passwordLengths = 10...200
    private static let nameLengths = 1...100

    private let store: any AccessStore
    private let now: @Sendable () -> Int64
    private let environmentSecrets: [(secret: String, kind: KeyKind)]
    private let worker = HashWorker()
    private let csrfKey = SymmetricKey(size: .bits256)
    private let state = Mutex(State())
    /// A hash of nothing anybody knows: checked when a name is unknown, so that the answer takes as
    /// long as for a known one.
    private let decoyHash: String

    /// Begins with what a store holds.
    ///
    /// `environmentSecrets` are keys that the operator set by the environment; `now` answers
    /// nanoseconds since 1970.
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
        guard Self.nameLengths.contains(name.count), Self.isPrintable(name) else {
            throw Failure("a key's name has 1 to 100 characters, no control characters")
        }
        let id = Hex.encode(SecretHash.random(byteCount: 6))
        let secret = "perch_\(kind.rawValue)_\(id)_\(Hex.encode(SecretHash.random(byteCount: 32)))"
        try await store.insert(
            StoredKey(
                id: id, kind: kind.rawValue, name: name, hash: try await hash(secret),
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

    /// Which key this secret is, or nil.
    func verify(secret: String) async throws -> VerifiedKey? {
        for known in environmentSecrets where SecretHash.isEqual(secret, known.secret) {
            return VerifiedKey(principal: Principal(rights: known.kind.rights))
        }
        let parts = secret.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "perch",
            let key = try await store.key(id: String(parts[2])),
            let kind = KeyKind(rawValue: key.kind), try await worker.matches(secret, key.hash)
        else { return nil }
        return VerifiedKey(principal: Principal(rights: kind.rights), stored: key)
    }

    /// Whether the key was not taken back since it was verified.
    func isCurrent(_ key: VerifiedKey) async throws -> Bool {
        guard let stored = key.stored else { return true }
        return try await store.key(id: stored.id) == stored
    }

    // MARK: Users

    /// The token of the link by which the first administrator sets a password; nil when there are
    /// users already.
    ///
    /// It is valid once, until the server stops.
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
        guard try await store.userCount() == 0 else {
            state.withLock { $0.firstRunToken = nil }
            throw Failure("there is an administrator already")
        }
        let isValid = state.withLock { state in
            guard let expected = state.firstRunToken, SecretHash.isEqual(expected, token) else {
                return false
            }
            state.firstRunToken = nil
            return true
        }
        guard isValid else { throw Failure("this link was used or is not valid") }
        do {
            try await setPassword(name: name, password: password)
        } catch {
            // Nobody was made, so the link must still be good.
            state.withLock { $0.firstRunToken = token }
            throw error
        }
    }

    /// Makes a user, or gives one a new password and ends their sessions.
    package func setPassword(name: String, password: String) async throws {
        try Self.check(name: name, password: password)
        try await store.upsert(
            StoredUser(name: name, hash: try await hash(password), createdNanos: now()))
    }

    private static func check(name: String, password: String) throws(Failure) {
        guard nameLengths.contains(name.count), isPrintable(name) else {
            throw Failure("a name has 1 to 100 characters, no control characters")
        }
        guard passwordLengths.contains(password.count) else {
            throw Failure("a password has 10 to 200 characters")
        }
    }

    private static func isPrintable(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    private func hash(_ secret: String) async throws -> String {
        do {
            return try await worker.make(secret)
        } catch is HashWorker.Busy {
            throw Self.busy
        }
    }

    private static let busy = Failure("too many logins at once; try again in a minute")

    // MARK: Sessions

    /// Logs a person in and answers the token for the cookie; nil for a wrong name or password.
    ///
    /// `peer` is the address it comes from, so that one address cannot lock a person out at all
    /// others; nil when it is not known.
    package func login(
        name: String, password: String, peer: String? = nil
    ) async throws -> String? {
        guard beginLogin(name, peer) else {
            throw Failure("too many wrong passwords; try again in a minute")
        }
        let known = try await store.user(name: name)
        let isValid: Bool
        do {
            // Text of any length would cost its length; no stored password is as long as this.
            let password = String(password.prefix(Self.passwordLengths.upperBound + 1))
            isValid = try await worker.matches(password, known?.hash ?? decoyHash)
        } catch {
            throw Self.busy
        }
        guard let user = known, isValid else { return nil }
        endLogin(name, peer)
        let token = Hex.encode(SecretHash.random(byteCount: 32))
        try await store.deleteSessions(expiredBefore: now())
        try await store.upsert(
            StoredSession(
                tokenHash: SecretHash.digest(token), user: user.name,
                expiresNanos: now() + Limits.sessionNanos))
        return token
    }

    private func beginLogin(_ name: String, _ peer: String?) -> Bool {
        let nowNanos = now()
        return state.withLock { state in
            guard let peer else { return state.peerlessLimiter.begin(name, nowNanos: nowNanos) }
            return state.peersLimiter.begin(peer, nowNanos: nowNanos)
                && state.namesLimiter.begin(name, nowNanos: nowNanos)
        }
    }

    /// Takes back the attempt, which was no wrong one.
    private func endLogin(_ name: String, _ peer: String?) {
        state.withLock { state in
            guard let peer else { return state.peerlessLimiter.succeed(name) }
            state.peersLimiter.succeed(peer)
            state.namesLimiter.succeed(name)
        }
    }

    /// The person of a session, or nil.
    ///
    /// A session in use lasts on.
    package func user(ofSession token: String) async throws -> String? {
        guard var session = try await store.session(tokenHash: SecretHash.digest(token)),
            session.expiresNanos > now()
        else { return nil }
        // Written once a day at most, not at every request.
        if session.expiresNanos < now() + Limits.sessionNanos - Limits.sessionTouchNanos {
            session.expiresNanos = now() + Limits.sessionNanos
            try await store.upsert(session)
        }
        return session.user
    }

    /// Ends a session.
    package func logout(token: String) async throws {
        try await store.deleteSession(tokenHash: SecretHash.digest(token))
    }

    /// The token that forms of a session carry.
    ///
    /// Empty text is the session of nobody.
    package func csrfToken(session token: String) -> String {
        Hex.encode(HMAC<SHA256>.authenticationCode(for: Array(token.utf8), using: csrfKey))
    }

    /// Whether a form carries its session's token.
    package func isCSRFToken(_ presented: String, session token: String) -> Bool {
        SecretHash.isEqual(presented, csrfToken(session: token))
    }
}
