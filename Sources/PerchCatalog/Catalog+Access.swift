import GRDB
package import PerchModel

extension Catalog: AccessStore {
    package func keys() async throws -> [StoredKey] {
        try await database.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM key ORDER BY created_nanos, id")
                .map { Self.key($0) }
        }
    }

    package func key(id: String) async throws -> StoredKey? {
        try await database.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM key WHERE id = ?", arguments: [id])
                .map { Self.key($0) }
        }
    }

    package func insert(_ key: StoredKey) async throws {
        try await database.write { database in
            try database.execute(
                sql: "INSERT INTO key (id, kind, name, hash, created_nanos) VALUES (?, ?, ?, ?, ?)",
                arguments: [key.id, key.kind, key.name, key.hash, key.createdNanos])
        }
    }

    package func deleteKey(id: String) async throws -> Bool {
        try await database.write { database in
            try database.execute(sql: "DELETE FROM key WHERE id = ?", arguments: [id])
            return database.changesCount > 0
        }
    }

    package func userCount() async throws -> Int {
        try await database.read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM user") ?? 0
        }
    }

    package func user(name: String) async throws -> StoredUser? {
        try await database.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM user WHERE name = ?", arguments: [name])
                .map { row in
                    StoredUser(
                        name: row["name"], hash: row["hash"], createdNanos: row["created_nanos"])
                }
        }
    }

    package func upsert(_ user: StoredUser) async throws {
        try await database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO user (name, hash, created_nanos) VALUES (?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET hash = excluded.hash
                    """,
                arguments: [user.name, user.hash, user.createdNanos])
            try database.execute(
                sql: "DELETE FROM session WHERE user = ?", arguments: [user.name])
        }
    }

    package func session(tokenHash: String) async throws -> StoredSession? {
        try await database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM session WHERE token_hash = ?", arguments: [tokenHash]
            ).map { row in
                StoredSession(
                    tokenHash: row["token_hash"], user: row["user"],
                    expiresNanos: row["expires_nanos"])
            }
        }
    }

    package func upsert(_ session: StoredSession) async throws {
        try await database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO session (token_hash, user, expires_nanos) VALUES (?, ?, ?)
                    ON CONFLICT (token_hash) DO UPDATE SET expires_nanos = excluded.expires_nanos
                    """,
                arguments: [session.tokenHash, session.user, session.expiresNanos])
        }
    }

    package func deleteSession(tokenHash: String) async throws {
        try await database.write { database in
            try database.execute(
                sql: "DELETE FROM session WHERE token_hash = ?", arguments: [tokenHash])
        }
    }

    package func deleteSessions(expiredBefore nanos: Int64) async throws {
        try await database.write { database in
            try database.execute(
                sql: "DELETE FROM session WHERE expires_nanos < ?", arguments: [nanos])
        }
    }

    private static func key(_ row: Row) -> StoredKey {
        StoredKey(
            id: row["id"], kind: row["kind"], name: row["name"], hash: row["hash"],
            createdNanos: row["created_nanos"])
    }
}
