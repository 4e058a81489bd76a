/// A key for programs, without its secret.
package struct StoredKey: Sendable, Hashable {
    /// The public part, by which it is found; it stands in the secret too.
    package var id: String
    /// A word of `KeyKind`.
    package var kind: String
    /// What people call it.
    package var name: String
    /// The secret's hash with its salt and parameters.
    package var hash: String
    /// Nanoseconds since 1970.
    package var createdNanos: Int64

    package init(id: String, kind: String, name: String, hash: String, createdNanos: Int64) {
        self.id = id
        self.kind = kind
        self.name = name
        self.hash = hash
        self.createdNanos = createdNanos
    }
}

/// A person who may log in.
///
/// All are administrators.
package struct StoredUser: Sendable, Hashable {
    package var name: String
    /// The password's hash with its salt and parameters.
    package var hash: String
    /// Nanoseconds since 1970.
    package var createdNanos: Int64

    package init(name: String, hash: String, createdNanos: Int64) {
        self.name = name
        self.hash = hash
        self.createdNanos = createdNanos
    }
}

/// A browser that is logged in.
package struct StoredSession: Sendable, Hashable {
    /// SHA-256 of the cookie's token as hex: the token itself is kept nowhere.
    package var tokenHash: String
    package var user: String
    /// Nanoseconds since 1970.
    package var expiresNanos: Int64

    package init(tokenHash: String, user: String, expiresNanos: Int64) {
        self.tokenHash = tokenHash
        self.user = user
        self.expiresNanos = expiresNanos
    }
}

/// Where keys, users and sessions are kept.
///
/// What a method returned from is durable.
package protocol AccessStore: Sendable {
    func keys() async throws -> [StoredKey]
    func key(id: String) async throws -> StoredKey?
    func insert(_ key: StoredKey) async throws
    /// Answers false when there is none of that id.
    func deleteKey(id: String) async throws -> Bool

    func userCount() async throws -> Int
    func user(name: String) async throws -> StoredUser?
    /// Adds the user, or gives an existing one the new hash and ends their sessions.
    func upsert(_ user: StoredUser) async throws

    func session(tokenHash: String) async throws -> StoredSession?
    func upsert(_ session: StoredSession) async throws
    func deleteSession(tokenHash: String) async throws
    /// Removes what ended before this time.
    func deleteSessions(expiredBefore nanos: Int64) async throws
}
