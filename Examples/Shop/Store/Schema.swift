import GRDB

/// The tables of the shop.
enum Schema {
    static func migrate(_ pool: DatabasePool) throws {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 catalogue") { database in
            try database.execute(sql: catalogue)
            try Catalogue.seed(database)
        }
        migrator.registerMigration("2 orders") { try $0.execute(sql: orders) }
        migrator.registerMigration("3 queue") { try $0.execute(sql: queue) }
        try migrator.migrate(pool)
    }

    private static let catalogue = """
        CREATE TABLE products (
            id INTEGER PRIMARY KEY,
            sku TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            category TEXT NOT NULL,
            price_cents INTEGER NOT NULL CHECK (price_cents > 0),
            stock INTEGER NOT NULL CHECK (stock >= 0)
        );
        CREATE INDEX products_by_category ON products (category);
        """

    private static let orders = """
        CREATE TABLE carts (
            id TEXT PRIMARY KEY,
            shop_id TEXT NOT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE TABLE cart_items (
            cart_id TEXT NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
            product_id INTEGER NOT NULL REFERENCES products (id),
            quantity INTEGER NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (cart_id, product_id)
        );
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            shop_id TEXT NOT NULL,
            status TEXT NOT NULL,
            total_cents INTEGER NOT NULL,
            payment_method TEXT NOT NULL,
            payment_id TEXT NOT NULL,
            created_at INTEGER NOT NULL
        );
        CREATE INDEX orders_by_age ON orders (created_at);
        CREATE TABLE order_items (
            order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
            product_id INTEGER NOT NULL REFERENCES products (id),
            quantity INTEGER NOT NULL,
            price_cents INTEGER NOT NULL,
            PRIMARY KEY (order_id, product_id)
        );
        CREATE TABLE order_search (
            order_id INTEGER PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
            words TEXT NOT NULL
        );
        """

    private static let queue = """
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            order_id INTEGER NOT NULL,
            shop_id TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'ready',
            steps_done INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            run_at INTEGER NOT NULL,
            enqueued_at INTEGER NOT NULL,
            traceparent TEXT NOT NULL,
            last_error TEXT
        );
        CREATE INDEX jobs_by_turn ON jobs (state, run_at);
        """
}
