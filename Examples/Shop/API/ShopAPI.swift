import Foundation
import HTTPTypes
import Hummingbird
import Perch
import Tracing

/// The routes of `shop-api`.
struct ShopAPI: Sendable {
    let products: ProductStore
    let cache: ProductCache
    let orders: OrderStore
    let checkout: Checkout
    let conditions: Conditions
    let perch: PerchService
    let clock: NanosecondClock

    struct NewCart: Decodable {
        let items: [Item]

        struct Item: Decodable {
            let product: Int64
            let quantity: Int
        }
    }

    struct CartAnswer: ResponseEncodable {
        let cart: String
    }

    struct NewCheckout: Decodable {
        let cart: String
        let method: String
    }

    struct CheckoutAnswer: ResponseEncodable {
        let order: Int64
        let totalCents: Int
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/products") { request, _ in
            let category = request.uri.queryParameters["category"].map(String.init)
            perch.products.apiVersion("v2", isDeprecated: false)
            let all = try await cache.products()
            return all.filter { category == nil || $0.category == category }
        }
        router.get("/v1/products") { _, _ in
            perch.products.apiVersion("v1", isDeprecated: true)
            return try await cache.products()
        }
        router.get("/products/{id}") { _, context in
            try await product(context.parameters.require("id", as: Int64.self))
        }
        router.post("/cart") { request, context in
            let cart = try await request.decode(as: NewCart.self, context: context)
            let answer = try await create(cart, shopID: request.headers[.shopID] ?? "main")
            return EditedResponse(status: .created, response: answer)
        }
        router.post("/checkout") { request, context in
            let wish = try await request.decode(as: NewCheckout.self, context: context)
            let receipt = try await checkout.place(cart: wish.cart, method: wish.method)
            return EditedResponse(
                status: .created,
                response: CheckoutAnswer(order: receipt.order, totalCents: receipt.totalCents))
        }
        router.get("/orders/{id}") { _, context in
            let id = try context.parameters.require("id", as: Int64.self)
            guard let order = try await orders.order(id) else {
                throw ShopFailure("no_order", "There is no order \(id).", status: .notFound)
            }
            return order
        }
    }

    private func product(_ id: Int64) async throws -> Product {
        guard let product = try await products.product(id) else {
            throw ShopFailure("no_product", "There is no product \(id).", status: .notFound)
        }
        perch.products.viewed(sku: "\(id)", category: product.category)
        if conditions.isActive(.badDeploy) {
            try perch.tracer.withSpan("render recommendations") { span in
                span.attributes["shop.release"] = "2.4.0"
                try Recommendations.render(for: product)
            }
        }
        return product
    }

    private func create(_ cart: NewCart, shopID: String) async throws -> CartAnswer {
        guard !cart.items.isEmpty, cart.items.allSatisfy({ (1...99).contains($0.quantity) }) else {
            throw ShopFailure(
                "bad_cart", "A cart needs items, 1 to 99 of each.", status: .unprocessableContent)
        }
        let id = UUID().uuidString.lowercased()
        try await orders.createCart(
            id, shopID: shopID, items: cart.items.map { ($0.product, $0.quantity) },
            seconds: clock() / 1_000_000_000)
        Experiments.filled(cart: id, perch)
        return CartAnswer(cart: id)
    }
}

extension Product: ResponseEncodable {}
extension Order: ResponseEncodable {}
