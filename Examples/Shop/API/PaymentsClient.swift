import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1

/// A charge that the provider took.
struct Charge: Codable, Sendable {
    let id: String
}

/// Calls the payment provider over HTTP; tries once more when the provider's gateway fails.
struct PaymentsClient: Sendable {
    static let attemptsMax = 2

    let client: HTTPClient
    let port: ListeningPort
    let telemetry: Telemetry

    struct Request: Codable, Sendable {
        let cart: String
        let amountCents: Int
        let method: String
    }

    func charge(_ charge: Request, shopID: String) async throws -> Charge {
        var outcome = "error"
        defer {
            telemetry.counter(
                .payments, add: 1,
                attributes: [
                    "payment.method": .string(charge.method), "outcome": .string(outcome),
                ])
        }
        let body = try JSONEncoder().encode(charge)
        for attempt in 1...Self.attemptsMax {
            do {
                let answer = try await post(body, shopID: shopID, resend: attempt - 1)
                outcome = "approved"
                return answer
            } catch let failure as ShopFailure where failure.code == "card_declined" {
                outcome = "declined"
                throw failure
            } catch let failure as ShopFailure
                where failure.code == "provider_failed" && attempt < Self.attemptsMax
            {
                telemetry.log(
                    .warn, "Payment provider failed, trying once more",
                    attributes: ["attempt": .int(attempt), "shop_id": .string(shopID)])
            } catch let failure as ShopFailure where failure.code == "provider_timeout" {
                outcome = "timeout"
                throw failure
            }
        }
        // The last attempt returned or threw.
        throw ShopFailure("provider_failed", "The provider failed.", status: .badGateway)
    }

    private func post(_ body: Data, shopID: String, resend: Int) async throws -> Charge {
        guard let port = port.current else {
            throw ShopFailure("provider_closed", "No provider yet.", status: .serviceUnavailable)
        }
        let url = "http://127.0.0.1:\(port)/charges"
        var attributes: Attributes = [
            "http.request.method": "POST", "url.full": .string(url),
            "server.address": "127.0.0.1", "server.port": .int(port),
            "peer.service": "shop-payments", "shop_id": .string(shopID),
        ]
        if resend > 0 { attributes["http.request.resend_count"] = .int(resend) }
        return try await telemetry.span("POST", .client, attributes: attributes) { span in
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.headers.add(name: "traceparent", value: span.context.traceparent)
            request.headers.add(name: "x-shop-id", value: shopID)
            request.body = .bytes(ByteBuffer(bytes: body))
            let start = telemetry.now
            var labels: Attributes = [
                "http.request.method": "POST", "server.address": "127.0.0.1",
                "server.port": .int(port),
            ]
            defer {
                telemetry.histogram(
                    .clientDuration, record: telemetry.seconds(since: start), attributes: labels)
            }
            let answer: ByteBuffer
            let status: Int
            do {
                let response = try await client.execute(
                    request, timeout: .nanoseconds(Limits.paymentTimeout.nanoseconds))
                answer = try await response.body.collect(upTo: 65_536)
                status = Int(response.status.code)
            } catch let error as HTTPClientError where error == .deadlineExceeded {
                labels["error.type"] = "timeout"
                throw ShopFailure(
                    "provider_timeout",
                    "The payment provider did not answer within \(Limits.paymentTimeout).",
                    status: .gatewayTimeout)
            }
            span["http.response.status_code"] = .int(status)
            labels["http.response.status_code"] = .int(status)
            if status >= 400 {
                // The conventions make every 4xx and 5xx an error on the client's side.
                span.fail("HTTP \(status)")
                span["error.type"] = .string(String(status))
                labels["error.type"] = .string(String(status))
            }
            return try Self.read(answer, status: status)
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
