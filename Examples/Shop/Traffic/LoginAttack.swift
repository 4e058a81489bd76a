import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Tries passwords of one account after the other, as long as the incident lasts.
struct LoginAttack: Service {
    let client: HTTPClient
    let port: ListeningPort
    let conditions: Conditions
    let random: SeededRandom

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await attack() }
    }

    private func attack() async throws {
        let address = "http://127.0.0.1:\(try await port.wait())/login"
        var random = random
        while true {
            try await Task.sleep(for: .milliseconds(400))
            guard conditions.isActive(.loginAttack) else { continue }
            let user = "user\(Int.random(in: 1...5, using: &random))"
            var request = HTTPClientRequest(url: address)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.headers.add(name: "user-agent", value: "python-requests/2.33")
            request.headers.add(name: "x-client-address", value: "198.51.100.66")
            request.headers.add(name: "x-region", value: "zz")
            request.body = .bytes(
                ByteBuffer(string: "{\"user\":\"\(user)\",\"password\":\"guess\"}"))
            let answer = try? await client.execute(
                request, timeout: .nanoseconds(Limits.visitorTimeout.nanoseconds))
            _ = try? await answer?.body.collect(upTo: 1 << 16)
        }
    }
}
