import Perch

/// Which of two buttons a visitor sees, and whether they buy.
enum Experiments {
    private static let name = "checkout_button"

    static func filled(cart: String, _ perch: PerchService) {
        perch.products.assigned(name, variant: variant(of: cart), user: cart)
        perch.products.flag("express_checkout", variant: "on", user: cart)
    }

    static func bought(cart: String, _ perch: PerchService) {
        perch.products.converted(name, variant: variant(of: cart), user: cart)
        perch.business.conversion("purchase", user: cart)
    }

    /// By the id of the cart, so that it stays what it was.
    private static func variant(of cart: String) -> String {
        (cart.utf8.last ?? 0).isMultiple(of: 2) ? "green" : "blue"
    }
}
