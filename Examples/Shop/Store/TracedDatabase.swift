import GRDB

/// A database pool whose transactions and statements are spans of one service.
struct TracedDatabase: Sendable {
    let pool: DatabasePool
    let telemetry: Telemetry

    /// Runs statements that only read.
    func read<Result: Sendable>(
        _ body: @Sendable (Statements) throws -> Result
    ) async throws -> Result {
        let telemetry = telemetry
        let around = Telemetry.active
        return try await pool.read { database in
            try body(Statements(database: database, telemetry: telemetry, around: around))
        }
    }

    /// Runs statements in one transaction, in a span of its own that shows the wait for the lock.
    func write<Result: Sendable>(
        _ name: String, _ body: @Sendable (Statements) throws -> Result
    ) async throws -> Result {
        let telemetry = telemetry
        return try await telemetry.span(
            "transaction \(name)",
            attributes: [
                "db.system": "sqlite", "db.system.name": "sqlite", "db.namespace": "shop",
            ]
        ) { span in
            try await pool.write { database in
                try body(Statements(database: database, telemetry: telemetry, around: span))
            }
        }
    }
}

/// The statements of one transaction; each is a client span.
struct Statements {
    let database: Database
    let telemetry: Telemetry
    /// The span around: a database closure runs outside the task, so it is handed on.
    let around: Span?

    func rows(
        _ sql: String, _ arguments: StatementArguments = [], from table: String,
        file: String = #fileID, function: String = #function, line: Int = #line
    ) throws -> [Row] {
        try traced(sql, table, file, function, line) { span in
            let rows = try Row.fetchAll(database, sql: sql, arguments: arguments)
            span["db.response.returned_rows"] = .int(rows.count)
            return rows
        }
    }

    func execute(
        _ sql: String, _ arguments: StatementArguments = [], on table: String,
        file: String = #fileID, function: String = #function, line: Int = #line
    ) throws {
        try traced(sql, table, file, function, line) { _ in
            try database.execute(sql: sql, arguments: arguments)
        }
    }

    var lastInsertedRowID: Int64 { database.lastInsertedRowID }
    var changesCount: Int { database.changesCount }

    private func traced<Result>(
        _ sql: String, _ table: String, _ file: String, _ function: String, _ line: Int,
        _ body: (Span) throws -> Result
    ) rethrows -> Result {
        let operation = String(sql.prefix { $0.isLetter })
        let start = telemetry.now
        defer {
            telemetry.histogram(
                .databaseDuration, record: telemetry.seconds(since: start),
                attributes: [
                    "db.system.name": "sqlite", "db.operation.name": .string(operation),
                    "db.collection.name": .string(table),
                ])
        }
        return try telemetry.span(
            "\(operation) \(table)", .client, inside: around,
            attributes: [
                "db.system": "sqlite", "db.system.name": "sqlite", "db.namespace": "shop",
                "db.operation.name": .string(operation), "db.collection.name": .string(table),
                "db.query.text": .string(sql), "db.query.summary": "\(operation) \(table)",
            ], file: file, function: function, line: line, body)
    }
}
