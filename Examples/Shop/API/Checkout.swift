import HTTPTypes
import Logging
import Perch
import Tracing

/// The checkout: total, payment, order, and the job that fulfils it.
struct Checkout: Sendable {
    let orders: OrderStore
    let payments: PaymentsClient
    let inventory: InventoryClient
    let perch: PerchService
    let clock: NanosecondClock

    struct Receipt: Sendable {
        let order: Int64
        let totalCents: Int
    }

    func place(cart: String, method: String) async throws -> Receipt {
        guard let total = try await orders.cartTotal(cart) else {
            throw ShopFailure("no_cart", "There is no such cart.", status: .notFound)
        }
        try await inventory.hold(cart: cart)
        let charge = try await payments.charge(
            PaymentsClient.Request(cart: cart, amountCents: total.totalCents, method: method),
            shopID: total.shopID)
        let order = try await enqueue(cart: cart, method: method, charge: charge)
        let amount = Double(total.totalCents) / 100
        perch.business.order(
            id: String(order), amount: amount, currency: "EUR", shop: total.shopID)
        // Some of what the shop sells is not for children.
        if order.isMultiple(of: 6) {
            perch.security.ageVerification(
                method: order.isMultiple(of: 4) ? "id_card" : "bank",
                isVerified: !order.isMultiple(of: 18), order: String(order))
        }
        Experiments.bought(cart: cart, perch)
        perch.business.revenue(amount, currency: "EUR", transaction: charge.id)
        perch.logger("checkout").info(
            "Order \(order) placed",
            metadata: [
                "order_id": "\(order)", "items": .stringConvertible(total.itemCount),
                "total": .stringConvertible(amount), "payment_method": .string(method),
                "shop_id": .string(total.shopID),
            ])
        return Receipt(order: order, totalCents: total.totalCents)
    }

    /// The producer span is the one that the worker's run links to.
    private func enqueue(cart: String, method: String, charge: Charge) async throws -> Int64 {
        try await perch.tracer.withSpan("send fulfil_order", ofKind: .producer) { span in
            span.attributes["messaging.system"] = "sqlite"
            span.attributes["messaging.destination.name"] = "jobs"
            let order = try await orders.place(
                cart: cart, method: method, paymentID: charge.id,
                seconds: clock() / 1_000_000_000, traceparent: span.ids.traceparent)
            guard let order else {
                throw ShopFailure("cart_taken", "The cart was checked out.", status: .conflict)
            }
            span.attributes["order.id"] = order
            return order
        }
    }
}
