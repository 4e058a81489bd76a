import GRDB

extension Catalog {
    /// Marks the file as one that a version to come has migrated, for the test of the refusal.
    package func addMigrationOfNewerVersion() throws {
        try database.write { database in
            try database.execute(
                sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 newer')")
        }
    }
}
