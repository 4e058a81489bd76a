import GRDB
import ServiceLifecycle

/// The worker's regular chores: the queue gauge, new stock, old rows, and the sales report that
/// locks the database when it runs at the wrong hour.
struct Housekeeping: Service {
    private static let restockEverySeconds = 30

    let queue: JobQueue
    let telemetry: Telemetry
    let conditions: Conditions

    func run() async throws {
        var tick = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await quietly { try await measureQueue() }
            if tick % Self.restockEverySeconds == 5 { await quietly { try await restock() } }
            if conditions.isActive(.databaseLock) { await quietly { try await report() } }
            await conditions.work(for: .seconds(1))
            tick += 1
        }
    }

    private func quietly(_ chore: () async throws -> Void) async {
        do {
            try await chore()
        } catch {
            telemetry.log(.error, "Housekeeping failed: \(error)", error: error)
        }
    }

    private func measureQueue() async throws {
        for (state, count) in try await queue.depth() {
            telemetry.gauge(
                .queueDepth, set: Double(count), attributes: ["state": .string(state)])
        }
    }

    /// Fills the shelves and forgets what is older than a day.
    private func restock() async throws {
        let oldest = telemetry.now / 1_000_000_000 - Limits.keptSeconds
        try await telemetry.span("restock and prune", parent: .none) { _ in
            try await queue.database.write("restock and prune") { statements in
                try statements.execute(
                    "UPDATE products SET stock = ? WHERE stock < ?",
                    [Catalogue.stockInitial, Catalogue.stockInitial / 3], on: "products")
                try statements.execute(
                    "DELETE FROM jobs WHERE enqueued_at < ?", [oldest], on: "jobs")
                try statements.execute(
                    "DELETE FROM orders WHERE created_at < ?", [oldest], on: "orders")
                try statements.execute(
                    "DELETE FROM carts WHERE created_at < ?", [oldest], on: "carts")
            }
        }
    }

    /// Keeps the write lock of the database for a while, on a connection of its own.
    private func report() async throws {
        try await telemetry.span("sales report", parent: .none) { _ in
            try await queue.database.write("sales report") { statements in
                _ = try statements.rows(
                    """
                    SELECT payment_method, count(*) AS orders, sum(total_cents) AS cents
                    FROM orders GROUP BY payment_method
                    """, from: "orders")
                holdLock(forMilliseconds: 2_200)
            }
        }
    }

    /// Blocks the database's own thread on purpose: that is what the incident is.
    private func holdLock(forMilliseconds milliseconds: Int) {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while ContinuousClock.now < end, !conditions.isClosing {
            Pause.block(milliseconds: 20)
        }
    }
}
