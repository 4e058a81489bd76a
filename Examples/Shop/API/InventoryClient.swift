import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Perch
import Synchronization

/// Asks the inventory to hold what is in a cart.
final class InventoryClient: Sendable {
    private let client: HTTPClient
    private let port: ListeningPort
    private let perch: PerchService
    private let isDegraded = Atomic(false)

    init(client: HTTPClient, port: ListeningPort, perch: PerchService) {
        self.client = client
        self.port = port
        self.perch = perch
    }

    /// Throws when an article is out of stock; an inventory that is down does not stop the sale.
    func hold(cart: String) async throws {
        let status = try? await post(InventoryApp.Wish(cart: cart))
        switch status {
        case 409:
            throw ShopFailure("out_of_stock", "An article is out of stock.", status: .conflict)
        case .some(200..<300):
            tell(isDegraded: false)
        default:
            // The worker finds out later whether it is there.
            tell(isDegraded: true)
            perch.logger("inventory").warning(
                "Sold without a reservation",
                metadata: ["cart_id": .string(cart), "status": "\(status ?? 0)"])
        }
    }

    /// Says it when it changes, not with each sale.
    private func tell(isDegraded now: Bool) {
        guard isDegraded.exchange(now, ordering: .relaxed) != now else { return }
        perch.operations.degraded("reservations", to: "none", now)
    }

    private func post(_ wish: InventoryApp.Wish) async throws -> UInt {
        guard let port = port.current else { return 503 }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/reservations")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(wish)))
        let response = try await perch.execute(
            request, on: client, timeout: Limits.inventoryTimeout, target: "shop-inventory")
        _ = try await response.body.collect(upTo: 65_536)
        return response.status.code
    }
}
