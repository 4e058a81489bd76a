import GRDB

/// A product as visitors see it.
struct Product: Codable, Sendable {
    let id: Int64
    let sku: String
    let name: String
    let category: String
    let priceCents: Int
    let stock: Int

    init(row: Row) {
        id = row["id"]
        sku = row["sku"]
        name = row["name"]
        category = row["category"]
        priceCents = row["price_cents"]
        stock = row["stock"]
    }
}

/// Products in the database.
struct ProductStore: Sendable {
    let database: TracedDatabase

    func all() async throws -> [Product] {
        try await database.read { statements in
            try statements.rows(
                "SELECT id, sku, name, category, price_cents, stock FROM products ORDER BY id",
                from: "products"
            ).map { Product(row: $0) }
        }
    }

    func product(_ id: Int64) async throws -> Product? {
        try await database.read { statements in
            try statements.rows(
                """
                SELECT id, sku, name, category, price_cents, stock FROM products WHERE id = ?
                """,
                [id], from: "products"
            ).first.map { Product(row: $0) }
        }
    }
}
