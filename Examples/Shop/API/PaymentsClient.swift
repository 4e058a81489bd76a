import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Logging
import Perch

/// A charge that the provider took.
struct Charge: Codable, Sendable {
    let id: String
}

/// Calls the payment provider over HTTP; tries once more when the provider's gateway fails.
struct PaymentsClient: Sendable {
    static let attemptsMax = 2

    let client: HTTPClient
    let port: ListeningPort
    let perch: PerchService

    struct Request: Codable, Sendable {
        let cart: String
        let amountCents: Int
        let method: String
    }

    func charge(_ charge: Request, shopID: String) async throws -> Charge {
        let payment = { (state: Business.PaymentState, reason: String?) in
            perch.business.payment(
                state, id: charge.cart, method: charge.method,
                amount: Double(charge.amountCents) / 100, currency: "EUR", reason: reason)
        }
        payment(.created, nil)
        let body = try JSONEncoder().encode(charge)
        do {
            let answer = try await retried(body, shopID: shopID)
            payment(.confirmed, nil)
            return answer
        } catch {
            payment(.failed, (error as? ShopFailure)?.code ?? "error")
            throw error
        }
    }

    private func retried(_ body: Data, shopID: String) async throws -> Charge {
        for attempt in 1...Self.attemptsMax {
            do {
                return try await post(body, shopID: shopID)
            } catch let failure as ShopFailure
                where failure.code == "provider_failed" && attempt < Self.attemptsMax
            {
                perch.logger("payments").warning(
                    "Payment provider failed, trying once more",
                    metadata: [
                        "attempt": .stringConvertible(attempt), "shop_id": .string(shopID),
                    ])
            }
        }
        // The last attempt returned or threw.
        throw ShopFailure("provider_failed", "The provider failed.", status: .badGateway)
    }

    /// The SDK makes the client span, hands the trace on, and measures.
    private func post(_ body: Data, shopID: String) async throws -> Charge {
        guard let port = port.current else {
            throw ShopFailure("provider_closed", "No provider yet.", status: .serviceUnavailable)
        }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/charges")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "x-shop-id", value: shopID)
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await perch.execute(
                request, on: client, timeout: Limits.paymentTimeout, target: "shop-payments")
            let answer = try await response.body.collect(upTo: 65_536)
            return try Self.read(answer, status: Int(response.status.code))
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw ShopFailure(
                "provider_timeout",
                "The payment provider did not answer within \(Limits.paymentTimeout).",
                status: .gatewayTimeout)
        }
    }

    private static func read(_ answer: ByteBuffer, status: Int) throws -> Charge {
        switch status {
        case 200, 201:
            return try JSONDecoder().decode(Charge.self, from: Data(answer.readableBytesView))
        case 402:
            throw ShopFailure(
                "card_declined", "The payment was declined.", status: .declined)
        default:
            throw ShopFailure(
                "provider_failed", "The payment provider answered \(status).",
                status: .badGateway)
        }
    }
}
