import GRDB
import Perch

/// Numbers that the worker counts now and then: who is there, what waits in the shops, who answers.
struct Figures: Sendable {
    let database: TracedDatabase
    let perch: PerchService
    let conditions: Conditions
    let clock: NanosecondClock

    /// Runs every few seconds; `tick` counts seconds.
    func count(tick: Int) async throws {
        let since = clock() / 1_000_000_000 - 600
        let active = try await database.read { statements in
            try statements.rows(
                "SELECT count(*) AS carts FROM carts WHERE created_at > ?", [since], from: "carts"
            ).first.map { $0["carts"] as Int } ?? 0
        }
        perch.business.activeUsers(active, window: "10m")
        // Subscriptions change slowly.
        perch.business.activeSubscriptions(1_180 + tick / 300, plan: "basic")
        perch.business.activeSubscriptions(240 + tick / 900, plan: "plus")
        perch.operations.external("mail.shop.example", isUp: true)
        perch.operations.external(
            "card-network.example", isUp: !conditions.isActive(.paymentProviderSlow))
        tills(tick)
    }

    /// The tills of the shops work without a network, and send what they sold when there is one.
    private func tills(_ tick: Int) {
        let waited = tick % 120
        guard waited >= 5 else {
            perch.operations.offlineSync("tills", isSuccess: true, device: "till-3")
            perch.operations.offlineQueue("tills", depth: 0, oldestAge: nil)
            return
        }
        perch.operations.offlineQueue("tills", depth: waited / 6, oldestAge: .seconds(waited))
    }

    /// Gives money back for some orders of the last minutes.
    func refund() async throws {
        let orders = try await database.read { statements in
            try statements.rows(
                """
                SELECT payment_id, payment_method, total_cents FROM orders
                WHERE status = 'fulfilled' AND id % 23 = 0 ORDER BY id DESC LIMIT 1
                """, from: "orders"
            ).map {
                (
                    $0["payment_id"] as String, $0["payment_method"] as String,
                    $0["total_cents"] as Int
                )
            }
        }
        for (payment, method, cents) in orders {
            let amount = Double(cents) / 100
            perch.business.payment(
                .refunded, id: payment, method: method, amount: amount, currency: "EUR",
                reason: "returned")
            perch.business.notification(
                "sent", channel: "push", id: "refund-\(payment)", template: "refund")
        }
    }
}
