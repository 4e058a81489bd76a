import GRDB

/// What the shop sells.
enum Catalogue {
    private static let articles: [(name: String, category: String, price: Int)] = [
        ("Travel kettle", "kitchen", 3_490), ("Pour-over set", "kitchen", 4_250),
        ("Espresso cup", "kitchen", 890), ("Cast-iron pan", "kitchen", 5_990),
        ("Chef's knife", "kitchen", 7_450), ("Bread tin", "kitchen", 1_990),
        ("Linen shirt", "clothing", 5_900), ("Rain jacket", "clothing", 12_900),
        ("Wool socks", "clothing", 1_490), ("Canvas belt", "clothing", 2_290),
        ("Straw hat", "clothing", 3_300), ("Running tights", "clothing", 4_990),
        ("Desk lamp", "home", 6_490), ("Wall clock", "home", 3_990),
        ("Cotton blanket", "home", 4_490), ("Picture frame", "home", 1_790),
        ("Door mat", "home", 2_490), ("Storage basket", "home", 2_190),
        ("Field notebook", "office", 690), ("Fountain pen", "office", 2_890),
        ("Paper tray", "office", 1_890), ("Cork board", "office", 2_650),
        ("Cable organiser", "office", 990), ("Monitor stand", "office", 7_990),
        ("Camping stove", "outdoor", 4_690), ("Head torch", "outdoor", 3_190),
        ("Dry bag", "outdoor", 2_390), ("Hammock", "outdoor", 5_490),
        ("Trekking poles", "outdoor", 8_900), ("Insulated bottle", "outdoor", 2_990),
    ]

    static let productCount = articles.count
    static let stockInitial = 120
    static let stockLow = 45

    static func seed(_ database: Database) throws {
        for (index, article) in articles.enumerated() {
            try database.execute(
                sql: """
                    INSERT INTO products (id, sku, name, category, price_cents, stock)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    index + 1, "\(article.category.prefix(3).uppercased())-\(1_000 + index)",
                    article.name, article.category, article.price, stockInitial,
                ])
        }
    }
}
