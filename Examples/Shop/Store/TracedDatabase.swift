import GRDB
import Instrumentation
import Perch
import Tracing

/// A database pool whose transactions and statements are spans of one service.
struct TracedDatabase: Sendable {
    let pool: DatabasePool
    let perch: PerchService

    /// Runs statements that only read.
    func read<Result: Sendable>(
        _ body: @Sendable (Statements) throws -> Result
    ) async throws -> Result {
        let (operations, context) = (perch.operations, ServiceContext.current ?? .topLevel)
        return try await pool.read { database in
            try body(Statements(database: database, operations: operations, context: context))
        }
    }

    /// Runs statements in one transaction, in a span of its own that shows the wait for the lock.
    func write<Result: Sendable>(
        _ name: String, _ body: @Sendable (Statements) throws -> Result
    ) async throws -> Result {
        let operations = perch.operations
        return try await perch.tracer.withSpan("transaction \(name)") { span in
            span.attributes["db.system.name"] = "sqlite"
            let context = span.context
            return try await pool.write { database in
                try body(Statements(database: database, operations: operations, context: context))
            }
        }
    }
}

/// The statements of one transaction; each is a client span, measured by the SDK.
struct Statements {
    let database: Database
    let operations: Operations
    /// The database runs its work outside the task, so the context is handed on.
    let context: ServiceContext

    func rows(
        _ sql: String, _ arguments: StatementArguments = [], from table: String
    ) throws -> [Row] {
        try observed(sql, table) {
            try Row.fetchAll(database, sql: sql, arguments: arguments)
        }
    }

    func execute(
        _ sql: String, _ arguments: StatementArguments = [], on table: String
    ) throws {
        try observed(sql, table) { try database.execute(sql: sql, arguments: arguments) }
    }

    var lastInsertedRowID: Int64 { database.lastInsertedRowID }
    var changesCount: Int { database.changesCount }

    private func observed<Result>(
        _ sql: String, _ table: String, _ body: () throws -> Result
    ) rethrows -> Result {
        try operations.query(
            String(sql.prefix { $0.isLetter }), table: table, statement: sql, system: "sqlite",
            context: context, body)
    }
}
