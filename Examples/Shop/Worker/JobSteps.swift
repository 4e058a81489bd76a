import GRDB
import HTTPTypes
import Perch
import Synchronization

/// The steps that fulfil an order, in their order.
enum JobStep: String, Sendable, CaseIterable {
    case reserveStock = "reserve_stock"
    case sendReceipt = "send_receipt"
    case updateSearch = "update_search"
}

/// Runs single steps.
struct JobSteps: Sendable {
    let database: TracedDatabase
    let perch: PerchService
    let conditions: Conditions
    let mail: MailServer

    func run(_ step: JobStep, of job: Job) async throws {
        switch step {
        case .reserveStock: try await reserveStock(job)
        case .sendReceipt: try await sendReceipt(job)
        case .updateSearch: try await updateSearch(job)
        }
    }

    private func reserveStock(_ job: Job) async throws {
        try await database.write("reserve stock") { statements in
            let missing = try statements.rows(
                """
                SELECT products.id FROM order_items JOIN products ON products.id = product_id
                WHERE order_id = ? AND stock < quantity
                """,
                [job.orderID], from: "order_items")
            if let row = missing.first {
                let product: Int64 = row["id"]
                throw ShopFailure(
                    "out_of_stock", "Product \(product) is out of stock.",
                    status: .internalServerError)
            }
            try statements.execute(
                """
                UPDATE products SET stock = stock - (
                    SELECT quantity FROM order_items
                    WHERE order_id = ? AND product_id = products.id)
                WHERE id IN (SELECT product_id FROM order_items WHERE order_id = ?)
                """,
                [job.orderID, job.orderID], on: "products")
        }
    }

    private func sendReceipt(_ job: Job) async throws {
        let notification = { (status: String) in
            perch.business.notification(
                status, channel: "email", id: "receipt-\(job.orderID)", template: "receipt")
        }
        do {
            try await perch.operations.external("mail.shop.example", "smtp send") { _ in
                let answer = mail.next(order: job.orderID)
                await conditions.work(for: answer.delay)
                guard let refusal = answer.refusal else { return }
                throw ShopFailure("mail_refused", refusal, status: .badGateway)
            }
            notification("delivered")
        } catch {
            notification("failed")
            throw error
        }
    }

    private func updateSearch(_ job: Job) async throws {
        try await database.write("update search") { statements in
            try statements.execute(
                """
                INSERT OR REPLACE INTO order_search (order_id, words)
                SELECT order_id, group_concat(lower(name), ' ')
                FROM order_items JOIN products ON products.id = product_id
                WHERE order_id = ? GROUP BY order_id
                """,
                [job.orderID], on: "order_search")
        }
    }
}

/// A mail server that is busy now and then, and that refuses some addresses for good.
final class MailServer: Sendable {
    struct Answer: Sendable {
        let delay: Duration
        let refusal: String?
    }

    private let random: Mutex<SeededRandom>

    init(random: SeededRandom) {
        self.random = Mutex(random)
    }

    func next(order: Int64) -> Answer {
        random.withLock { random in
            let delay = random.milliseconds(30...180)
            let isBusy = random.chance(0.06)
            if order % 41 == 40 {
                return Answer(delay: delay, refusal: "550 mailbox unavailable")
            }
            return Answer(delay: delay, refusal: isBusy ? "421 service not available" : nil)
        }
    }
}
