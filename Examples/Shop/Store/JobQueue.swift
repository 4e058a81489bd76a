import GRDB
import Perch

/// A job taken from the queue.
struct Job: Sendable {
    let id: Int64
    let kind: String
    let orderID: Int64
    let shopID: String
    /// Steps that an earlier attempt finished; they are not repeated.
    let stepsDone: Int
    let attempts: Int
    let enqueuedAt: Int64
    /// The span that enqueued the job.
    let origin: SpanContext?

    init(row: Row) {
        id = row["id"]
        kind = row["kind"]
        orderID = row["order_id"]
        shopID = row["shop_id"]
        stepsDone = row["steps_done"]
        attempts = row["attempts"]
        enqueuedAt = row["enqueued_at"]
        origin = SpanContext(traceparent: row["traceparent"])
    }
}

/// The queue in the database: `ready` → `running` → `done`, or `ready` again, or `dead`.
struct JobQueue: Sendable {
    let database: TracedDatabase

    /// Adds the job that fulfils an order, in the transaction that places the order.
    static func enqueueFulfilment(
        order: Int64, seconds: Int64, traceparent: String, in statements: Statements
    ) throws {
        try statements.execute(
            """
            INSERT INTO jobs (kind, order_id, shop_id, run_at, enqueued_at, traceparent)
            SELECT 'fulfil_order', id, shop_id, ?, ?, ? FROM orders WHERE id = ?
            """,
            [seconds, seconds, traceparent, order], on: "jobs")
    }

    /// Puts back what a stopped worker left half-done.
    func recover() async throws {
        try await database.write("recover jobs") { statements in
            try statements.execute(
                "UPDATE jobs SET state = 'ready' WHERE state = 'running'", on: "jobs")
        }
    }

    /// True when a job is due; cheap and without a span, since the worker asks all the time.
    func hasDueJobs(seconds: Int64) async throws -> Bool {
        try await database.pool.read { database in
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'ready' AND run_at <= ?)",
                arguments: [seconds]) ?? false
        }
    }

    func take(atMost count: Int, seconds: Int64) async throws -> [Job] {
        try await database.write("take jobs") { statements in
            try statements.rows(
                """
                UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id IN (
                    SELECT id FROM jobs WHERE state = 'ready' AND run_at <= ?
                    ORDER BY run_at, id LIMIT ?)
                RETURNING id, kind, order_id, shop_id, steps_done, attempts, enqueued_at,
                    traceparent
                """,
                [seconds, count], from: "jobs"
            ).map { Job(row: $0) }
        }
    }

    func finish(_ job: Job) async throws {
        try await database.write("finish job") { statements in
            try statements.execute(
                "UPDATE jobs SET state = 'done' WHERE id = ?", [job.id], on: "jobs")
            try statements.execute(
                "UPDATE orders SET status = 'fulfilled' WHERE id = ?", [job.orderID],
                on: "orders")
        }
    }

    /// Gives the job back for later, or makes it a dead letter when `retryAt` is nil.
    func fail(_ job: Job, stepsDone: Int, error: String, retryAt: Int64?) async throws {
        try await database.write("fail job") { statements in
            try statements.execute(
                """
                UPDATE jobs SET state = ?, steps_done = ?, last_error = ?, run_at = ifnull(?, run_at)
                WHERE id = ?
                """,
                [retryAt == nil ? "dead" : "ready", stepsDone, error, retryAt, job.id],
                on: "jobs")
            if retryAt == nil {
                try statements.execute(
                    "UPDATE orders SET status = 'stuck' WHERE id = ?", [job.orderID],
                    on: "orders")
            }
        }
    }

    /// What waits in the queue, for the gauges.
    func counts(seconds: Int64) async throws -> QueueCounts {
        try await database.pool.read { database in
            var states: [String: Int] = [:]
            let rows = try Row.fetchAll(
                database, sql: "SELECT state, count(*) AS jobs FROM jobs GROUP BY state")
            for row in rows { states[row["state"]] = row["jobs"] }
            let oldest = try Int64.fetchOne(
                database, sql: "SELECT min(enqueued_at) FROM jobs WHERE state = 'ready'")
            return QueueCounts(
                waiting: states["ready"] ?? 0, active: states["running"] ?? 0,
                completed: states["done"] ?? 0, failed: states["dead"] ?? 0,
                oldestAge: oldest.map { .seconds(max(0, seconds - $0)) })
        }
    }
}
