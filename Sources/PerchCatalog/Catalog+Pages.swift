import GRDB
package import PerchModel

extension Catalog: PageStore {
    /// Deploys that are kept; the oldest go first.
    private static let deployCountMax = 20_000

    static func makePageTables(_ database: Database) throws {
        try database.create(table: "document") { table in
            table.column("kind", .text).notNull()
            table.column("name", .text).notNull()
            table.column("text", .text).notNull()
            table.column("author", .text)
            table.column("updated_nanos", .integer).notNull()
            table.column("version", .integer).notNull()
            table.primaryKey(["kind", "name"])
        }
        try database.create(table: "deploy") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("time_nanos", .integer).notNull().indexed()
            table.column("service", .text).notNull()
            table.column("version", .text).notNull()
            table.column("environment", .text).notNull()
            table.column("link", .text).notNull()
        }
    }

    package func documents(kind: String) async throws -> [StoredDocument] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM document WHERE kind = ? ORDER BY name",
                arguments: [kind]
            ).map { Self.document($0) }
        }
    }

    package func document(kind: String, name: String) async throws -> StoredDocument? {
        try await database.read { database in
            try Self.document(database, kind, name)
        }
    }

    package func save(_ document: StoredDocument, replacing: Int?) async throws -> Int? {
        try await database.write { database in
            let present = try Self.document(database, document.kind, document.name)?.version ?? 0
            guard replacing == nil || replacing == present else { return nil }
            try database.execute(
                sql: """
                    INSERT INTO document (kind, name, text, author, updated_nanos, version)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (kind, name) DO UPDATE SET text = excluded.text,
                    author = excluded.author, updated_nanos = excluded.updated_nanos,
                    version = excluded.version
                    """,
                arguments: [
                    document.kind, document.name, document.text, document.author,
                    document.updatedNanos, present + 1,
                ])
            return present + 1
        }
    }

    package func deleteDocument(kind: String, name: String) async throws -> Bool {
        try await database.write { database in
            try database.execute(
                sql: "DELETE FROM document WHERE kind = ? AND name = ?", arguments: [kind, name])
            return database.changesCount > 0
        }
    }

    package func insert(_ deploy: Deploy) async throws -> Bool {
        try await database.write { database in
            let before = try Row.fetchOne(
                database,
                sql: """
                    SELECT id, version FROM deploy WHERE service = ? AND environment = ?
                    AND time_nanos <= ? ORDER BY time_nanos DESC, id DESC LIMIT 1
                    """,
                arguments: [deploy.service, deploy.environment, deploy.timeNanos])
            if let before, before["version"] == deploy.version {
                // Who tells later may know more: a pipeline after the service itself.
                try database.execute(
                    sql: "UPDATE deploy SET link = ? WHERE id = ? AND link = '' AND ? <> ''",
                    arguments: [deploy.link, before["id"] as Int64, deploy.link])
                return false
            }
            try database.execute(
                sql: """
                    INSERT INTO deploy (time_nanos, service, version, environment, link)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    deploy.timeNanos, deploy.service, deploy.version, deploy.environment,
                    deploy.link,
                ])
            try database.execute(
                sql: """
                    DELETE FROM deploy WHERE id NOT IN
                    (SELECT id FROM deploy ORDER BY time_nanos DESC, id DESC LIMIT ?)
                    """,
                arguments: [Self.deployCountMax])
            return true
        }
    }

    package func deploys(
        service: String?, times: Range<Int64>, limit: Int
    ) async throws -> [Deploy] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM deploy WHERE time_nanos >= ? AND time_nanos < ?
                    AND (? IS NULL OR service = ?) ORDER BY time_nanos DESC, id DESC LIMIT ?
                    """,
                arguments: [times.lowerBound, times.upperBound, service, service, limit]
            ).map { row in
                Deploy(
                    timeNanos: row["time_nanos"], service: row["service"],
                    version: row["version"], environment: row["environment"], link: row["link"])
            }
        }
    }

    private static func document(
        _ database: Database, _ kind: String, _ name: String
    ) throws -> StoredDocument? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM document WHERE kind = ? AND name = ?",
            arguments: [kind, name]
        ).map { document($0) }
    }

    private static func document(_ row: Row) -> StoredDocument {
        StoredDocument(
            kind: row["kind"], name: row["name"], text: row["text"], author: row["author"],
            updatedNanos: row["updated_nanos"], version: row["version"])
    }
}
