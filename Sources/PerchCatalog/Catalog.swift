import Foundation
import GRDB

/// The SQLite file of a data folder.
package final class Catalog: Sendable {
    /// Why the catalog could not be opened.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package var description: String
    }

    let database: DatabaseQueue

    /// Opens or makes the file, and brings its tables up to date.
    package init(path: String) throws {
        try Self.makeFile(path)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        // The command line may write beside a running server; each waits for the other.
        configuration.busyMode = .timeout(5)
        configuration.journalMode = .wal
        database = try DatabaseQueue(path: path, configuration: configuration)
        // After opening, since GRDB sets NORMAL for databases in WAL mode.
        let level = try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            return try Int.fetchOne(database, sql: "PRAGMA synchronous")
        }
        guard level == 2 else {
            throw Failure(description: "\(path): SQLite did not take synchronous = FULL")
        }
        let migrator = Self.migrator
        guard try !database.read({ try migrator.hasBeenSuperseded($0) }) else {
            throw Failure(
                description: "\(path) was written by a newer version of Perch; use that version")
        }
        try migrator.migrate(database)
    }

    /// Makes a new file readable by its owner only, before SQLite makes it readable by all: it
    /// holds hashes of passwords.
    ///
    /// SQLite gives the files beside it the same rights.
    private static func makeFile(_ path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw Failure(description: "\(path): cannot make this file") }
    }

    /// Closes the file.
    package func close() throws {
        try database.close()
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 access") { database in
            try database.create(table: "key") { table in
                table.primaryKey("id", .text)
                table.column("kind", .text).notNull()
                table.column("name", .text).notNull()
                table.column("hash", .text).notNull()
                table.column("created_nanos", .integer).notNull()
            }
            try database.create(table: "user") { table in
                table.primaryKey("name", .text)
                table.column("hash", .text).notNull()
                table.column("created_nanos", .integer).notNull()
            }
            try database.create(table: "session") { table in
                table.primaryKey("token_hash", .text)
                table.column("user", .text).notNull()
                    .references("user", column: "name", onDelete: .cascade)
                table.column("expires_nanos", .integer).notNull()
            }
        }
        migrator.registerMigration("2 pages") { database in
            try makePageTables(database)
        }
        return migrator
    }
}
