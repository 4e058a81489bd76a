import HTTPTypes

/// The checkout: total, payment, order, and the job that fulfils it.
struct Checkout: Sendable {
    let orders: OrderStore
    let payments: PaymentsClient
    let telemetry: Telemetry

    struct Receipt: Sendable {
        let order: Int64
        let totalCents: Int
    }

    func place(cart: String, method: String) async throws -> Receipt {
        guard let total = try await orders.cartTotal(cart) else {
            throw ShopFailure("no_cart", "There is no such cart.", status: .notFound)
        }
        let charge = try await payments.charge(
            PaymentsClient.Request(cart: cart, amountCents: total.totalCents, method: method),
            shopID: total.shopID)
        let order = try await enqueue(cart: cart, method: method, charge: charge)
        let labels: Attributes = ["payment.method": .string(method)]
        telemetry.counter(.orders, add: 1, attributes: labels)
        telemetry.counter(.revenue, add: Double(total.totalCents) / 100, attributes: labels)
        telemetry.log(
            .info, "Order \(order) placed", event: "order.placed",
            attributes: [
                "order.id": .int(Int(order)), "order.items": .int(total.itemCount),
                "order.total": .double(Double(total.totalCents) / 100),
                "payment.method": .string(method), "shop_id": .string(total.shopID),
            ])
        return Receipt(order: order, totalCents: total.totalCents)
    }

    /// The producer span is the one that the worker's spans link to.
    private func enqueue(cart: String, method: String, charge: Charge) async throws -> Int64 {
        try await telemetry.span(
            "send fulfil_order", .producer,
            attributes: [
                "messaging.system": "sqlite", "messaging.operation.type": "send",
                "messaging.destination.name": "jobs",
            ]
        ) { span in
            let order = try await orders.place(
                cart: cart, method: method, paymentID: charge.id,
                seconds: telemetry.now / 1_000_000_000, traceparent: span.context.traceparent)
            guard let order else {
                throw ShopFailure("cart_taken", "The cart was checked out.", status: .conflict)
            }
            span["order.id"] = .int(Int(order))
            return order
        }
    }
}
