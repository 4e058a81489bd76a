import HTTPTypes
import Hummingbird
import Perch
import Tracing

/// The payment provider: takes a charge, declines it, fails or is slow.
struct PaymentsApp: Sendable {
    let outcomes: PaymentOutcomes
    let conditions: Conditions
    let perch: PerchService

    struct ChargeAnswer: ResponseEncodable {
        let id: String
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.post("/charges") { request, context in
            let charge = try await request.decode(as: PaymentsClient.Request.self, context: context)
            let answer = try await authorize(charge)
            return EditedResponse(status: .created, response: answer)
        }
    }

    private func authorize(_ charge: PaymentsClient.Request) async throws -> ChargeAnswer {
        let outcome = outcomes.next(
            method: charge.method, degraded: conditions.isActive(.paymentProviderSlow))
        return try await perch.tracer.withSpan("authorize") { span in
            span.attributes["payment.method"] = charge.method
            span.attributes["payment.amount"] = Double(charge.amountCents) / 100
            span.attributes["payment.currency"] = "EUR"
            span.attributes["payment.outcome"] = outcome.verdict.rawValue
            await conditions.work(for: outcome.delay)
            switch outcome.verdict {
            case .approved:
                return ChargeAnswer(id: "pay_\(span.ids.spanID)")
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
