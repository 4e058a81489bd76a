import HTTPTypes
import Hummingbird

/// The payment provider: takes a charge, declines it, fails or is slow.
struct PaymentsApp: Sendable {
    let outcomes: PaymentOutcomes
    let conditions: Conditions
    let telemetry: Telemetry

    struct ChargeAnswer: ResponseEncodable {
        let id: String
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/health") { _, _ in "ok" }
        router.post("/charges") { request, context in
            let charge = try await request.decode(as: PaymentsClient.Request.self, context: context)
            let answer = try await authorize(charge)
            return EditedResponse(status: .created, response: answer)
        }
    }

    private func authorize(_ charge: PaymentsClient.Request) async throws -> ChargeAnswer {
        let outcome = outcomes.next(
            method: charge.method, degraded: conditions.isActive(.paymentProviderSlow))
        return try await telemetry.span(
            "authorize",
            attributes: [
                "payment.method": .string(charge.method),
                "payment.amount": .double(Double(charge.amountCents) / 100),
                "payment.currency": "EUR",
            ]
        ) { span in
            await conditions.work(for: outcome.delay)
            span["payment.outcome"] = .string(outcome.verdict.rawValue)
            switch outcome.verdict {
            case .approved:
                return ChargeAnswer(id: "pay_\(span.context.spanIDText)")
            case .declined:
                throw ShopFailure(
                    "card_declined", "The issuer declined the payment: insufficient funds.",
                    status: .declined)
            case .failed:
                throw ShopFailure(
                    "network_failed", "The card network closed the connection.",
                    status: .badGateway)
            }
        }
    }
}
