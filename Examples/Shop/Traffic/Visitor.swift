import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Carries out one visit over HTTP.
struct Visitor: Sendable {
    let client: HTTPClient
    let address: String
    let visit: Visit
    let isHurried: Bool

    private struct CartAnswer: Decodable { let cart: String }
    private struct CheckoutAnswer: Decodable { let order: Int64 }

    /// Visits the shop; a visitor who gets an error leaves, as visitors do.
    func run() async {
        var cart: String?
        var order: Int64?
        do {
            for (pause, step) in visit.steps {
                if !isHurried { try await Task.sleep(for: pause) }
                switch step {
                case .login(let user, let isRight):
                    let password = isRight ? "open sesame" : "open seasme"
                    _ = try await post(
                        "/login", "{\"user\":\"\(user)\",\"password\":\"\(password)\"}")
                case .signUp(let user):
                    _ = try await post("/signup", "{\"user\":\"\(user)\",\"password\":\"\"}")
                case .listByOldApp: _ = try await get("/v1/products")
                case .sendPhoto(let product):
                    _ = try await post(
                        "/products/\(product)/photos", String(repeating: "x", count: 4_000))
                case .list(let category):
                    _ = try await get("/products" + (category.map { "?category=\($0)" } ?? ""))
                case .view(let product):
                    _ = try await get("/products/\(product)")
                case .fillCart(let items):
                    let list = items.map {
                        "{\"product\":\($0.product),\"quantity\":\($0.quantity)}"
                    }
                    let body = "{\"items\":[\(list.joined(separator: ","))]}"
                    guard let answer = try await post("/cart", body) else { return }
                    cart = try JSONDecoder().decode(CartAnswer.self, from: answer).cart
                case .checkout(let method):
                    guard let cart else { return }
                    let body = "{\"cart\":\"\(cart)\",\"method\":\"\(method)\"}"
                    guard let answer = try await post("/checkout", body) else { return }
                    order = try JSONDecoder().decode(CheckoutAnswer.self, from: answer).order
                case .followOrder:
                    guard let order else { return }
                    _ = try await get("/orders/\(order)")
                case .strayPath(let path):
                    _ = try await get(path)
                }
            }
        } catch {
            // A visitor has nobody to tell; the services report what went wrong.
        }
    }

    private func get(_ path: String) async throws -> Data? {
        try await send(HTTPClientRequest(url: address + path))
    }

    private func post(_ path: String, _ body: String) async throws -> Data? {
        var request = HTTPClientRequest(url: address + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        return try await send(request)
    }

    /// The body of a good answer, nil for any other.
    private func send(_ request: HTTPClientRequest) async throws -> Data? {
        var request = request
        request.headers.add(name: "user-agent", value: visit.agent)
        request.headers.add(name: "x-shop-id", value: visit.shopID)
        request.headers.add(name: "x-region", value: visit.region)
        request.headers.add(name: "x-client-address", value: visit.clientAddress)
        let response = try await client.execute(
            request, timeout: .nanoseconds(Limits.visitorTimeout.nanoseconds))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (200..<300).contains(response.status.code) ? Data(body.readableBytesView) : nil
    }
}
