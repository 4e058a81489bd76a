import GRDB

/// A cart on its way to the checkout.
struct CartTotal: Sendable {
    let shopID: String
    let itemCount: Int
    let totalCents: Int
}

/// An order as visitors see it.
struct Order: Codable, Sendable {
    let id: Int64
    let status: String
    let totalCents: Int
    let paymentMethod: String
    let items: [Item]

    struct Item: Codable, Sendable {
        let product: Int64
        let quantity: Int
        let priceCents: Int
    }
}

/// Carts and orders in the database.
struct OrderStore: Sendable {
    let database: TracedDatabase

    func createCart(
        _ id: String, shopID: String, items: [(product: Int64, quantity: Int)], seconds: Int64
    ) async throws {
        try await database.write("create cart") { statements in
            try statements.execute(
                "INSERT INTO carts (id, shop_id, created_at) VALUES (?, ?, ?)",
                [id, shopID, seconds], on: "carts")
            for item in items {
                try statements.execute(
                    """
                    INSERT INTO cart_items (cart_id, product_id, quantity) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity
                    """,
                    [id, item.product, item.quantity], on: "cart_items")
            }
        }
    }

    func cartTotal(_ id: String) async throws -> CartTotal? {
        try await database.read { statements in
            let rows = try statements.rows(
                """
                SELECT carts.shop_id, sum(quantity) AS pieces, sum(quantity * price_cents) AS total
                FROM carts JOIN cart_items ON cart_id = carts.id
                JOIN products ON products.id = product_id
                WHERE carts.id = ? GROUP BY carts.id
                """,
                [id], from: "cart_items")
            return rows.first.map {
                CartTotal(shopID: $0["shop_id"], itemCount: $0["pieces"], totalCents: $0["total"])
            }
        }
    }

    /// Turns a paid cart into an order and queues its fulfilment, both or neither.
    ///
    /// Returns nil when another checkout took the cart in the meantime.
    func place(
        cart: String, method: String, paymentID: String, seconds: Int64, traceparent: String
    ) async throws -> Int64? {
        try await database.write("place order") { statements in
            try statements.execute(
                """
                INSERT INTO orders
                    (shop_id, status, total_cents, payment_method, payment_id, created_at)
                SELECT carts.shop_id, 'paid', sum(quantity * price_cents), ?, ?, ?
                FROM carts JOIN cart_items ON cart_id = carts.id
                JOIN products ON products.id = product_id
                WHERE carts.id = ? GROUP BY carts.id
                """,
                [method, paymentID, seconds, cart], on: "orders")
            guard statements.changesCount == 1 else { return nil }
            let order = statements.lastInsertedRowID
            try statements.execute(
                """
                INSERT INTO order_items (order_id, product_id, quantity, price_cents)
                SELECT ?, product_id, quantity, price_cents
                FROM cart_items JOIN products ON products.id = product_id WHERE cart_id = ?
                """,
                [order, cart], on: "order_items")
            try statements.execute("DELETE FROM carts WHERE id = ?", [cart], on: "carts")
            try JobQueue.enqueueFulfilment(
                order: order, seconds: seconds, traceparent: traceparent, in: statements)
            return order
        }
    }

    func order(_ id: Int64) async throws -> Order? {
        try await database.read { statements in
            let orders = try statements.rows(
                "SELECT id, status, total_cents, payment_method FROM orders WHERE id = ?", [id],
                from: "orders")
            guard let order = orders.first else { return nil }
            let items = try statements.rows(
                "SELECT product_id, quantity, price_cents FROM order_items WHERE order_id = ?",
                [id], from: "order_items")
            return Order(
                id: order["id"], status: order["status"], totalCents: order["total_cents"],
                paymentMethod: order["payment_method"],
                items: items.map {
                    Order.Item(
                        product: $0["product_id"], quantity: $0["quantity"],
                        priceCents: $0["price_cents"])
                })
        }
    }
}
