import GRDB
import Hummingbird
import Logging
import Perch

/// `shop-inventory`: says what is in stock, and holds it for a cart.
struct InventoryApp: Sendable {
    let database: TracedDatabase
    let conditions: Conditions
    let perch: PerchService

    /// What a cart wants to have held.
    struct Wish: Codable, Sendable {
        let cart: String
    }

    struct Answer: ResponseEncodable {
        let held: Int
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/reservations") { request, context in
            let wish = try await request.decode(as: Wish.self, context: context)
            return EditedResponse(status: .created, response: try await hold(wish))
        }
    }

    private func hold(_ wish: Wish) async throws -> Answer {
        if conditions.isActive(.inventoryDown) {
            // Its disk is full: it answers, late, that it cannot.
            await conditions.work(for: .milliseconds(Int.random(in: 300...700)))
            throw ShopFailure(
                "inventory_down", "The stock cannot be read.", status: .serviceUnavailable)
        }
        let shelves = try await database.read { statements in
            try statements.rows(
                """
                SELECT sku, category, stock, quantity FROM cart_items
                JOIN products ON products.id = product_id WHERE cart_id = ?
                """,
                [wish.cart], from: "cart_items"
            ).map { row in
                Shelf(
                    sku: row["sku"], category: row["category"], stock: row["stock"],
                    quantity: row["quantity"])
            }
        }
        for shelf in shelves { try look(at: shelf, for: wish.cart) }
        return Answer(held: shelves.reduce(0) { $0 + $1.quantity })
    }

    private func look(at shelf: Shelf, for cart: String) throws {
        guard shelf.stock >= shelf.quantity else {
            perch.products.reservation("refused", sku: shelf.sku, order: cart)
            throw ShopFailure(
                "out_of_stock", "Article \(shelf.sku) is out of stock.", status: .conflict)
        }
        perch.products.reservation("held", sku: shelf.sku, order: cart)
        if shelf.stock < Catalogue.stockLow {
            perch.products.lowStock(
                sku: shelf.sku, units: shelf.stock, threshold: Catalogue.stockLow,
                category: shelf.category)
        }
    }

    private struct Shelf: Sendable {
        let sku: String
        let category: String
        let stock: Int
        let quantity: Int
    }
}
