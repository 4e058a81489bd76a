import GRDB
import Logging
import Perch
import ServiceLifecycle

/// The worker's regular chores: new stock, old rows, and the sales report that
/// locks the database when it runs at the wrong hour.
struct Housekeeping: Service {
    private static let restockEverySeconds = 30
    private static let figuresEverySeconds = 5
    private static let refundEverySeconds = 60

    let queue: JobQueue
    let perch: PerchService
    let conditions: Conditions
    let clock: NanosecondClock

    func run() async throws {
        perch.jobs.watch(queue: "jobs") { [queue, clock] in
            try await queue.counts(seconds: clock() / 1_000_000_000)
        }
        let figures = Figures(
            database: queue.database, perch: perch, conditions: conditions, clock: clock)
        var tick = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            if tick % Self.restockEverySeconds == 5 {
                await job("restock", schedule: "every 30 s") { try await restock() }
            }
            if conditions.isActive(.databaseLock) {
                await job("sales_report", schedule: "at the wrong hour") { try await report() }
            }
            if tick % Self.figuresEverySeconds == 0 { try? await figures.count(tick: tick) }
            if tick % Self.refundEverySeconds == 20 {
                await job("settle_refunds", schedule: "every minute") {
                    try await figures.refund()
                }
            }
            await conditions.work(for: .seconds(1))
            tick += 1
        }
    }

    /// The SDK logs, traces and measures the job, and remembers how it went.
    private func job(
        _ name: String, schedule: String, _ body: () async throws -> Void
    ) async {
        var options = JobOptions()
        options.schedule = schedule
        try? await perch.jobs.run(name, options: options) { _ in try await body() }
    }

    /// Fills the shelves and forgets what is older than a day.
    private func restock() async throws {
        let oldest = clock() / 1_000_000_000 - Limits.keptSeconds
        let stock = try await queue.database.write("restock and prune") { statements in
            try statements.execute(
                "UPDATE products SET stock = ? WHERE stock < ?",
                [Catalogue.stockInitial, Catalogue.stockInitial / 3], on: "products")
            try statements.execute(
                "DELETE FROM jobs WHERE enqueued_at < ?", [oldest], on: "jobs")
            try statements.execute(
                "DELETE FROM orders WHERE created_at < ?", [oldest], on: "orders")
            try statements.execute(
                "DELETE FROM carts WHERE created_at < ?", [oldest], on: "carts")
            return try statements.rows(
                "SELECT category, sum(stock) AS units FROM products GROUP BY category",
                from: "products"
            ).map { (category: $0["category"] as String, units: $0["units"] as Int) }
        }
        for shelf in stock { perch.products.stock(shelf.units, category: shelf.category) }
        perch.products.lowStockItems(stock.filter { $0.units < Catalogue.stockLow * 4 }.count)
    }

    /// Keeps the write lock of the database for a while, on a connection of its own.
    private func report() async throws {
        try await queue.database.write("sales report") { statements in
            _ = try statements.rows(
                """
                SELECT payment_method, count(*) AS orders, sum(total_cents) AS cents
                FROM orders GROUP BY payment_method
                """, from: "orders")
            holdLock(forMilliseconds: 2_200)
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
