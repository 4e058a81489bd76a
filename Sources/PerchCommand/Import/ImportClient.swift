import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Sends lines to a server's door for samples as text.
struct ImportClient {
    enum Answer {
        case taken
        /// Some samples were refused, with the server's words.
        case partly(String)
        /// Nothing was taken: a line cannot be read, at a byte of the body.
        case malformed(String, atByte: Int)
    }

    var address: String
    var token: String?

    /// Sends one body; a server that is busy or away is waited for.
    func send(_ body: [UInt8], contentType: String) async throws -> Answer {
        var attempt = 1
        while true {
            let (status, text, wait) = try await post(body, contentType, attempt)
            switch status {
            case 200..<300: return .taken
            case 400:
                if text.contains("samples refused") { return .partly(text) }
                if let place = Self.place(text) { return .malformed(text, atByte: place) }
            case 0, 429, 500..<600:
                if attempt < ImportLimits.attemptCountMax {
                    attempt += 1
                    try await Task.sleep(for: .seconds(wait))
                    continue
                }
            default: break
            }
            throw QueryClient.Failure(
                description: status == 0 ? text : "\(address) answered \(status): \(text)")
        }
    }

    /// One attempt; status 0 when there is no answer.
    private func post(
        _ body: [UInt8], _ contentType: String, _ attempt: Int
    ) async throws -> (status: Int, text: String, waitSeconds: Int) {
        var request = HTTPClientRequest(url: address + "/api/v1/import/prometheus")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: contentType)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await QueryClient.http.execute(request, timeout: .seconds(150))
            let answer = try await response.body.collect(upTo: 1 << 20)
            let wait = response.headers.first(name: "Retry-After").flatMap { Int($0) }
            let text = String(buffer: answer).trimmingCharacters(in: .whitespacesAndNewlines)
            return (
                Int(response.status.code), text,
                min(60, max(1, wait ?? ImportLimits.retrySeconds))
            )
        } catch {
            // A server that was never there is more likely a wrong address than a restart.
            guard attempt > 1 else {
                throw QueryClient.Failure(description: "no answer from \(address): \(error)")
            }
            return (0, "no answer from \(address): \(error)", ImportLimits.retrySeconds)
        }
    }

    /// The byte in `… at byte 123`.
    private static func place(_ text: String) -> Int? {
        guard let range = text.range(of: "at byte ", options: .backwards) else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }
}
