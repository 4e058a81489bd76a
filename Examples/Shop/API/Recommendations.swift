import HTTPTypes

/// What release 2.4.0 added, with its mistake: it breaks for products with an even number.
enum Recommendations {
    static func render(for product: Product) throws {
        guard product.id.isMultiple(of: 2) else { return }
        throw ShopFailure(
            "recommendations_missing",
            "Key 'related' not found while rendering recommendations",
            status: .internalServerError)
    }
}
